//! The record API: create, update, upsert, delete.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::prefer::{self, Preferences, Return};
use trellis_api::rest::{BodyOptions, Intent, WriteQuery, parse_changes, parse_records, parse_write};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::Error;
use trellis_engine::records::{Change, Effect, Resolution, Transaction, Upsert, matching};
use trellis_engine::request::{RecordInput, SelectRequest};
use trellis_metadata::snapshot::{FieldIndex, Object, Verb, system_field};
use uuid::Uuid;

use super::headers::{self, demand_json, etag, expected_version, keyed, preferences};
use super::records::record_id;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::transact::{Outcome, Wanted, answered, transact};

type Answer = Result<HttpResponse, Failure>;

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
    let keyed = keyed(request, body)?;
    if let Some(answer) = answered(exchange, keyed.as_ref()).await? {
        return Ok(answer);
    }
    let preferences = preferences(request)?;
    let (snapshot, profile) = (&exchange.pinned.snapshot, &*exchange.caller.profile);
    let query = parse_write(snapshot, profile, object, request.query_string())?;
    let conflict = Conflict::of(&query, &preferences)?;
    let intent = conflict.as_ref().map_or(Intent::Create, Conflict::intent);
    demand_verb(exchange, object, intent)?;
    let options = BodyOptions { columns: query.columns.as_deref(), missing: preferences.missing, intent };
    let parsed = parse_records(snapshot, profile, object, body, options)?;
    let is_array = parsed.is_array;
    let place = move |index: usize| if is_array { format!("/{index}") } else { String::new() };
    let wanted = Wanted::of(&preferences, query.select, headers::shape(request)?, None);
    let base = format!("/t/{}/api/v1/{}", exchange.tenant.name, object.name);
    let is_upsert = conflict.is_some();
    let changes = move |_: &Transaction<'_>| {
        let change = |(index, input): (usize, &RecordInput)| (changed(input.clone(), conflict.as_ref()), place(index));
        Ok(parsed.records.iter().enumerate().map(change).collect())
    };
    let reply = move |wanted: &Wanted, outcome: Outcome| {
        let created = outcome.written.iter().any(|written| written.effect == Effect::Created);
        let status = if created || !is_upsert { StatusCode::CREATED } else { StatusCode::OK };
        let mut reply = Reply::new(status);
        if let [only] = outcome.written.as_slice() {
            if created {
                reply = reply.header("location", format!("{base}/{}", only.id));
            }
            reply = reply.header("etag", etag(only.version));
        }
        finish(reply, wanted, &preferences, outcome)
    };
    transact(exchange, wanted, keyed, changes, reply).await
}

fn changed(input: RecordInput, conflict: Option<&Conflict>) -> Change {
    match conflict {
        Some(Conflict { key, resolution }) => {
            Change::Upsert(Upsert { input, key: key.clone(), resolution: *resolution, expected: None })
        }
        None => Change::Create(input),
    }
}

/// What a create does where a record with the same key is there.
struct Conflict {
    key: Vec<FieldIndex>,
    resolution: Resolution,
}

impl Conflict {
    fn of(query: &WriteQuery, preferences: &Preferences) -> Result<Option<Self>, Problem> {
        let resolution = match preferences.resolution {
            Some(prefer::Resolution::MergeDuplicates) => Resolution::Merge,
            Some(prefer::Resolution::IgnoreDuplicates) => Resolution::Ignore,
            None if query.on_conflict.is_none() => return Ok(None),
            None => {
                let finding = FieldError::new(ErrorCode::Unsupported, "?on_conflict");
                let finding = finding.with("feature", "`on_conflict` without `Prefer: resolution=…`");
                return Err(Problem::of_query(vec![finding]));
            }
        };
        let key = query.on_conflict.clone().unwrap_or_else(|| vec![system_field::ID]);
        Ok(Some(Self { key, resolution }))
    }

    fn intent(&self) -> Intent {
        match self.resolution {
            Resolution::Merge => Intent::CreateOrUpdate,
            Resolution::Ignore => Intent::Create,
        }
    }
}

/// `PUT /t/{tenant}/api/v1/{object}/{id}`
pub async fn put(
    exchange: Exchange,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(try_put(&exchange, &path.1, &path.2, &request, &body).await)
}

async fn try_put(
    exchange: &Exchange,
    name: &str,
    id: &str,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    demand_json(request)?;
    let id = record_id(id)?;
    let keyed = keyed(request, body)?;
    if let Some(answer) = answered(exchange, keyed.as_ref()).await? {
        return Ok(answer);
    }
    let preferences = preferences(request)?;
    let (snapshot, profile) = (&exchange.pinned.snapshot, &*exchange.caller.profile);
    let query = parse_write(snapshot, profile, object, request.query_string())?;
    refuse_parameters(&query, Some("A filter beside an id"))?;
    demand_verb(exchange, object, Intent::CreateOrUpdate)?;
    let options = BodyOptions { intent: Intent::CreateOrUpdate, ..BodyOptions::default() };
    let parsed = parse_records(snapshot, profile, object, body, options)?;
    let input = the_record(parsed, id)?;
    let expected = expected_version(request)?;
    let wanted = Wanted::of(&preferences, query.select, headers::shape(request)?, Some(id));
    let location = format!("/t/{}/api/v1/{}/{id}", exchange.tenant.name, object.name);
    let changes = move |_: &Transaction<'_>| {
        let key = vec![system_field::ID];
        let upsert = Upsert { input: input.clone(), key, resolution: Resolution::Merge, expected };
        Ok(vec![(Change::Upsert(upsert), String::new())])
    };
    let reply = move |wanted: &Wanted, outcome: Outcome| {
        let created = outcome.written.iter().any(|written| written.effect == Effect::Created);
        let mut reply = if created {
            Reply::new(StatusCode::CREATED).header("location", location.clone())
        } else {
            Reply::new(done(wanted))
        };
        if let [only] = outcome.written.as_slice() {
            reply = reply.header("etag", etag(only.version));
        }
        finish(reply, wanted, &preferences, outcome)
    };
    transact(exchange, wanted, keyed, changes, reply).await
}

/// The one record of a PUT, under the id of its address.
fn the_record(parsed: trellis_api::rest::Records, id: Uuid) -> Result<RecordInput, Problem> {
    let is_array = parsed.is_array;
    let mut records = parsed.records.into_iter();
    let (Some(mut input), false) = (records.next(), is_array) else {
        return Err(Problem::of_record(vec![FieldError::new(ErrorCode::NotAnObject, "")]));
    };
    if let Some(other) = input.id.replace(id).filter(|other| *other != id) {
        let finding = FieldError::new(ErrorCode::InvalidValue, "/id").with("value", other).with("expected", id);
        return Err(Problem::of_record(vec![finding]));
    }
    Ok(input)
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
    let keyed = keyed(request, body)?;
    if let Some(answer) = answered(exchange, keyed.as_ref()).await? {
        return Ok(answer);
    }
    let preferences = preferences(request)?;
    let query = parse_write(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string())?;
    refuse_parameters(&query, None)?;
    let id = id.map(record_id).transpose()?;
    if id.is_none() && !query.is_filtered {
        return Err(Problem::new(ErrorCode::FilterRequired));
    }
    demand(exchange, object, &[Verb::Update])?;
    let input = parse_changes(&exchange.pinned.snapshot, &*exchange.caller.profile, object, body)?;
    let expected = expected_version(request)?;
    let wanted = Wanted::of(&preferences, query.select.clone(), headers::shape(request)?, id);
    let (filter, is_filtered) = (query.select, query.is_filtered);
    let changes = move |tx: &Transaction<'_>| {
        let change = |id| Change::Update { id, expected, input: input.clone() };
        Ok(chosen(tx, id, is_filtered, &filter)?.into_iter().map(|id| (change(id), String::new())).collect())
    };
    let reply = move |wanted: &Wanted, outcome: Outcome| {
        let mut reply = Reply::new(done(wanted));
        if let (Some(_), [only]) = (id, outcome.written.as_slice()) {
            reply = reply.header("etag", etag(only.version));
        }
        finish(reply, wanted, &preferences, outcome)
    };
    transact(exchange, wanted, keyed, changes, reply).await
}

/// `DELETE /t/{tenant}/api/v1/{object}/{id}`
pub async fn delete(
    exchange: Exchange,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(try_delete(&exchange, &path.1, Some(&path.2), &request, &body).await)
}

/// `DELETE /t/{tenant}/api/v1/{object}?filter`
pub async fn delete_matching(
    exchange: Exchange,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(try_delete(&exchange, &path.1, None, &request, &body).await)
}

async fn try_delete(
    exchange: &Exchange,
    name: &str,
    id: Option<&str>,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    let keyed = keyed(request, body)?;
    if let Some(answer) = answered(exchange, keyed.as_ref()).await? {
        return Ok(answer);
    }
    let preferences = preferences(request)?;
    let query = parse_write(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string())?;
    refuse_parameters(&query, None)?;
    let id = id.map(record_id).transpose()?;
    if id.is_none() && !query.is_filtered {
        return Err(Problem::new(ErrorCode::FilterRequired));
    }
    demand(exchange, object, &[Verb::Delete])?;
    let expected = expected_version(request)?;
    let wanted = Wanted::of(&preferences, query.select.clone(), headers::shape(request)?, id);
    let wanted = Wanted { before: true, ..wanted };
    let (filter, is_filtered, index) = (query.select, query.is_filtered, object.index);
    let changes = move |tx: &Transaction<'_>| {
        let change = |id| Change::Delete { object: index, id, expected };
        Ok(chosen(tx, id, is_filtered, &filter)?.into_iter().map(|id| (change(id), String::new())).collect())
    };
    let reply =
        move |wanted: &Wanted, outcome: Outcome| finish(Reply::new(done(wanted)), wanted, &preferences, outcome);
    transact(exchange, wanted, keyed, changes, reply).await
}

/// The record at the address, where it meets the filter too, or all that do.
fn chosen(
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

fn done(wanted: &Wanted) -> StatusCode {
    if wanted.returns == Return::Representation { StatusCode::OK } else { StatusCode::NO_CONTENT }
}

fn finish(mut reply: Reply, wanted: &Wanted, preferences: &Preferences, outcome: Outcome) -> Reply {
    if let Some(applied) = preferences.applied() {
        reply = reply.header("preference-applied", applied);
    }
    if preferences.count.is_some() {
        reply = reply.header("content-range", format!("*/{}", outcome.written.len()));
    }
    match outcome.body {
        Some(body) => reply.header("content-type", wanted.content_type).body(body.bytes),
        // Written, but not his to read.
        None if wanted.returns == Return::Representation => {
            reply.status = StatusCode::NO_CONTENT;
            reply
        }
        None => reply,
    }
}

/// Parameters of an insert mean nothing in other writes.
fn refuse_parameters(query: &WriteQuery, filter: Option<&str>) -> Result<(), Problem> {
    let parameters = [
        ("?columns", query.columns.is_some(), "`columns` outside an insert"),
        ("?on_conflict", query.on_conflict.is_some(), "`on_conflict` outside an insert"),
        ("?", query.is_filtered && filter.is_some(), filter.unwrap_or_default()),
    ];
    let refused = parameters.into_iter().filter(|(_, is_given, _)| *is_given);
    let findings: Vec<FieldError> = refused
        .map(|(pointer, _, feature)| FieldError::new(ErrorCode::Unsupported, pointer).with("feature", feature))
        .collect();
    if findings.is_empty() { Ok(()) } else { Err(Problem::of_query(findings)) }
}

/// An object on which the caller has any right at all; otherwise it does not exist.
pub(super) fn visible<'e>(exchange: &'e Exchange, name: &str) -> Result<&'e Object, Problem> {
    let object = exchange.pinned.snapshot.object_by_name(name);
    object
        .filter(|object| Verb::ALL.into_iter().any(|verb| exchange.caller.profile.may(object.index, verb)))
        .ok_or_else(|| Problem::unknown_object(name))
}

fn demand_verb(exchange: &Exchange, object: &Object, intent: Intent) -> Result<(), Problem> {
    match intent {
        Intent::Create => demand(exchange, object, &[Verb::Create]),
        Intent::CreateOrUpdate => demand(exchange, object, &[Verb::Create, Verb::Update]),
    }
}

/// Any of the verbs.
fn demand(exchange: &Exchange, object: &Object, verbs: &[Verb]) -> Result<(), Problem> {
    let may = verbs.iter().any(|verb| exchange.caller.profile.may(object.index, *verb));
    if may { Ok(()) } else { Err(Problem::new(ErrorCode::Forbidden)) }
}
