//! `trellis plan` and `trellis apply`: from a folder of documents, or a saved plan, to a tenant.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trellis_engine::Caller;
use trellis_engine::publish::{self, Confirmation, DocumentChanges, Plan};

use super::author::{Files, read_folder};
use super::error::Error;
use super::findings::{is_error, lines, summary};
use super::output::{Done, Output};
use super::{Target, remote, serve};

#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    /// Folder of one or several packages.
    dir: PathBuf,
    #[arg(long)]
    tenant: String,
    /// Remove documents of these packages that have no file; without it they stay, and the plan names them.
    #[arg(long)]
    prune: bool,
    /// Save the plan, to be applied as it was shown.
    #[arg(short, long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// Package folder, or a plan saved with `trellis plan -o`.
    source: PathBuf,
    #[arg(long)]
    tenant: String,
    /// Remove documents of these packages that have no file; without it they stay, and the plan names them.
    #[arg(long)]
    prune: bool,
    /// Hash of the plan, where it risks anything.
    #[arg(long)]
    accept: Option<String>,
    #[command(flatten)]
    target: Target,
}

/// What is brought to a tenant, and whether what is missing goes.
#[derive(Clone)]
pub struct Bundle {
    pub files: Files,
    pub prune: bool,
}

impl Bundle {
    fn changes(&self) -> DocumentChanges {
        let changes = DocumentChanges::from_files(self.files.clone());
        if self.prune { changes.pruned() } else { changes }
    }
}

/// A plan on disk: the documents it was made of and what it would do to which revision.
#[derive(Serialize, Deserialize)]
struct Saved {
    files: Vec<(String, String)>,
    #[serde(default)]
    prune: bool,
    hash: String,
    revision: u64,
}

pub fn plan(args: PlanArgs, output: &Output) -> Result<Done, Error> {
    let bundle = Bundle { files: read_folder(&args.dir)?, prune: args.prune };
    let plan = match &args.target.url {
        Some(url) => remote::plan(url, args.target.token.as_deref(), &args.tenant, &bundle)?,
        None => {
            let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
            let tenant = runtime.tenant(&args.tenant)?;
            shown(&publish::plan(&tenant, bundle.changes())?)?
        }
    };
    output.answer(&plan, || describe(&plan, output));
    if refused(&plan) {
        return Ok(Done::Refused);
    }
    if let Some(out) = &args.out {
        save(out, bundle, &plan)?;
    }
    Ok(if nothing(&plan) { Done::Clean } else { Done::Pending })
}

pub fn apply(args: ApplyArgs, output: &Output) -> Result<Done, Error> {
    let (bundle, accept) = source(&args)?;
    if let Some(url) = &args.target.url {
        let token = args.target.token.as_deref();
        return match remote::apply(url, token, &args.tenant, &bundle, accept.as_deref()) {
            Err(error) if error.asks_for_confirmation() => {
                let plan = remote::plan(url, token, &args.tenant, &bundle)?;
                Ok(unconfirmed(&plan, accept.is_some(), output))
            }
            done => Ok(told(&done?, output)),
        };
    }
    let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
    let tenant = runtime.tenant(&args.tenant)?;
    let author = Caller::system(&tenant.pin());
    let confirmation = accept.map_or(Confirmation::SafeOnly, Confirmation::Hash);
    let message = "applied from the command line";
    settle(publish::apply(&tenant, bundle.changes(), &confirmation, &author, message), &confirmation, output)
}

/// What came of a publish: done, refused, or a plan that is to be confirmed first.
pub fn settle(
    outcome: Result<Plan, trellis_engine::Error>,
    confirmation: &Confirmation,
    output: &Output,
) -> Result<Done, Error> {
    use trellis_engine::Error::{Impossible, NeedsConfirmation};
    match outcome {
        Err(NeedsConfirmation { plan } | Impossible { plan }) => {
            Ok(unconfirmed(&shown(&plan)?, matches!(confirmation, Confirmation::Hash(_)), output))
        }
        done => Ok(told(&shown(&done?)?, output)),
    }
}

/// The plan that was not carried out, and what it takes.
fn unconfirmed(plan: &Value, was_accepted: bool, output: &Output) -> Done {
    let (why, done) = match (plan["level"] == "impossible", was_accepted) {
        (true, _) => ("nothing is changed: the records there are do not allow it", Done::Refused),
        (false, true) => ("nothing is changed: --accept names another plan than this one", Done::Refused),
        (false, false) => ("nothing is changed yet: accept this plan with --accept and its hash", Done::Pending),
    };
    output.answer(plan, || format!("{}\n{why}", describe(plan, output)));
    done
}

pub fn told(done: &Value, output: &Output) -> Done {
    output.answer(done, || {
        if nothing(done) || refused(done) {
            describe(done, output)
        } else {
            format!("{}\nrevision {}", describe(done, output), done["revision"])
        }
    });
    if refused(done) { Done::Refused } else { Done::Clean }
}

/// The documents to apply; a saved plan also says what was accepted.
fn source(args: &ApplyArgs) -> Result<(Bundle, Option<String>), Error> {
    if args.source.is_dir() {
        let bundle = Bundle { files: read_folder(&args.source)?, prune: args.prune };
        return Ok((bundle, args.accept.clone()));
    }
    let text = std::fs::read_to_string(&args.source).map_err(|error| Error::file(&args.source, error))?;
    let saved: Saved = serde_json::from_str(&text)
        .map_err(|error| Error::Usage(format!("{} is not a saved plan: {error}", args.source.display())))?;
    let files = saved.files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    let bundle = Bundle { files, prune: saved.prune || args.prune };
    Ok((bundle, Some(args.accept.clone().unwrap_or(saved.hash))))
}

/// Only of documents without errors, which therefore are text.
fn save(out: &Path, bundle: Bundle, plan: &Value) -> Result<(), Error> {
    let text = |bytes| String::from_utf8(bytes).map_err(|error| Error::Usage(error.to_string()));
    let files = bundle.files.into_iter().map(|(path, bytes)| Ok((path, text(bytes)?)));
    let saved = Saved {
        files: files.collect::<Result<_, Error>>()?,
        prune: bundle.prune,
        hash: plan["hash"].as_str().unwrap_or_default().to_owned(),
        revision: plan["revision"].as_u64().unwrap_or_default(),
    };
    let text = serde_json::to_string(&saved).map_err(|error| Error::Usage(error.to_string()))?;
    std::fs::write(out, text).map_err(|error| Error::file(out, error))
}

fn shown(plan: &Plan) -> Result<Value, Error> {
    serde_json::to_value(plan).map_err(|error| Error::Usage(error.to_string()))
}

fn refused(plan: &Value) -> bool {
    plan["diagnostics"].as_array().is_some_and(|all| all.iter().any(is_error))
}

fn nothing(plan: &Value) -> bool {
    !refused(plan)
        && plan["steps"].as_array().is_none_or(Vec::is_empty)
        && plan["documents"].as_array().is_none_or(Vec::is_empty)
}

fn describe(plan: &Value, output: &Output) -> String {
    let mut text = lines(&plan["diagnostics"], output);
    if refused(plan) {
        return text + summary(&plan["diagnostics"], output).as_str();
    }
    for stray in plan["strays"].as_array().into_iter().flatten() {
        let [kind, id] = ["kind", "id"].map(|key| stray[key].as_str().unwrap_or_default());
        text.push_str(&format!("  {} {kind} {id} has no file and stays; --prune removes it\n", output.yellow("?")));
    }
    if nothing(plan) {
        return text + "no changes";
    }
    for change in plan["documents"].as_array().into_iter().flatten() {
        text.push_str(&document(change, output));
    }
    for (index, summary) in plan["summary"].as_array().into_iter().flatten().enumerate() {
        text.push_str(&step(summary.as_str().unwrap_or_default(), &plan["verdicts"][index], output));
    }
    text.push_str(&format!("hash {}", plan["hash"].as_str().unwrap_or_default()));
    text
}

fn document(change: &Value, output: &Output) -> String {
    let (sign, removed) = match change["change"].as_str() {
        Some("add") => (output.green("+"), ""),
        Some("remove") => (output.red("-"), " is removed"),
        _ => (output.yellow("~"), ""),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rename = |rename: &Value| {
        let [what, from, to] = ["what", "from", "to"].map(|key| text(&rename[key]));
        format!("      rename {what} {from} to {to}\n")
    };
    let renames: String = change["renames"].as_array().into_iter().flatten().map(rename).collect();
    format!("  {sign} {} {}{removed}\n{renames}", text(&change["kind"]), text(&change["id"]))
}

fn step(summary: &str, verdict: &Value, output: &Output) -> String {
    let level = verdict["level"].as_str().unwrap_or_default();
    let colored = match level {
        "impossible" => output.red(level),
        "risky" => output.yellow(level),
        _ => output.green(level),
    };
    let reason = match level {
        "safe" => String::new(),
        _ => format!(" — {}", verdict["reason"].as_str().unwrap_or_default()),
    };
    format!("  {colored:<11} {summary}{reason}\n")
}
