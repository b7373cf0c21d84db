//! `trellis plan` and `trellis apply`: from a folder of documents, or a saved plan, to a tenant.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trellis_engine::Caller;
use trellis_engine::publish::{self, Confirmation, DocumentChanges, Plan};

use super::author::{lines, read_folder};
use super::error::Error;
use super::output::{Done, Output};
use super::{Target, remote, serve};

#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    /// Package folder.
    dir: PathBuf,
    #[arg(long)]
    tenant: String,
    /// Save the plan, to be applied as it was shown.
    #[arg(short, long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// Package folder, or a plan saved by `trellis plan -o`.
    source: PathBuf,
    #[arg(long)]
    tenant: String,
    /// Hash of the plan, where it risks anything.
    #[arg(long)]
    accept: Option<String>,
    #[command(flatten)]
    target: Target,
}

/// A plan on disk: the documents it was made of and what it would do to which revision.
#[derive(Serialize, Deserialize)]
struct Saved {
    files: Vec<(String, String)>,
    hash: String,
    revision: u64,
}

pub fn plan(args: PlanArgs, output: &Output) -> Result<Done, Error> {
    let files = read_folder(&args.dir)?;
    let plan = match &args.target.url {
        Some(url) => remote::plan(url, args.target.token.as_deref(), &args.tenant, &files)?,
        None => {
            let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
            let tenant = runtime.tenant(&args.tenant)?;
            shown(&publish::plan(&tenant, DocumentChanges::from_files(files.clone()))?)?
        }
    };
    output.answer(&plan, || describe(&plan, output));
    if refused(&plan) {
        return Ok(Done::Refused);
    }
    if let Some(out) = &args.out {
        save(out, files, &plan)?;
    }
    Ok(if nothing(&plan) { Done::Clean } else { Done::Pending })
}

pub fn apply(args: ApplyArgs, output: &Output) -> Result<Done, Error> {
    let (files, accept) = source(&args)?;
    let applied = match &args.target.url {
        Some(url) => remote::apply(url, args.target.token.as_deref(), &args.tenant, &files, accept.as_deref())?,
        None => {
            let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
            let tenant = runtime.tenant(&args.tenant)?;
            let confirmation = accept.map_or(Confirmation::SafeOnly, Confirmation::Hash);
            let author = Caller::system(&tenant.pin());
            shown(&publish::apply(
                &tenant,
                DocumentChanges::from_files(files),
                &confirmation,
                &author,
                "applied from the command line",
            )?)?
        }
    };
    output.answer(&applied, || {
        if nothing(&applied) {
            "no changes".into()
        } else {
            format!("{}\nrevision {}", describe(&applied, output), applied["revision"])
        }
    });
    Ok(if refused(&applied) { Done::Refused } else { Done::Clean })
}

/// Path in the package and text of each document.
type Files = Vec<(String, String)>;

/// The documents to apply; a saved plan also says what was accepted.
fn source(args: &ApplyArgs) -> Result<(Files, Option<String>), Error> {
    if args.source.is_dir() {
        return Ok((read_folder(&args.source)?, args.accept.clone()));
    }
    let text = std::fs::read_to_string(&args.source).map_err(|error| Error::file(&args.source, error))?;
    let saved: Saved = serde_json::from_str(&text)
        .map_err(|error| Error::Usage(format!("{} is not a saved plan: {error}", args.source.display())))?;
    Ok((saved.files, Some(args.accept.clone().unwrap_or(saved.hash))))
}

fn save(out: &Path, files: Vec<(String, String)>, plan: &Value) -> Result<(), Error> {
    let saved = Saved {
        files,
        hash: plan["hash"].as_str().unwrap_or_default().to_owned(),
        revision: plan["revision"].as_u64().unwrap_or_default(),
    };
    let text = serde_json::to_string(&saved).map_err(|error| Error::Usage(error.to_string()))?;
    std::fs::write(out, text).map_err(|error| Error::file(out, error))
}

pub fn shown(plan: &Plan) -> Result<Value, Error> {
    serde_json::to_value(plan).map_err(|error| Error::Usage(error.to_string()))
}

pub fn refused(plan: &Value) -> bool {
    plan["diagnostics"].as_array().is_some_and(|all| all.iter().any(|finding| finding["severity"] == "error"))
}

pub fn nothing(plan: &Value) -> bool {
    plan["steps"].as_array().is_none_or(Vec::is_empty) && plan["documents"].as_array().is_none_or(Vec::is_empty)
}

pub fn describe(plan: &Value, output: &Output) -> String {
    let findings: Vec<trellis_metadata::diagnostic::Diagnostic> = Vec::new();
    let mut text = String::new();
    for finding in plan["diagnostics"].as_array().into_iter().flatten() {
        let place =
            format!("{}:{}:{}", finding["file"].as_str().unwrap_or_default(), finding["line"], finding["column"]);
        text.push_str(&format!(
            "{place} {} {} {}\n",
            finding["code"].as_str().unwrap_or_default(),
            finding["severity"].as_str().unwrap_or_default(),
            finding["message"].as_str().unwrap_or_default()
        ));
    }
    if refused(plan) {
        return text;
    }
    if nothing(plan) {
        return if text.is_empty() {
            lines(&findings, output).replace("no findings", "no changes")
        } else {
            text + "no changes"
        };
    }
    for change in plan["documents"].as_array().into_iter().flatten() {
        let sign = match change["change"].as_str() {
            Some("add") => output.green("+"),
            Some("remove") => output.red("-"),
            _ => output.yellow("~"),
        };
        text.push_str(&format!(
            "  {sign} {} {}\n",
            change["kind"].as_str().unwrap_or_default(),
            change["id"].as_str().unwrap_or_default()
        ));
    }
    for (index, summary) in plan["summary"].as_array().into_iter().flatten().enumerate() {
        let verdict = &plan["verdicts"][index];
        let level = verdict["level"].as_str().unwrap_or_default();
        let colored = match level {
            "impossible" => output.red(level),
            "risky" => output.yellow(level),
            _ => output.green(level),
        };
        text.push_str(&format!("  {colored:<11} {}", summary.as_str().unwrap_or_default()));
        if level != "safe" {
            text.push_str(&format!(" — {}", verdict["reason"].as_str().unwrap_or_default()));
        }
        text.push('\n');
    }
    text.push_str(&format!("hash {}", plan["hash"].as_str().unwrap_or_default()));
    text
}

/// The body of the metadata API for these files.
pub fn body(files: &[(String, String)], hash: Option<&str>) -> Result<Value, Error> {
    let documents = files
        .iter()
        .map(|(path, text)| serde_json::from_str(text).map_err(|error| Error::Usage(format!("{path}: {error}"))));
    let documents: Vec<Value> = documents.collect::<Result<_, _>>()?;
    Ok(match hash {
        Some(hash) => json!({ "documents": documents, "hash": hash }),
        None => json!({ "documents": documents }),
    })
}
