//! Exports: all records a list would show, page by page, as its member may export them; kept until they are fetched.

use std::sync::Arc;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use trellis_api::rest::{
    Asking, CursorContext, CursorKey, ExportFormat, ExportQuery, Exporting, ListOptions, ListQuery, Shape, parse_select,
};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::identity::load_actor;
use trellis_engine::import::Moved;
use trellis_engine::jobs::{self, Part};
use trellis_engine::records::{Authority, Reader};
use trellis_engine::{Caller, Error, Job, JobKind, JobState, Pinned, Tenant, TenantHandle};
use trellis_metadata::snapshot::{Object, Verb};
use uuid::Uuid;

use crate::routes::records::{Listing, read_list};

/// Rows of a part.
const PAGE: u32 = trellis_engine::request::MAX_LIMIT;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// As of a list.
    pub query: String,
    pub ndjson: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    pub parts: u64,
    pub rows: u64,
    /// Where the next page begins.
    cursor: Option<String>,
    pub reason: Option<String>,
}

/// Whom and what a page is read for.
struct Asked<'a> {
    tenant: &'a str,
    pinned: &'a Pinned,
    caller: &'a Caller,
    object: &'a Object,
    key: &'a CursorKey,
}

impl Asked<'_> {
    fn list(&self, query: &str) -> Result<ListQuery, Problem> {
        let rights = Exporting { rights: &*self.caller.profile, object: self.object.index };
        let cursor = CursorContext { key: self.key, tenant: self.tenant, profile: self.caller.fingerprint() };
        let options = ListOptions { range: None, cursor };
        let mut list = parse_select(&self.pinned.snapshot, &rights, self.object, Asking::Body(query), options)?;
        if list.totals.is_some() {
            let finding = FieldError::new(ErrorCode::Unsupported, "?select").with("feature", "Totals in an export");
            return Err(Problem::of_query(vec![finding]));
        }
        list.request.limit = PAGE;
        Ok(list)
    }
}

fn shape(ndjson: bool) -> Shape {
    if ndjson { Shape::Array { strip_nulls: false } } else { Shape::Csv }
}

/// A new job, once its question is a good one.
pub fn begin(
    tenant: &Tenant,
    pinned: &Pinned,
    caller: &Caller,
    object: &Object,
    key: &CursorKey,
    query: &ExportQuery,
) -> Result<Job, Problem> {
    let ndjson = query.format == ExportFormat::Ndjson;
    let asked = Asked { tenant: &tenant.name, pinned, caller, object, key };
    shape(ndjson).carry(&asked.list(&query.list)?.request)?;
    let request = Request { query: query.list.clone(), ndjson };
    let internal = |_| Problem::new(ErrorCode::Internal);
    Ok(Job {
        id: Uuid::now_v7(),
        kind: JobKind::Export,
        object: object.id.to_string(),
        user: caller.actor.user,
        state: JobState::Running,
        request: serde_json::to_value(request).map_err(internal)?,
        progress: serde_json::to_value(Progress::default()).map_err(internal)?,
        at: Utc::now(),
        done_at: None,
    })
}

fn unreadable(_: serde_json::Error) -> Error {
    Error::Internal("an export is not readable".into())
}

/// The next page.
pub fn step(tenant: &Arc<Tenant>, id: Uuid, key: &CursorKey) -> Result<Moved, Error> {
    let Some(job) = tenant.handle.read::<_, Error>(|session| Ok(jobs::find(session, id)?))? else {
        return Ok(Moved::Ended);
    };
    if job.state != JobState::Running {
        return Ok(Moved::Ended);
    }
    let progress: Progress = serde_json::from_value(job.progress.clone()).map_err(unreadable)?;
    let page = match read_page(tenant, &job, &progress, key)? {
        Ok(page) => page,
        Err(reason) => return keep(tenant, &job, &Progress { reason: Some(reason.into()), ..progress }, None),
    };
    let next = Progress {
        parts: progress.parts + 1,
        rows: progress.rows + page.rows as u64,
        cursor: page.cursor,
        reason: None,
    };
    keep(tenant, &job, &next, Some(Part { number: progress.parts, input: None, outcome: Some(page.text) }))
}

struct Written {
    text: String,
    rows: usize,
    cursor: Option<String>,
}

/// A page, or why there cannot be one any more.
fn read_page(
    tenant: &Arc<Tenant>,
    job: &Job,
    progress: &Progress,
    key: &CursorKey,
) -> Result<Result<Written, &'static str>, Error> {
    let request: Request = serde_json::from_value(job.request.clone()).map_err(unreadable)?;
    let pinned = tenant.pin();
    let Some(caller) = caller(tenant, &pinned, job.user)? else {
        return Ok(Err("whoever asked for it is no longer a member"));
    };
    let Some(object) = pinned.snapshot.objects.iter().find(|object| object.id.as_str() == job.object) else {
        return Ok(Err("the object is no longer there"));
    };
    let query = match &progress.cursor {
        Some(cursor) if request.query.is_empty() => format!("cursor={cursor}"),
        Some(cursor) => format!("{}&cursor={cursor}", request.query),
        None => request.query,
    };
    let asked = Asked { tenant: &tenant.name, pinned: &pinned, caller: &caller, object, key };
    let Ok(list) = asked.list(&query) else {
        return Ok(Err("the rights of whoever asked for it, or the fields, have changed meanwhile"));
    };
    let reader = Reader { verb: Verb::Export, ..Reader::new(&pinned, &caller) };
    let Listing { body, rows, continuation, .. } =
        read_list(&tenant.handle, &reader, &list.request, shape(request.ndjson), false)?;
    let text = if request.ndjson { lines(&body)? } else { without_header(body, progress.parts > 0)? };
    let cursor = continuation.and_then(|values| list.binding.issue(&values));
    Ok(Ok(Written { text, rows, cursor }))
}

fn caller(tenant: &Tenant, pinned: &Pinned, user: Uuid) -> Result<Option<Caller>, Error> {
    if user.is_nil() {
        return Ok(Some(Caller::system(pinned)));
    }
    Ok(load_actor(tenant, user)?.map(|actor| Caller::new(pinned, actor)))
}

/// An array as a line for each member.
fn lines(body: &[u8]) -> Result<String, Error> {
    let rows: Vec<&RawValue> = serde_json::from_slice(body).map_err(unreadable)?;
    Ok(rows.iter().map(|row| format!("{}\n", row.get())).collect())
}

/// The header stands at the beginning of the file only. Names of fields hold no line breaks.
fn without_header(body: Vec<u8>, is_later: bool) -> Result<String, Error> {
    let text = String::from_utf8(body).map_err(|_| Error::Internal("an export is not text".into()))?;
    Ok(match text.split_once('\n') {
        Some((_, rest)) if is_later => rest.to_owned(),
        _ => text,
    })
}

fn keep(tenant: &Arc<Tenant>, job: &Job, progress: &Progress, part: Option<Part>) -> Result<Moved, Error> {
    let is_over = progress.cursor.is_none() || part.is_none();
    let state = match &part {
        None => JobState::Stopped,
        Some(_) if is_over => JobState::Done,
        Some(_) => JobState::Running,
    };
    let before = job.progress.clone();
    let next = Job {
        state,
        progress: serde_json::to_value(progress).map_err(unreadable)?,
        done_at: is_over.then(Utc::now),
        ..job.clone()
    };
    let is_kept = tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
        tx.with_session(|session| {
            // Another process may have been faster.
            if jobs::find(session, next.id)?.is_none_or(|job| job.progress != before) {
                return Ok(false);
            }
            if let Some(part) = &part {
                jobs::add_part(session, next.id, part)?;
            }
            jobs::update(session, &next)?;
            Ok(true)
        })
    })?;
    Ok(if is_kept && is_over { Moved::Ended } else { Moved::On })
}

/// One page of what was exported.
pub fn part(handle: &TenantHandle, job: Uuid, number: u64) -> Result<Option<String>, Error> {
    handle.read(|session| Ok(jobs::part(session, job, number)?.and_then(|part| part.outcome)))
}
