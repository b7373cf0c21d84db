//! The record API: create, update, upsert, delete.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::prefer::{self, Preferences, Return};
use trellis_api::rest::{BodyOptions, Intent, WriteQuery, parse_changes, parse_records, parse_write};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::records::{Change, Effect, Resolution, Transaction, Upsert};
use trellis_engine::request::RecordInput;
use trellis_metadata::snapshot::{FieldIndex, Object, Verb, system_field};
use uuid::Uuid;

use super::bin;
use super::headers::{self, demand_json, etag, expected_version, keyed, preferences};
use super::records::record_id;
use super::target::{Begun, Target, refuse_parameters};
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::transact::{Outcome, Wanted, answered, transact};

type Answer = Result<HttpResponse, Failure>;

/// `POST /t/{tenant}/api/v1/{object}`
pub async fn create(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_create(exchange, &path.1, &request, &body).await).await
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
    let wanted = Wanted::of(&preferences, query.select, headers::shape(request)?, None)?;
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
    exchange.answer(async |exchange| try_put(exchange, &path.1, &path.2, &request, &body).await).await
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
    let wanted = Wanted::of(&preferences, query.select, headers::shape(request)?, Some(id))?;
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
    exchange.answer(async |exchange| try_update(exchange, &path.1, Some(&path.2), &request, &body).await).await
}

/// `PATCH /t/{tenant}/api/v1/{object}?filter`
pub async fn update_matching(
    exchange: Exchange,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(async |exchange| try_update(exchange, &path.1, None, &request, &body).await).await
}

async fn try_update(
    exchange: &Exchange,
    name: &str,
    id: Option<&str>,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let target = match Target::read(exchange, (name, id), request, body, Verb::Update).await? {
        Begun::New(target) => target,
        Begun::Answered(answer) => return Ok(answer),
    };
    let Target { object, keyed, preferences, expected, wanted, chosen, .. } = *target;
    let input = parse_changes(&exchange.pinned.snapshot, &*exchange.caller.profile, object, body)?;
    let is_one = chosen.id.is_some();
    let changes =
        move |tx: &Transaction<'_>| chosen.changes(tx, |id| Change::Update { id, expected, input: input.clone() });
    let reply = move |wanted: &Wanted, outcome: Outcome| {
        finish(tagged(Reply::new(done(wanted)), is_one, &outcome), wanted, &preferences, outcome)
    };
    transact(exchange, wanted, keyed, changes, reply).await
}

/// The version a write left its one record at.
pub(super) fn tagged(reply: Reply, is_one: bool, outcome: &Outcome) -> Reply {
    match outcome.written.as_slice() {
        [only] if is_one => reply.header("etag", etag(only.version)),
        _ => reply,
    }
}

/// `DELETE /t/{tenant}/api/v1/{object}/{id}`
pub async fn delete(
    exchange: Exchange,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(async |exchange| try_delete(exchange, &path.1, Some(&path.2), &request, &body).await).await
}

/// `DELETE /t/{tenant}/api/v1/{object}?filter`
pub async fn delete_matching(
    exchange: Exchange,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(async |exchange| try_delete(exchange, &path.1, None, &request, &body).await).await
}

async fn try_delete(
    exchange: &Exchange,
    name: &str,
    id: Option<&str>,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let target = match Target::read(exchange, (name, id), request, body, Verb::Delete).await? {
        Begun::New(target) => target,
        Begun::Answered(answer) => return Ok(answer),
    };
    if let (true, Some(id)) = (target.purge, target.chosen.id) {
        return bin::purge(exchange, *target, id).await;
    }
    let Target { object, keyed, preferences, expected, wanted, chosen, .. } = *target;
    let wanted = Wanted { before: true, ..wanted };
    let index = object.index;
    let changes = move |tx: &Transaction<'_>| chosen.changes(tx, |id| Change::Delete { object: index, id, expected });
    let reply =
        move |wanted: &Wanted, outcome: Outcome| finish(Reply::new(done(wanted)), wanted, &preferences, outcome);
    transact(exchange, wanted, keyed, changes, reply).await
}

pub(super) fn done(wanted: &Wanted) -> StatusCode {
    if wanted.returns == Return::Representation { StatusCode::OK } else { StatusCode::NO_CONTENT }
}

pub(super) fn finish(mut reply: Reply, wanted: &Wanted, preferences: &Preferences, outcome: Outcome) -> Reply {
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
pub(super) fn demand(exchange: &Exchange, object: &Object, verbs: &[Verb]) -> Result<(), Problem> {
    let may = verbs.iter().any(|verb| exchange.caller.profile.may(object.index, *verb));
    if may { Ok(()) } else { Err(Problem::new(ErrorCode::Forbidden)) }
}
