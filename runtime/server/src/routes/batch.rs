//! `POST /t/{tenant}/api/v1/batch`: many operations over objects in one transaction, all or nothing.

use std::collections::HashSet;
use std::io::Write as _;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::Problem;
use trellis_api::prefer::{Preferences, Return};
use trellis_api::rest::{Action, Operation, Shape, parse_batch, parse_write};
use trellis_engine::Error;
use trellis_engine::records::{Change, Effect, Resolution, Transaction, Upsert, Written, save_all};
use trellis_engine::request::{RecordInput, SelectRequest};
use trellis_metadata::snapshot::{ObjectIndex, system_field};
use uuid::Uuid;

use super::headers::{demand_json, keyed, preferences};
use crate::exchange::Exchange;
use crate::failure::{Failure, problem};
use crate::render;
use crate::reply::Reply;
use crate::transact::{Settled, answered, settle, shown};

pub async fn batch(exchange: Exchange, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Failure> {
    exchange.answer(async |exchange| try_batch(exchange, &request, &body).await).await
}

async fn try_batch(exchange: &Exchange, request: &HttpRequest, body: &[u8]) -> Result<HttpResponse, Problem> {
    demand_json(request)?;
    let keyed = keyed(request, body)?;
    if let Some(answer) = answered(exchange, keyed.as_ref()).await? {
        return Ok(answer);
    }
    let preferences = preferences(request)?;
    let (snapshot, profile) = (&exchange.pinned.snapshot, &*exchange.caller.profile);
    let operations = parse_batch(snapshot, profile, body, &mut Uuid::now_v7)?;
    let selects = selects(exchange, &operations, &preferences)?;
    let done = settle(exchange, keyed, move |tx| {
        if let Some(limit) = preferences.max_affected.filter(|max| operations.len() as u64 > *max) {
            return Err(Error::TooManyAffected { limit, count: operations.len() as u64 });
        }
        let written = write(tx, &operations)?;
        let body = results(tx, &operations, &written, &selects)?;
        let mut reply = Reply::new(StatusCode::OK).header("content-type", "application/json; charset=utf-8");
        if let Some(applied) = preferences.applied() {
            reply = reply.header("preference-applied", applied);
        }
        Ok(Settled { reply: Ok(reply.body(body)), keeps: !preferences.is_rollback() })
    });
    done.await.map_err(problem)?
}

/// What of each written record is shown: everything the caller may read, where he asks for it.
fn selects(
    exchange: &Exchange,
    operations: &[Operation],
    preferences: &Preferences,
) -> Result<Vec<Option<SelectRequest>>, Problem> {
    if preferences.returns != Some(Return::Representation) {
        return Ok(vec![None; operations.len()]);
    }
    let snapshot = &exchange.pinned.snapshot;
    let select = |operation: &Operation| {
        let whole = parse_write(snapshot, &*exchange.caller.profile, snapshot.object(operation.object), "")?;
        Ok(Some(whole.select))
    };
    operations.iter().map(select).collect()
}

/// The operations in order, as few at a time as need be: what touches one record twice, or takes records away, waits
/// for what stands before it.
fn write(tx: &Transaction<'_>, operations: &[Operation]) -> Result<Vec<Written>, Error> {
    let mut written = Vec::with_capacity(operations.len());
    let mut rest = operations;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(together(rest));
        written.extend(save_all(tx, now.iter().map(change).collect())?);
        rest = later;
    }
    Ok(written)
}

/// How many of the next operations do not meet; at least one.
fn together(operations: &[Operation]) -> usize {
    let deletes = |operation: &Operation| matches!(operation.action, Action::Delete { .. });
    let mut touched = HashSet::new();
    let mut count = 0;
    for operation in operations {
        let mut own = vec![(operation.object, operation.id())];
        if let Action::Create(input) | Action::Update { input, .. } | Action::Put { input, .. } = &operation.action {
            children(input, &mut own);
        }
        let meets = own.iter().any(|record| touched.contains(record));
        if meets || (count > 0 && deletes(operation) != deletes(&operations[0])) {
            return count.max(1);
        }
        touched.extend(own);
        count += 1;
    }
    count
}

fn children(input: &RecordInput, own: &mut Vec<(ObjectIndex, Uuid)>) {
    for child in input.children.iter().flat_map(|(_, rows)| rows) {
        own.extend(child.record.id.map(|id| (child.record.object, id)));
        children(&child.record, own);
    }
}

fn change(operation: &Operation) -> (Change, String) {
    let body = || format!("{}/body", operation.place);
    match operation.action.clone() {
        Action::Create(input) => (Change::Create(input), body()),
        Action::Update { id, expected, input } => (Change::Update { id, expected, input }, body()),
        Action::Put { expected, input, .. } => {
            let key = vec![system_field::ID];
            (Change::Upsert(Upsert { input, key, resolution: Resolution::Merge, expected }), body())
        }
        Action::Delete { id, expected } => {
            (Change::Delete { object: operation.object, id, expected }, operation.place.clone())
        }
    }
}

/// `{"results": [ … ]}` in the order of the operations.
fn results(
    tx: &Transaction<'_>,
    operations: &[Operation],
    written: &[Written],
    selects: &[Option<SelectRequest>],
) -> Result<Vec<u8>, Error> {
    let mut out = b"{\"results\":[".to_vec();
    for (at, (operation, written)) in operations.iter().zip(written).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        result(operation, written, &mut out);
        if let Some(body) = selects[at].as_ref().map(|select| record(tx, select, written.id)).transpose()?.flatten() {
            out.extend_from_slice(b",\"record\":");
            out.extend_from_slice(&body);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// Names and ids need no escaping.
fn result(operation: &Operation, written: &Written, out: &mut Vec<u8>) {
    let status = match written.effect {
        Effect::Created => StatusCode::CREATED,
        Effect::Deleted => StatusCode::NO_CONTENT,
        Effect::Updated | Effect::Ignored => StatusCode::OK,
    };
    // Writing to a Vec cannot fail.
    let _ = write!(
        out,
        "{{\"method\":\"{}\",\"status\":{},\"id\":\"{}\",\"version\":{}",
        operation.method(),
        status.as_u16(),
        written.id,
        written.version
    );
    if let Some(name) = &operation.name {
        let _ = write!(out, ",\"as\":\"{name}\"");
    }
}

/// The record as the caller may read it when the batch is done; a deleted one is not there.
fn record(tx: &Transaction<'_>, select: &SelectRequest, id: Uuid) -> Result<Option<Vec<u8>>, Error> {
    let page = shown(tx, select, id)?;
    page.map(|page| render::page(&page, select, Shape::Object { strip_nulls: false })).transpose()
}
