//! `trellis export`: the records of an object as a file, from a tenant's data or a running server.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};
use trellis_api::rest::{CursorKey, ExportFormat, ExportQuery};
use trellis_engine::import::Moved;
use trellis_engine::records::Authority;
use trellis_engine::{Caller, Error as EngineError, Job, Tenant, jobs};
use trellis_metadata::label::Locale;

use super::error::Error;
use super::import::bar;
use super::output::{Done, Output};
use super::{Target, remote, serve};
use crate::jobs::{Carrier, export};

#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// File to write: `.csv` or `.ndjson`.
    file: PathBuf,
    #[arg(long)]
    object: String,
    #[arg(long)]
    tenant: String,
    /// What to write of which records, as of a list: `select=code,name&status=eq.active`.
    #[arg(long, default_value = "")]
    query: String,
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

pub fn run(args: &ExportArgs, output: &Output) -> Result<Done, Error> {
    let end = args.file.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let format = args.format.unwrap_or(if ["ndjson", "jsonl"].contains(&end) { Format::Ndjson } else { Format::Csv });
    let job = match &args.target.url {
        Some(url) => through_server(args, url, format)?,
        None => on_data(args, format, output)?,
    };
    let rows = job["rows"].as_u64().unwrap_or_default();
    match job["reason"].as_str() {
        Some(reason) => Err(Error::Usage(format!("the export stopped: {reason}"))),
        None => {
            output.answer(&job, || format!("{rows} rows in {}", args.file.display()));
            Ok(Done::Clean)
        }
    }
}

fn through_server(args: &ExportArgs, url: &str, format: Format) -> Result<Json, Error> {
    let token = args.target.token.as_deref();
    let format = if format == Format::Csv { "csv" } else { "ndjson" };
    let address = format!("{}/t/{}/api/v1/{}/export", url.trim_end_matches('/'), args.tenant, args.object);
    let and = if args.query.is_empty() { "" } else { "&" };
    let job = remote::begin(&format!("{address}?{}{and}format={format}&wait=60", args.query), token)?;
    let address = format!("{address}/{}", job["id"].as_str().unwrap_or_default());
    let job = remote::job(&address, token, job)?;
    if job["file"].is_string() {
        remote::fetch_file(&format!("{address}/file"), token, &args.file)?;
    }
    Ok(job)
}

fn on_data(args: &ExportArgs, format: Format, output: &Output) -> Result<Json, Error> {
    let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
    let tenant = runtime.tenant(&args.tenant)?;
    let secret = runtime.storage.control().secret()?;
    let pinned = tenant.pin();
    let object = pinned.snapshot.object_by_name(&args.object);
    let object = object.ok_or_else(|| Error::Usage(format!("there is no object {}", args.object)))?;
    let format = if format == Format::Csv { ExportFormat::Csv } else { ExportFormat::Ndjson };
    let query = ExportQuery { format, wait: std::time::Duration::ZERO, list: args.query.clone() };
    let caller = Caller::system(&pinned);
    let job = export::begin(&tenant, &pinned, &caller, object, &CursorKey::new(secret), &query).map_err(|problem| {
        let texts: Vec<String> = problem.errors.iter().map(|error| error.text(Locale::En)).collect();
        Error::Usage(texts.join("; "))
    })?;
    let kept = job.clone();
    tenant.write_blocking(caller, Authority::System, move |tx| {
        tx.with_session(|session| Ok(jobs::add(session, &kept)?))
    })?;
    let carrier = Carrier::new(CursorKey::new(secret));
    let bar = bar(0, output);
    while carrier.step(&tenant, job.id)? == Moved::On {
        bar.inc(u64::from(trellis_engine::request::MAX_LIMIT));
    }
    bar.finish_and_clear();
    write(&tenant, &job, &args.file)
}

fn write(tenant: &Arc<Tenant>, job: &Job, path: &Path) -> Result<Json, Error> {
    let job = tenant.handle.read::<_, EngineError>(|session| Ok(jobs::find(session, job.id)?))?;
    let job = job.ok_or_else(|| Error::Usage("the job is gone".into()))?;
    let progress: export::Progress =
        serde_json::from_value(job.progress.clone()).map_err(|error| Error::Usage(error.to_string()))?;
    let mut file = File::create(path).map_err(|error| Error::file(path, error))?;
    for number in 0..progress.parts {
        let text = export::part(&tenant.handle, job.id, number)?.unwrap_or_default();
        file.write_all(text.as_bytes()).map_err(|error| Error::file(path, error))?;
    }
    let id = job.id;
    // It lies in the file now.
    tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
        tx.with_session(|session| Ok(jobs::forget_parts(session, id)?))
    })?;
    Ok(
        json!({ "id": job.id, "kind": "export", "state": job.state.as_str(), "rows": progress.rows, "reason": progress.reason }),
    )
}
