//! Imports: files of rows, written through the pipeline part by part.
//!
//! A file is cut at the ends of its records while it comes in; each part is carried out in one transaction together with
//! what came of it, so that whatever kills the process, the next one goes on behind the last part that is done. A row
//! that is refused does not hold up the others. Knows no file and no request: who calls hands in text and asks for the
//! next step.

mod columns;
mod cut;
mod intake;
mod outcome;
mod part;
mod rows;
mod undo;

use std::sync::Arc;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{FieldIndex, Object, Snapshot, system_field};
use trellis_storage::jobs::{self, Part};
use trellis_storage::{Job, JobKind, JobState};
use uuid::Uuid;

pub use cut::{LONGEST_RECORD, Piece, Unreadable};
pub use encoding_rs::Encoding;
pub use intake::{Intake, Options};
pub use outcome::{Outcome, Refused, Told};

use crate::caller::Caller;
use crate::identity::load_actor;
use crate::records::{Authority, Transaction};
use crate::tenant::{Pinned, Tenant};
use crate::{Error, Finding, FindingCode};

/// How the rows are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Format {
    Csv { delimiter: char },
    Ndjson,
}

/// What happens to a record that has the key of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// The row changes it.
    Merge,
    /// It stays as it is.
    Ignore,
}

/// What an empty cell means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// Nothing: a new record gets its default, another keeps its value.
    #[default]
    Keep,
    /// No value.
    Clear,
}

/// What was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    #[serde(flatten)]
    pub format: Format,
    /// What each column of the file is: the name of a field, `lookup.key`, or nothing where it is left out. Of a file
    /// whose rows name their fields themselves, empty.
    pub columns: Vec<String>,
    /// How the columns are headed in the file.
    pub header: Vec<String>,
    /// Fields of a declared unique key. Empty: every row becomes a new record.
    pub key: Vec<String>,
    pub existing: Option<Existing>,
    pub empty: Empty,
    /// Says what would come of it, and writes nothing.
    pub dry_run: bool,
    /// Of what is said about refused rows.
    pub locale: Locale,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Parts handed in, and those that are carried out, or are left to be taken back.
    pub parts: u64,
    pub next: u64,
    /// Lines of the file before the next part.
    pub lines: u64,
    /// Rows handed in, blank ones too.
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    /// The same as before, or left alone as asked.
    pub unchanged: u64,
    pub blank: u64,
    pub refused: u64,
    /// Records taken back, and those that were changed meanwhile and stay.
    pub undone: u64,
    pub kept: u64,
    /// The first rows that were refused.
    pub samples: Vec<Refused>,
    /// Why it stopped.
    pub reason: Option<String>,
}

/// Says what a finding means to a person.
pub type Teller = Arc<dyn Fn(&Finding, Locale) -> String + Send + Sync>;

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    On,
    Ended,
}

/// Every finding about the columns and the key, before a row is looked at.
pub fn check(pinned: &Pinned, caller: &Caller, object: &Object, request: &Request) -> Vec<Finding> {
    let finder = columns::Finder { snapshot: &pinned.snapshot, profile: &caller.profile, object };
    let mut findings = Vec::new();
    for name in request.columns.iter().filter(|name| !name.is_empty()) {
        if let Err(code) = finder.find(name) {
            findings.push(columns::finding(name, code));
        }
    }
    let field = |name: &String| finder.find(name).ok().map(columns::Column::field);
    for name in &request.key {
        let is_given = |key| request.columns.is_empty() || request.columns.iter().any(|given| field(given) == key);
        if field(name).is_none_or(|key| !is_given(Some(key))) {
            findings.push(Finding::new(format!("/{name}"), FindingCode::Required));
        }
    }
    findings
}

/// The fields of the key.
fn key(object: &Object, request: &Request) -> Vec<FieldIndex> {
    let index = |name: &String| match name.as_str() {
        "id" => Some(system_field::ID),
        name => object.field_by_name(name).map(|field| field.index),
    };
    request.key.iter().filter_map(index).collect()
}

fn object_of<'s>(snapshot: &'s Snapshot, job: &Job) -> Option<&'s Object> {
    snapshot.objects.iter().find(|object| object.id.as_str() == job.object)
}

/// The cells of a header.
fn cells(header: &cut::Header, delimiter: char) -> Vec<String> {
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(delimiter).has_headers(false).flexible(true).from_reader(header.text.as_bytes());
    let record = reader.into_records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// A job whose parts are handed in by [`receive`].
pub fn begin(object: &Object, user: Uuid, request: &Request) -> Result<Job, Error> {
    Ok(Job {
        id: Uuid::now_v7(),
        kind: JobKind::Import,
        object: object.id.to_string(),
        user,
        state: JobState::Receiving,
        request: json(request)?,
        progress: json(&Progress::default())?,
        at: Utc::now(),
        done_at: None,
    })
}

/// Takes the next piece of the file.
pub fn receive(tx: &Transaction<'_>, job: Uuid, number: u64, piece: &Piece) -> Result<(), Error> {
    let part = Part { number, input: Some(piece.text.clone()), outcome: None };
    tx.with_session(|session| Ok(jobs::add_part(session, job, &part)?))
}

/// The file is complete: the job may run.
pub fn complete(tx: &Transaction<'_>, id: Uuid, parts: u64, rows: u64, lines_before: u64) -> Result<Job, Error> {
    let mut job = tx.with_session(|session| Ok(jobs::find(session, id)?))?.ok_or(Error::NotFound)?;
    let progress = Progress { parts, rows, lines: lines_before, ..progress(&job)? };
    job.progress = json(&progress)?;
    job.state = JobState::Running;
    tx.with_session(|session| Ok(jobs::update(session, &job)?))?;
    Ok(job)
}

pub fn progress(job: &Job) -> Result<Progress, Error> {
    serde_json::from_value(job.progress.clone()).map_err(|_| Error::Internal("a job's progress is not readable".into()))
}

pub fn request(job: &Job) -> Result<Request, Error> {
    serde_json::from_value(job.request.clone()).map_err(|_| Error::Internal("a job's request is not readable".into()))
}

fn json(value: &impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::Internal(error.to_string()))
}

/// Carries out, or takes back, the next part. Whoever asked must still be a member, and may do then what he may do
/// then.
pub fn step(tenant: &Arc<Tenant>, id: Uuid, teller: &Teller) -> Result<Moved, Error> {
    let Some(job) = tenant.handle.read::<_, Error>(|session| Ok(jobs::find(session, id)?))? else {
        return Ok(Moved::Ended);
    };
    if job.kind != JobKind::Import || !job.state.is_open() {
        return Ok(Moved::Ended);
    }
    let pinned = tenant.pin();
    let (caller, authority) = if job.user.is_nil() {
        (Caller::system(&pinned), Authority::System)
    } else {
        match load_actor(tenant, job.user)? {
            Some(actor) => (Caller::new(&pinned, actor), Authority::Caller),
            None => return stop(tenant, id, "whoever asked for it is no longer a member"),
        }
    };
    let teller = teller.clone();
    let moved = tenant.write_blocking(caller, authority, move |tx| step_within(tx, id, &teller));
    match moved {
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => {
            tracing::error!(%error, job = %id, "an import cannot go on");
            stop(tenant, id, "a part of it cannot be carried out; the log of the server says why")
        }
        moved => moved,
    }
}

/// Another try may do.
fn is_passing(error: &Error) -> bool {
    use trellis_storage::Error as Storage;
    matches!(error, Error::Republished | Error::Storage(Storage::Busy(_) | Storage::Unavailable(_) | Storage::Deadline))
}

/// Ends it where it stands; what is done stays done, and can be taken back.
pub fn stop(tenant: &Arc<Tenant>, id: Uuid, reason: &'static str) -> Result<Moved, Error> {
    tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
        let Some(mut job) = tx.with_session(|session| Ok(jobs::find(session, id)?))? else { return Ok(Moved::Ended) };
        job.progress = json(&Progress { reason: Some(reason.to_owned()), ..progress(&job)? })?;
        (job.state, job.done_at) = (JobState::Stopped, Some(tx.caller.now));
        tx.with_session(|session| Ok(jobs::update(session, &job)?))?;
        Ok(Moved::Ended)
    })
}

/// Another process may have been faster: how far it is, is read in the transaction.
fn step_within(tx: &Transaction<'_>, id: Uuid, teller: &Teller) -> Result<Moved, Error> {
    let Some(mut job) = tx.with_session(|session| Ok(jobs::find(session, id)?))? else { return Ok(Moved::Ended) };
    let (request, mut at) = (request(&job)?, progress(&job)?);
    let object = object_of(tx.snapshot(), &job).ok_or(Error::NotFound)?;
    let done = match job.state {
        JobState::Running if at.next < at.parts => {
            part::carry_out(tx, &job, object, &request, &mut at, teller)?;
            at.next == at.parts
        }
        JobState::Undoing if at.next > 0 => {
            undo::take_back(tx, &job, object, &mut at)?;
            at.next == 0
        }
        JobState::Running | JobState::Undoing => true,
        _ => return Ok(Moved::Ended),
    };
    if done {
        job.state = if job.state == JobState::Undoing { JobState::Undone } else { JobState::Done };
        job.done_at = Some(tx.caller.now);
    }
    job.progress = json(&at)?;
    tx.with_session(|session| Ok(jobs::update(session, &job)?))?;
    Ok(if done { Moved::Ended } else { Moved::On })
}

/// Begins to take back what an ended import wrote. False where there is nothing to take back.
pub fn begin_undo(tx: &Transaction<'_>, id: Uuid) -> Result<Option<Job>, Error> {
    let mut job = tx.with_session(|session| Ok(jobs::find(session, id)?))?.ok_or(Error::NotFound)?;
    let is_over = matches!(job.state, JobState::Done | JobState::Stopped);
    if !is_over || request(&job)?.dry_run {
        return Ok(None);
    }
    (job.state, job.done_at) = (JobState::Undoing, None);
    tx.with_session(|session| Ok(jobs::update(session, &job)?))?;
    Ok(Some(job))
}
