//! `trellis import`: a file of rows into a tenant, on its data or through a running server.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};
use trellis_api::rest::CursorKey;
use trellis_engine::import::{self, Empty, Encoding, Existing, Intake, Moved, Options, Progress, Unreadable};
use trellis_engine::records::{Authority, Transaction};
use trellis_engine::{Caller, Error as EngineError, Job, Tenant, jobs};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Object;
use uuid::Uuid;

use super::error::Error;
use super::output::{Done, Output};
use super::{Target, remote, serve};
use crate::jobs::{Carrier, export, refused};

#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// `.csv` or `.tsv` with a header, or `.ndjson` with a record on each line.
    file: PathBuf,
    #[arg(long)]
    object: String,
    #[arg(long)]
    tenant: String,
    /// Fields of a unique key, by which rows find the records that are there.
    #[arg(long, value_delimiter = ',')]
    on_conflict: Vec<String>,
    /// What happens to a record that is there.
    #[arg(long, value_enum, default_value = "merge", requires = "on_conflict")]
    existing: OnExisting,
    /// What the columns are, in place of the header: fields, `lookup.key`, or `-` for one that is left out.
    #[arg(long, value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// The first line is a row already.
    #[arg(long, requires = "columns")]
    no_header: bool,
    /// Empty cells take values away.
    #[arg(long)]
    clear_empty: bool,
    /// Say what would come of it; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Of a file that is not UTF-8: gb18030, big5, …
    #[arg(long, default_value = "utf-8")]
    charset: String,
    /// Where rows that are refused are written, with what is wrong.
    #[arg(long)]
    errors: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnExisting {
    Merge,
    Ignore,
}

pub fn run(args: &ImportArgs, output: &Output) -> Result<Done, Error> {
    let is_table =
        !["ndjson", "jsonl"].contains(&args.file.extension().and_then(|end| end.to_str()).unwrap_or_default());
    let job = match &args.target.url {
        Some(url) => through_server(args, url, is_table)?,
        None => on_data(args, is_table, output)?,
    };
    let count = |name: &str| job[name].as_u64().unwrap_or_default();
    output.answer(&job, || told(args, &job));
    let is_whole = job["state"] == "done" && count("refused") == 0;
    Ok(if is_whole { Done::Clean } else { Done::Refused })
}

fn told(args: &ImportArgs, job: &Json) -> String {
    let count = |name: &str| job[name].as_u64().unwrap_or_default();
    let would = if args.dry_run { "would be " } else { "" };
    let mut text = format!(
        "{} rows: {} {would}created, {} {would}updated, {} unchanged, {} refused\n",
        count("rows") - count("blank"),
        count("created"),
        count("updated"),
        count("unchanged"),
        count("refused"),
    );
    for row in job["errors"].as_array().into_iter().flatten() {
        for error in row["errors"].as_array().into_iter().flatten() {
            let part = |name: &str| error[name].as_str().unwrap_or_default();
            let place = if part("field").is_empty() { String::new() } else { format!("{}: ", part("field")) };
            text.push_str(&format!("  line {}: {place}{}\n", row["line"], part("message")));
        }
    }
    if let Some(reason) = job["reason"].as_str() {
        text.push_str(&format!("stopped: {reason}\n"));
    }
    match (&args.errors, count("refused")) {
        (_, 0) => {}
        (Some(path), _) => text.push_str(&format!("refused rows are in {}\n", path.display())),
        (None, _) => text.push_str("help: --errors FILE keeps the refused rows\n"),
    }
    text
}

fn through_server(args: &ImportArgs, url: &str, is_table: bool) -> Result<Json, Error> {
    let mut query = vec![("wait", "60".to_owned())];
    if !args.on_conflict.is_empty() {
        query.push(("on_conflict", args.on_conflict.join(",")));
        query.push(("existing", if args.existing == OnExisting::Merge { "merge" } else { "ignore" }.to_owned()));
    }
    query.extend(args.columns.as_ref().map(|columns| ("columns", columns.join(","))));
    query.extend(args.no_header.then(|| ("header", "absent".to_owned())));
    query.extend(args.clear_empty.then(|| ("empty", "clear".to_owned())));
    query.extend(args.dry_run.then(|| ("dry_run", "true".to_owned())));
    query.push(("charset", args.charset.clone()));
    let base = url.trim_end_matches('/');
    let token = args.target.token.as_deref();
    let media = if is_table { "text/csv" } else { "application/x-ndjson" };
    let file = File::open(&args.file).map_err(|error| Error::file(&args.file, error))?;
    let address = format!("{base}/t/{}/api/v1/{}/import", args.tenant, args.object);
    let job = remote::send_file(&address, token, &query, media, file)?;
    let address = format!("{address}/{}", job["id"].as_str().unwrap_or_default());
    let job = remote::job(&address, token, job)?;
    if let (Some(path), Some(_)) = (&args.errors, job["error_file"].as_str()) {
        remote::fetch_file(&format!("{address}/errors"), token, path)?;
    }
    Ok(job)
}

fn on_data(args: &ImportArgs, is_table: bool, output: &Output) -> Result<Json, Error> {
    let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
    let tenant = runtime.tenant(&args.tenant)?;
    let secret = runtime.storage.control().secret()?;
    let encoding = Encoding::for_label(args.charset.as_bytes())
        .ok_or_else(|| Error::Usage(format!("no such charset: {}", args.charset)))?;
    let options = Options {
        is_table,
        has_header: !args.no_header,
        encoding,
        columns: args.columns.clone(),
        key: args.on_conflict.clone(),
        existing: (!args.on_conflict.is_empty()).then_some(if args.existing == OnExisting::Merge {
            Existing::Merge
        } else {
            Existing::Ignore
        }),
        empty: if args.clear_empty { Empty::Clear } else { Empty::Keep },
        dry_run: args.dry_run,
        locale: Locale::default(),
    };
    let job = receive(&tenant, &args.object, &args.file, options)?;
    carry_out(&tenant, &job, CursorKey::new(secret), output)?;
    let job = tenant.handle.read::<_, EngineError>(|session| Ok(jobs::find(session, job.id)?))?;
    let job = job.ok_or_else(|| Error::Usage("the job is gone".into()))?;
    let progress = import::progress(&job)?;
    if let (Some(path), true) = (&args.errors, progress.refused > 0) {
        write_refused(&tenant, &job, &progress, path)?;
    }
    Ok(json!({
        "id": job.id, "kind": "import", "object": args.object, "state": job.state.as_str(), "dry_run": args.dry_run,
        "rows": progress.rows, "created": progress.created, "updated": progress.updated,
        "unchanged": progress.unchanged, "blank": progress.blank, "refused": progress.refused,
        "reason": progress.reason, "errors": progress.samples,
    }))
}

/// Keeps the file in the tenant, cut into parts.
fn receive(tenant: &Arc<Tenant>, object: &str, path: &Path, options: Options) -> Result<Job, Error> {
    let mut file = File::open(path).map_err(|error| Error::file(path, error))?;
    let mut intake = Intake::new(options);
    let mut buffer = vec![0; 256 << 10];
    let (mut job, mut parts, mut rows) = (None, 0, 0);
    loop {
        let count = file.read(&mut buffer).map_err(|error| Error::file(path, error))?;
        let pieces = if count == 0 { intake.finish() } else { intake.push(&buffer[..count]) };
        for piece in pieces.map_err(unreadable)? {
            let id = match job {
                Some(id) => id,
                None => *job.insert(begin(tenant, object, &intake)?),
            };
            rows += piece.rows;
            write(tenant, move |tx| import::receive(tx, id, parts, &piece))?;
            parts += 1;
        }
        if count == 0 {
            break;
        }
    }
    let id = job.ok_or_else(|| Error::Usage(format!("{} has no row to import", path.display())))?;
    let before = intake.lines_before();
    write(tenant, move |tx| import::complete(tx, id, parts, rows, before))
}

fn begin(tenant: &Arc<Tenant>, object: &str, intake: &Intake) -> Result<Uuid, Error> {
    let pinned = tenant.pin();
    let object: &Object =
        pinned.snapshot.object_by_name(object).ok_or_else(|| Error::Usage(format!("there is no object {object}")))?;
    let request = intake.request();
    let findings = import::check(&pinned, &Caller::system(&pinned), object, &request);
    if !findings.is_empty() {
        return Err(EngineError::Invalid(findings).into());
    }
    let job = import::begin(object, Uuid::nil(), &request)?;
    let id = job.id;
    write(tenant, move |tx| tx.with_session(|session| Ok(jobs::add(session, &job)?)))?;
    Ok(id)
}

fn write<T: Send + 'static>(
    tenant: &Arc<Tenant>,
    job: impl Fn(&Transaction<'_>) -> Result<T, EngineError> + Send + Sync + 'static,
) -> Result<T, Error> {
    Ok(tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, job)?)
}

fn unreadable(why: Unreadable) -> Error {
    Error::Usage(match why {
        Unreadable::NotUtf8 { line } => {
            format!("what follows line {line} is not UTF-8; name the file's encoding: --charset gb18030")
        }
        Unreadable::TooLong { line } => {
            format!("the row at line {line} is longer than a megabyte; perhaps a quote is never closed")
        }
        Unreadable::OpenQuote { line } => format!("a quote in the row at line {line} is never closed"),
    })
}

fn carry_out(tenant: &Arc<Tenant>, job: &Job, key: CursorKey, output: &Output) -> Result<(), Error> {
    let carrier = Carrier::new(key);
    let bar = bar(import::progress(job)?.rows, output);
    while carrier.step(tenant, job.id)? == Moved::On {
        if let Some(job) = tenant.handle.read::<_, EngineError>(|session| Ok(jobs::find(session, job.id)?))? {
            let Progress { created, updated, unchanged, blank, refused, .. } = import::progress(&job)?;
            bar.set_position(created + updated + unchanged + blank + refused);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

pub(super) fn bar(rows: u64, output: &Output) -> ProgressBar {
    let bar = if output.watches() { ProgressBar::new(rows) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {pos}/{len} rows, {per_sec}, {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn write_refused(tenant: &Arc<Tenant>, job: &Job, progress: &Progress, path: &Path) -> Result<(), Error> {
    let request = import::request(job)?;
    let mut text = refused::header(&request);
    for number in 0..progress.parts {
        let outcome = export::part(&tenant.handle, job.id, number)?.unwrap_or_default();
        text.push_str(&refused::lines(&outcome, &request.format));
    }
    fs::write(path, text).map_err(|error| Error::file(path, error))
}
