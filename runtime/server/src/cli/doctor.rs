//! `trellis doctor`: is everything in order, and if not, why and what to do.

use std::fs;
use std::path::Path;

use clap::Args;
use serde_json::json;
use trellis_engine::doctor::{Ailment, Depth, Gravity, examine, mend};

use super::error::Error;
use super::output::{Done, Output, count};
use super::{Target, serve};

#[derive(Args, Clone, Debug)]
pub struct DoctorArgs {
    /// This tenant only.
    #[arg(long)]
    tenant: Option<String>,
    /// Compute every formula and roll-up again, and read every file.
    #[arg(long)]
    deep: bool,
    /// Make indexes again that are gone; with `--deep` also compute again what differs.
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    target: Target,
}

/// An ailment and whose it is.
#[derive(serde::Serialize)]
struct Finding {
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(flatten)]
    ailment: Ailment,
}

pub fn run(args: &DoctorArgs, output: &Output) -> Result<Done, Error> {
    if args.target.url.is_some() {
        return Err(Error::Usage("this command works on the data folder or database; leave --url away".into()));
    }
    let mut found = Vec::new();
    if args.target.database_url.is_none() {
        found.extend(folder(&args.target.data).map(|ailment| Finding { tenant: None, ailment }));
    }
    let mut examined = Vec::new();
    if found.is_empty() {
        let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
        let all = runtime.tenants()?.into_iter().map(|tenant| tenant.name);
        examined.extend(all.filter(|name| args.tenant.as_ref().is_none_or(|only| only == name)));
        if let (Some(name), true) = (&args.tenant, examined.is_empty()) {
            return Err(Error::Usage(format!("there is no tenant {name}")));
        }
        let depth = if args.deep { Depth::Deep } else { Depth::Quick };
        for name in &examined {
            let mut ailments = if args.fix { mend(&runtime, name, depth)? } else { Vec::new() };
            ailments.extend(examine(&runtime, name, depth));
            found.extend(ailments.into_iter().map(|ailment| Finding { tenant: Some(name.clone()), ailment }));
        }
    }
    output.answer(&json!({ "tenants": examined, "findings": found }), || {
        let lines: String = found.iter().map(|finding| line(finding, output)).collect();
        format!("{lines}{} examined, {}", count(examined.len(), "tenant"), count(found.len(), "finding"))
    });
    let is_ill = found.iter().any(|finding| finding.ailment.gravity == Gravity::Error);
    Ok(if is_ill { Done::Refused } else { Done::Clean })
}

/// The data folder must be there, and this user must be able to write in it.
fn folder(data: &Path) -> Option<Ailment> {
    let ailment = |cause: String, fix: &str| {
        Some(Ailment { gravity: Gravity::Error, check: "data folder", cause, fix: fix.to_owned() })
    };
    if !data.join("control.sqlite").is_file() {
        let cause = format!("{} holds no data", data.display());
        return ailment(cause, "name the folder the server uses with --data");
    }
    let probe = data.join(format!(".doctor-{}", uuid::Uuid::now_v7()));
    let written = fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe));
    let error = written.err()?;
    ailment(
        format!("{} cannot be written: {error}", data.display()),
        "run as the user that owns it, on a disk with room",
    )
}

fn line(finding: &Finding, output: &Output) -> String {
    let Ailment { gravity, check, cause, fix } = &finding.ailment;
    let gravity = match gravity {
        Gravity::Error => output.red("error"),
        Gravity::Warning => output.yellow("warning"),
        Gravity::Note => "note".to_owned(),
    };
    let tenant = finding.tenant.as_deref().map(|tenant| format!("{tenant}: ")).unwrap_or_default();
    format!("{gravity} {tenant}{check}: {cause}\n    fix: {fix}\n")
}
