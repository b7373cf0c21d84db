//! What happened to a record, what it was, and the way back to it.

use std::collections::BTreeSet;

use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use trellis_api::rest::{HistoryQuery, parse_history, refuse_parameters};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::records::{Authority, Kept, Past, PastImage, Transaction, image_at, revert as reverted, versions};
use trellis_engine::{Caller, Error, Pinned, TenantHandle};
use trellis_metadata::field_type;
use trellis_metadata::snapshot::{FieldIndex, Object, Verb};

use super::records::{readable, record_id};
use super::target::{Begun, Target};
use super::writes::{done, finish, tagged};
use crate::exchange::Exchange;
use crate::failure::{Failure, unreadable};
use crate::reply::Reply;
use crate::transact::{Outcome, Wanted, transact};

type Answer = Result<HttpResponse, Failure>;
type Address = Path<(String, String, String)>;
type VersionAddress = Path<(String, String, String, String)>;

/// `GET /t/{tenant}/api/v1/{object}/{id}/history`
pub async fn list(exchange: Exchange, path: Address, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_list(exchange, (&path.1, &path.2), request.query_string()).await).await
}

async fn try_list(exchange: &Exchange, (name, id): (&str, &str), query: &str) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    let id = record_id(id)?;
    let HistoryQuery { before, limit } = parse_history(query)?;
    let index = object.index;
    let body = exchange
        .read(move |handle, pinned, caller| {
            let object = pinned.snapshot.object(index);
            let past = within(handle, pinned, caller, |tx| versions(tx, object, id, before, limit))?;
            Ok(history(object, &past))
        })
        .await?;
    Ok(HttpResponse::Ok().json(body))
}

/// Runs a question that the write pipeline's own eyes answer.
fn within<T>(
    handle: &TenantHandle,
    pinned: &Pinned,
    caller: &Caller,
    ask: impl Fn(&Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    handle.read(|session| {
        let tx = Transaction::new(session, pinned, caller, Authority::Caller);
        let answer = ask(&tx)?;
        tx.raise_failure()?;
        Ok(answer)
    })
}

fn history(object: &Object, past: &Past) -> Json {
    let value = |field: FieldIndex, kept: &Kept| match kept {
        Kept::Shown(value) => Some(field_type::to_json(object.field(field), value)),
        Kept::Hidden => None,
    };
    let version = |version: &trellis_engine::records::Version| {
        let changes = version.changes.iter().map(|change| {
            let mut told = Map::new();
            told.insert("field".into(), object.field(change.field).name.as_str().into());
            let sides = [("old", &change.before), ("new", &change.after)];
            told.extend(sides.into_iter().filter_map(|(side, kept)| Some((side.into(), value(change.field, kept)?))));
            Json::Object(told)
        });
        json!({
            "version": version.version,
            "kind": version.kind,
            "at": version.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "by": version.actor,
            "changes": changes.collect::<Vec<_>>(),
        })
    };
    json!({ "versions": past.versions.iter().map(version).collect::<Vec<_>>(), "before": past.before })
}

/// `GET /t/{tenant}/api/v1/{object}/{id}/history/{version}`
pub async fn image(exchange: Exchange, path: VersionAddress, request: HttpRequest) -> Answer {
    exchange
        .answer(async |exchange| try_image(exchange, (&path.1, &path.2, &path.3), request.query_string()).await)
        .await
}

async fn try_image(
    exchange: &Exchange,
    (name, id, version): (&str, &str, &str),
    query: &str,
) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    let (id, version) = (record_id(id)?, version_number(version)?);
    refuse_parameters(query)?;
    let index = object.index;
    let body = exchange
        .read(move |handle, pinned, caller| {
            let object = pinned.snapshot.object(index);
            let past = within(handle, pinned, caller, |tx| image_at(tx, object, id, version))?;
            Ok(record(object, &past))
        })
        .await?;
    Ok(HttpResponse::Ok().json(body))
}

fn record(object: &Object, past: &PastImage) -> Json {
    let member = |field: FieldIndex| {
        let value = field_type::to_json(object.field(field), past.image.get(field));
        (object.field(field).name.to_string(), value)
    };
    let values: Map<String, Json> = past.shown.iter().map(member).collect();
    json!({
        "version": past.version,
        "at": past.at.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        "by": past.actor,
        "record": values,
    })
}

/// A version there cannot be is one there is not.
fn version_number(text: &str) -> Result<i64, Problem> {
    text.parse::<u32>().map(i64::from).map_err(|_| Problem::unknown_record())
}

/// What is given back; everything that differs unless said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    fields: Option<Vec<String>>,
}

/// `POST /t/{tenant}/api/v1/{object}/{id}/history/{version}/revert`
pub async fn revert(exchange: Exchange, path: VersionAddress, request: HttpRequest, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_revert(exchange, (&path.1, &path.2, &path.3), &request, &body).await).await
}

async fn try_revert(
    exchange: &Exchange,
    (name, id, version): (&str, &str, &str),
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let target = match Target::read(exchange, (name, Some(id)), request, body, Verb::Update).await? {
        Begun::New(target) => *target,
        Begun::Answered(answer) => return Ok(answer),
    };
    target.refuse_filter("A filter beside a version")?;
    let Target { object, keyed, preferences, expected, wanted, chosen, .. } = target;
    let (index, id, version) = (object.index, record_id(id)?, version_number(version)?);
    let fields = wished(exchange, object, body)?;
    let changes = move |tx: &Transaction<'_>| {
        let change = reverted(tx, index, id, version, fields.as_ref(), expected)?;
        Ok(vec![(change, String::new())])
    };
    let is_one = chosen.id.is_some();
    let reply = move |wanted: &Wanted, outcome: Outcome| {
        finish(tagged(Reply::new(done(wanted)), is_one, &outcome), wanted, &preferences, outcome)
    };
    transact(exchange, wanted, keyed, changes, reply).await
}

fn wished(exchange: &Exchange, object: &Object, body: &[u8]) -> Result<Option<BTreeSet<FieldIndex>>, Problem> {
    if body.is_empty() {
        return Ok(None);
    }
    let wish: Wish = serde_json::from_slice(body).map_err(unreadable)?;
    let Some(names) = wish.fields else { return Ok(None) };
    let grant = exchange.caller.profile.grant(object.index, Verb::Read);
    let (mut fields, mut findings) = (BTreeSet::new(), Vec::new());
    for (at, name) in names.iter().enumerate() {
        let known = object.field_by_name(name).filter(|field| grant.is_some_and(|grant| grant.covers(field.index)));
        match known {
            Some(field) => drop(fields.insert(field.index)),
            None => {
                let finding = FieldError::new(ErrorCode::UnknownField, format!("/fields/{at}"));
                findings.push(finding.with("name", name).with("object", &object.name));
            }
        }
    }
    if findings.is_empty() { Ok(Some(fields)) } else { Err(Problem::of_record(findings)) }
}
