//! The record API: list, get, create, update, delete.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ETAG, IF_MATCH, LOCATION, RANGE};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::prefer::{Count, Preferences, Return};
use trellis_api::rest::{
    BodyOptions, CursorContext, ListOptions, Shape, content_range, negotiate, parse_changes, parse_records,
    parse_select, parse_write,
};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::records::{
    Authority, Change, Extent, Page, Prepared, Reader, Transaction, Written, matching, save_all,
};
use trellis_engine::request::{RecordInput, SelectRequest};
use trellis_engine::{Caller, ColumnKind, Error, Pinned, TenantHandle};
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Object, Verb};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::exchange::Exchange;
use crate::failure::{Failure, problem};
use crate::render;

type Answer = Result<HttpResponse, Failure>;

/// `GET /t/{tenant}/api/v1/{object}`
pub async fn list(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(try_list(&exchange, &path.1, &request).await)
}

async fn try_list(exchange: &Exchange, name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    let preferences = preferences(request)?;
    let shape = negotiate(header(request, ACCEPT.as_str()))?;
    let options = ListOptions { range: header(request, RANGE.as_str()), cursor: cursor(exchange) };
    let query =
        parse_select(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string(), options)?;
    let wants_count =
        preferences.count.is_some_and(|count| matches!(count, Count::Exact | Count::Planned | Count::Estimated));
    let select = query.request.clone();
    let listing = exchange
        .read(move |handle, pinned, caller| read_list(handle, pinned, caller, &select, shape, wants_count))
        .await?;
    let Listing { body, rows, total, continuation } = listing;
    shape.admit(rows)?;
    let partial = total.is_some_and(|total| total > rows as u64);
    let mut answer = if partial { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    answer
        .insert_header(("content-type", shape.content_type()))
        .insert_header(("content-range", content_range(query.request.offset, rows, total)))
        .insert_header(("x-trellis-revision", exchange.pinned.revision));
    if let Some(cursor) = continuation.and_then(|values| query.binding.issue(&values)) {
        answer.insert_header(("x-next-cursor", cursor));
    }
    if let Some(applied) = preferences.applied() {
        answer.insert_header(("preference-applied", applied));
    }
    Ok(answer.body(body))
}

/// A list, rendered.
struct Listing {
    body: Vec<u8>,
    rows: usize,
    total: Option<u64>,
    /// Order keys of the last row of a full page.
    continuation: Option<Vec<Value>>,
}

fn read_list(
    handle: &TenantHandle,
    pinned: &Pinned,
    caller: &Caller,
    request: &SelectRequest,
    shape: Shape,
    wants_count: bool,
) -> Result<Listing, Error> {
    let reader = Reader::new(pinned, caller);
    handle.read(|session| {
        let plan = reader.plan(request)?;
        let mut listing = if plan.embeds.is_empty() {
            let mut out = render::Rows::new(&plan, shape, request.limit as usize);
            let rows = reader.stream(session, &plan, &[], &mut |row| Ok(out.push(row)?))?;
            let continuation = out.continuation();
            Listing { body: out.finish(), rows, total: None, continuation }
        } else {
            let page = reader.page(session, request, plan.into(), &[])?;
            let rows = page.rows.len();
            let continuation = if rows >= request.limit as usize { page.continuation() } else { None };
            Listing { body: render::page(&page, request, shape)?, rows, total: None, continuation }
        };
        if wants_count {
            listing.total = Some(reader.count(session, request)?);
        }
        Ok(listing)
    })
}

/// `GET /t/{tenant}/api/v1/{object}/{id}`
pub async fn get(exchange: Exchange, path: Path<(String, String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(try_get(&exchange, &path.1, &path.2, &request).await)
}

async fn try_get(exchange: &Exchange, name: &str, id: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    let id = record_id(id)?;
    let prepared = prepare_one(exchange, object, request.query_string())?;
    let (body, version) = exchange
        .read(move |handle, pinned, caller| {
            let reader = Reader::new(pinned, caller);
            handle.read(|session| one(&reader, session, &prepared, id))
        })
        .await?;
    let mut answer = HttpResponse::Ok();
    if let Some(version) = version {
        answer.insert_header((ETAG, etag(version)));
    }
    Ok(answer
        .insert_header(("content-type", "application/json; charset=utf-8"))
        .insert_header(("x-trellis-revision", exchange.pinned.revision))
        .body(body))
}

/// The planned read of one record, from those kept since the publish or new.
fn prepare_one(exchange: &Exchange, object: &Object, query: &str) -> Result<Arc<Prepared>, Problem> {
    let Exchange { pinned, caller, .. } = exchange;
    if let Some(known) = pinned.plans.find(&caller.profile, object.index, Extent::One, query) {
        return Ok(known);
    }
    let request = parse_write(&pinned.snapshot, &*caller.profile, object, query)?.select;
    let plan = Reader::new(pinned, caller).plan_one(&request).map_err(problem)?.into();
    Ok(pinned.plans.keep(&caller.profile, object.index, Extent::One, query, Prepared { request, plan }))
}

fn one(
    reader: &Reader<'_>,
    session: &mut dyn trellis_engine::Session,
    prepared: &Prepared,
    id: Uuid,
) -> Result<(Vec<u8>, Option<i64>), Error> {
    let Prepared { request, plan } = prepared;
    let shape = Shape::Object { strip_nulls: false };
    let slots = [Value::Id(id)];
    if !plan.embeds.is_empty() {
        let page = reader.page(session, request, plan.clone(), &slots)?;
        let row = page.rows.first().ok_or(Error::NotFound)?;
        let version = plan.version.and_then(|index| row.value(index).as_integer());
        return Ok((render::page(&page, request, shape)?, version));
    }
    let mut out = render::Rows::new(plan, shape, 1);
    let mut version = None;
    let rows = reader.stream(session, plan, &slots, &mut |row| {
        if let Some(index) = plan.version {
            version = row.cell(index, ColumnKind::Integer)?.to_value().as_integer();
        }
        Ok(out.push(row)?)
    })?;
    if rows == 0 { Err(Error::NotFound) } else { Ok((out.finish(), version)) }
}

/// `POST /t/{tenant}/api/v1/{object}`
pub async fn create(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest, body: Bytes) -> Answer {
    exchange.answer(try_create(&exchange, &path.1, &request, &body).await)
}

async fn try_create(
    exchange: &Exchange,
    name: &str,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    demand_json(request)?;
    let preferences = preferences(request)?;
    let snapshot = &exchange.pinned.snapshot;
    let profile = &*exchange.caller.profile;
    let query = parse_write(snapshot, profile, object, request.query_string())?;
    if query.on_conflict.is_some() || preferences.resolution.is_some() {
        return Err(Problem::new(ErrorCode::Unsupported).with("feature", "upsert"));
    }
    demand_verb(exchange, object, Verb::Create)?;
    let options = BodyOptions { columns: query.columns.as_deref(), missing: preferences.missing };
    let parsed = parse_records(snapshot, profile, object, body, options)?;
    let is_array = parsed.is_array;
    let prefix = |index: usize| if is_array { format!("/{index}") } else { String::new() };
    let changes: Vec<(RecordInput, String)> =
        parsed.records.into_iter().enumerate().map(|(index, input)| (input, prefix(index))).collect();
    let changes = Arc::new(changes);
    let shape = write_shape(request)?;
    let wanted = Wanted::of(&preferences, query.select, shape, false);
    let name = object.name.clone();
    let outcome = write(exchange, wanted.clone(), move |_| {
        Ok(changes.iter().map(|(input, pointer)| (Change::Create(input.clone()), pointer.clone())).collect())
    })
    .await?;
    let mut answer = HttpResponse::Created();
    if let [only] = outcome.written.as_slice() {
        answer.insert_header((LOCATION, format!("/t/{}/api/v1/{name}/{}", exchange.tenant.name, only.id)));
        answer.insert_header((ETAG, etag(only.version)));
    }
    Ok(finish(answer, &wanted, &preferences, outcome))
}

/// `PATCH /t/{tenant}/api/v1/{object}/{id}`
pub async fn update(
    exchange: Exchange,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(try_update(&exchange, &path.1, Some(&path.2), &request, &body).await)
}

/// `PATCH /t/{tenant}/api/v1/{object}?filter`
pub async fn update_matching(
    exchange: Exchange,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(try_update(&exchange, &path.1, None, &request, &body).await)
}

async fn try_update(
    exchange: &Exchange,
    name: &str,
    id: Option<&str>,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    demand_json(request)?;
    let preferences = preferences(request)?;
    let query = parse_write(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string())?;
    let id = id.map(record_id).transpose()?;
    if id.is_none() && !query.is_filtered {
        return Err(Problem::new(ErrorCode::FilterRequired));
    }
    demand_verb(exchange, object, Verb::Update)?;
    let input = parse_changes(&exchange.pinned.snapshot, &*exchange.caller.profile, object, body)?;
    let expected = expected_version(request)?;
    let wanted = Wanted::of(&preferences, query.select.clone(), write_shape(request)?, id.is_some());
    let (filter, is_filtered) = (query.select, query.is_filtered);
    let outcome = write(exchange, wanted.clone(), move |tx| {
        let ids = targets(tx, id, is_filtered, &filter)?;
        Ok(ids.into_iter().map(|id| (Change::Update { id, expected, input: input.clone() }, String::new())).collect())
    })
    .await?;
    let mut answer =
        if wanted.returns == Return::Representation { HttpResponse::Ok() } else { HttpResponse::NoContent() };
    if let (Some(_), [only]) = (id, outcome.written.as_slice()) {
        answer.insert_header((ETAG, etag(only.version)));
    }
    Ok(finish(answer, &wanted, &preferences, outcome))
}

/// The records a write is about: the one at the address, where it meets the filter too, or all that do.
fn targets(
    tx: &Transaction<'_>,
    id: Option<Uuid>,
    is_filtered: bool,
    filter: &SelectRequest,
) -> Result<Vec<Uuid>, Error> {
    match id {
        Some(id) if is_filtered => match matching(tx, &filter.clone().only(id))?.as_slice() {
            [] => Err(Error::NotFound),
            found => Ok(found.to_vec()),
        },
        Some(id) => Ok(vec![id]),
        None => matching(tx, filter),
    }
}

/// `DELETE /t/{tenant}/api/v1/{object}/{id}`
pub async fn delete(exchange: Exchange, path: Path<(String, String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(try_delete(&exchange, &path.1, Some(&path.2), &request).await)
}

/// `DELETE /t/{tenant}/api/v1/{object}?filter`
pub async fn delete_matching(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(try_delete(&exchange, &path.1, None, &request).await)
}

async fn try_delete(
    exchange: &Exchange,
    name: &str,
    id: Option<&str>,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    let preferences = preferences(request)?;
    let query = parse_write(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string())?;
    let id = id.map(record_id).transpose()?;
    if id.is_none() && !query.is_filtered {
        return Err(Problem::new(ErrorCode::FilterRequired));
    }
    demand_verb(exchange, object, Verb::Delete)?;
    let expected = expected_version(request)?;
    let wanted =
        Wanted { before: true, ..Wanted::of(&preferences, query.select.clone(), write_shape(request)?, id.is_some()) };
    let (filter, is_filtered, index) = (query.select, query.is_filtered, object.index);
    let outcome = write(exchange, wanted.clone(), move |tx| {
        let ids = targets(tx, id, is_filtered, &filter)?;
        Ok(ids.into_iter().map(|id| (Change::Delete { object: index, id, expected }, String::new())).collect())
    })
    .await?;
    let answer = if wanted.returns == Return::Representation { HttpResponse::Ok() } else { HttpResponse::NoContent() };
    Ok(finish(answer, &wanted, &preferences, outcome))
}

/// What the caller wants back from a write.
#[derive(Clone)]
struct Wanted {
    returns: Return,
    select: SelectRequest,
    rollback: bool,
    max: Option<u64>,
    shape: Shape,
    content_type: &'static str,
    /// The one record named by its id, and not as many as there may be.
    by_id: bool,
    /// The representation is read before the change: of deleted records.
    before: bool,
}

impl Wanted {
    fn of(preferences: &Preferences, select: SelectRequest, shape: Shape, by_id: bool) -> Self {
        let content_type = match shape {
            Shape::Object { .. } => shape.content_type(),
            _ if by_id => "application/json; charset=utf-8",
            _ => shape.content_type(),
        };
        let shape = if by_id { Shape::Object { strip_nulls: shape.strips_nulls() } } else { shape };
        Self {
            returns: preferences.returns.unwrap_or(Return::Minimal),
            select,
            rollback: preferences.is_rollback(),
            max: preferences.max_affected,
            shape,
            content_type,
            by_id,
            before: false,
        }
    }

    /// A form for one record cannot carry several: such a write is taken back.
    fn admits(&self, body: Option<&Representation>) -> Result<(), Problem> {
        match body {
            Some(body) if !self.by_id => self.shape.admit(body.rows),
            _ => Ok(()),
        }
    }
}

struct Outcome {
    written: Vec<Written>,
    body: Option<Representation>,
}

struct Representation {
    rows: usize,
    bytes: Vec<u8>,
}

type Changes = Vec<(Change, String)>;

async fn write(
    exchange: &Exchange,
    wanted: Wanted,
    changes: impl Fn(&Transaction<'_>) -> Result<Changes, Error> + Send + Sync + 'static,
) -> Result<Outcome, Problem> {
    let admission = wanted.clone();
    let work = exchange.tenant.write(exchange.pinned.clone(), exchange.caller.clone(), Authority::Caller, move |tx| {
        let changes = changes(tx)?;
        if let Some(limit) = wanted.max.filter(|max| changes.len() as u64 > *max) {
            return Err(Error::TooManyAffected { limit, count: changes.len() as u64 });
        }
        let ids = || changes.iter().filter_map(|(change, _)| change.id()).collect::<Vec<_>>();
        let early = if wanted.before { Some(represent(tx, &wanted, &ids())?) } else { None };
        let written = save_all(tx, changes)?;
        let body = match early {
            Some(body) => body,
            None => represent(tx, &wanted, &written.iter().map(|written| written.id).collect::<Vec<_>>())?,
        };
        let outcome = Outcome { written, body };
        let keep = !wanted.rollback && wanted.admits(outcome.body.as_ref()).is_ok();
        if keep { Ok(outcome) } else { Err(Error::RolledBack(Box::new(outcome))) }
    });
    let outcome = match work.await {
        Err(Error::RolledBack(outcome)) => {
            *outcome.downcast::<Outcome>().map_err(|_| Problem::new(ErrorCode::Internal))?
        }
        done => done.map_err(problem)?,
    };
    admission.admits(outcome.body.as_ref())?;
    Ok(outcome)
}

/// The written records as the caller may see them.
fn represent(tx: &Transaction<'_>, wanted: &Wanted, ids: &[Uuid]) -> Result<Option<Representation>, Error> {
    if wanted.returns != Return::Representation {
        return Ok(None);
    }
    let reader = Reader::new(tx.pinned, tx.caller);
    // The filter chose the records; they need not meet it any longer.
    let select = SelectRequest { filter: Predicate::Always(true), ..wanted.select.clone() };
    let mut pages: Vec<Page> = Vec::with_capacity(ids.len());
    for id in ids {
        match tx.with_session(|session| reader.one(session, &select, *id)) {
            Ok(page) => pages.push(page),
            // Written, but not his to read.
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    if pages.is_empty() && wanted.by_id {
        return Ok(None);
    }
    Ok(Some(Representation { rows: pages.len(), bytes: render::pages(&pages, &select, wanted.shape)? }))
}

fn finish(
    mut answer: actix_web::HttpResponseBuilder,
    wanted: &Wanted,
    preferences: &Preferences,
    outcome: Outcome,
) -> HttpResponse {
    if let Some(applied) = preferences.applied() {
        answer.insert_header(("preference-applied", applied));
    }
    if preferences.count.is_some() {
        answer.insert_header(("content-range", format!("*/{}", outcome.written.len())));
    }
    match outcome.body {
        Some(body) => answer.insert_header(("content-type", wanted.content_type)).body(body.bytes),
        // Written, but not his to read.
        None if wanted.returns == Return::Representation => answer.status(StatusCode::NO_CONTENT).finish(),
        None => answer.finish(),
    }
}

fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn preferences(request: &HttpRequest) -> Result<Preferences, Problem> {
    Preferences::parse(request.headers().get_all("prefer").filter_map(|value| value.to_str().ok()))
}

fn cursor(exchange: &Exchange) -> CursorContext<'_> {
    CursorContext {
        key: &exchange.state.cursor_key,
        tenant: &exchange.tenant.name,
        profile: exchange.caller.fingerprint(),
    }
}

/// An object on which the caller has any right at all; otherwise it does not exist.
fn visible<'e>(exchange: &'e Exchange, name: &str) -> Result<&'e Object, Problem> {
    let object = exchange.pinned.snapshot.object_by_name(name);
    object
        .filter(|object| Verb::ALL.into_iter().any(|verb| exchange.caller.profile.may(object.index, verb)))
        .ok_or_else(|| Problem::unknown_object(name))
}

fn readable<'e>(exchange: &'e Exchange, name: &str) -> Result<&'e Object, Problem> {
    let object = exchange.pinned.snapshot.object_by_name(name);
    object
        .filter(|object| exchange.caller.profile.may(object.index, Verb::Read))
        .ok_or_else(|| Problem::unknown_object(name))
}

fn demand_verb(exchange: &Exchange, object: &Object, verb: Verb) -> Result<(), Problem> {
    if exchange.caller.profile.may(object.index, verb) { Ok(()) } else { Err(Problem::new(ErrorCode::Forbidden)) }
}

fn record_id(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| Problem::unknown_record())
}

fn demand_json(request: &HttpRequest) -> Result<(), Problem> {
    let media = header(request, "content-type").unwrap_or("application/json");
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media == "application/json" || media.ends_with("+json");
    if is_json { Ok(()) } else { Err(Problem::new(ErrorCode::UnsupportedMedia).with("supported", "application/json")) }
}

fn write_shape(request: &HttpRequest) -> Result<Shape, Problem> {
    negotiate(header(request, ACCEPT.as_str()))
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version in `If-Match`; `*` demands nothing.
fn expected_version(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(value) = header(request, IF_MATCH.as_str()).map(str::trim).filter(|value| *value != "*") else {
        return Ok(None);
    };
    let version = value.trim_matches('"').parse();
    version.map(Some).map_err(|_| Problem::new(ErrorCode::InvalidRequest))
}
