//! The record API: list and get.

use std::sync::Arc;

use actix_web::http::header::{ETAG, RANGE};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::prefer::{Count, Preferences};
use trellis_api::rest::{
    Asking, CursorContext, ListOptions, ListQuery, Shape, content_range, parse_select, parse_totals, parse_write,
    refuse_parameters,
};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::records::{Extent, Prepared, Reader};
use trellis_engine::request::{SelectRequest, TotalsRequest};
use trellis_engine::{Error, TenantHandle};
use trellis_metadata::snapshot::{Object, Verb};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::headers::{self, demand_form, etag, header, preferences};
use crate::exchange::Exchange;
use crate::failure::{Failure, problem};
use crate::render;
use crate::transact::one;

type Answer = Result<HttpResponse, Failure>;

/// `GET /t/{tenant}/api/v1/{object}`
pub async fn list(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_list(exchange, &path.1, &request).await).await
}

async fn try_list(exchange: &Exchange, name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    answer_list(exchange, read_query(exchange, object, request, Asking::Address(request.query_string()))?).await
}

/// `POST /t/{tenant}/api/v1/{object}/query`
pub async fn query(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_query(exchange, &path.1, &request, &body).await).await
}

async fn try_query(
    exchange: &Exchange,
    name: &str,
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    demand_form(request)?;
    refuse_parameters(request.query_string())?;
    let text = std::str::from_utf8(body).map_err(|_| Problem::new(ErrorCode::InvalidRequest))?;
    answer_list(exchange, read_query(exchange, object, request, Asking::Body(text))?).await
}

/// A list as it was asked for.
pub(super) struct Asked {
    pub query: ListQuery,
    preferences: Preferences,
    shape: Shape,
}

pub(super) fn read_query(
    exchange: &Exchange,
    object: &Object,
    request: &HttpRequest,
    asking: Asking<'_>,
) -> Result<Asked, Problem> {
    let preferences = preferences(request)?;
    let shape = headers::shape(request)?;
    let options = ListOptions { range: header(request, RANGE.as_str()), cursor: cursor(exchange) };
    let (snapshot, profile) = (&exchange.pinned.snapshot, &*exchange.caller.profile);
    let query = parse_select(snapshot, profile, object, asking, options)?;
    shape.carry(&query.request)?;
    Ok(Asked { query, preferences, shape })
}

pub(super) async fn answer_list(exchange: &Exchange, asked: Asked) -> Result<HttpResponse, Problem> {
    let Asked { query, preferences, shape } = asked;
    let wants_count =
        preferences.count.is_some_and(|count| matches!(count, Count::Exact | Count::Planned | Count::Estimated));
    if let Some(totals) = query.totals {
        return answer_totals(exchange, totals, shape, wants_count, preferences.applied()).await;
    }
    let select = query.request.clone();
    let listing = exchange
        .read(move |handle, pinned, caller| {
            read_list(handle, &Reader::new(pinned, caller), &select, shape, wants_count)
        })
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
pub(crate) struct Listing {
    pub body: Vec<u8>,
    pub rows: usize,
    total: Option<u64>,
    /// Order keys of the last row of a full page.
    pub continuation: Option<Vec<Value>>,
}

pub(crate) fn read_list(
    handle: &TenantHandle,
    reader: &Reader<'_>,
    request: &SelectRequest,
    shape: Shape,
    wants_count: bool,
) -> Result<Listing, Error> {
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

/// `GET /t/{tenant}/api/v1/{object}/aggregate`
pub async fn aggregate(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_aggregate(exchange, &path.1, &request).await).await
}

async fn try_aggregate(exchange: &Exchange, name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    let preferences = preferences(request)?;
    let shape = headers::shape(request)?;
    let (snapshot, profile) = (&exchange.pinned.snapshot, &*exchange.caller.profile);
    let totals = parse_totals(snapshot, profile, object, request.query_string())?;
    answer_totals(exchange, totals, shape, preferences.count.is_some(), preferences.applied()).await
}

async fn answer_totals(
    exchange: &Exchange,
    totals: TotalsRequest,
    shape: Shape,
    wants_count: bool,
    applied: Option<String>,
) -> Result<HttpResponse, Problem> {
    let offset = totals.offset;
    let (body, rows, total) = exchange
        .read_long(move |handle, pinned, caller| {
            let reader = Reader::new(pinned, caller);
            let found = handle.read(|session| reader.totals(session, &totals))?;
            Ok((render::totals(&found, shape)?, found.rows.len(), found.total as u64))
        })
        .await?;
    shape.admit(rows)?;
    let total = Some(total).filter(|_| wants_count);
    let partial = total.is_some_and(|total| total > rows as u64);
    let mut answer = if partial { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    answer
        .insert_header(("content-type", shape.content_type()))
        .insert_header(("content-range", content_range(offset, rows, total)))
        .insert_header(("x-trellis-revision", exchange.pinned.revision));
    if let Some(applied) = applied {
        answer.insert_header(("preference-applied", applied));
    }
    Ok(answer.body(body))
}

/// `GET /t/{tenant}/api/v1/{object}/{id}`
pub async fn get(exchange: Exchange, path: Path<(String, String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_get(exchange, &path.1, &path.2, &request).await).await
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

fn cursor(exchange: &Exchange) -> CursorContext<'_> {
    CursorContext {
        key: &exchange.state.cursor_key,
        tenant: &exchange.tenant.name,
        profile: exchange.caller.fingerprint(),
    }
}

pub(super) fn readable<'e>(exchange: &'e Exchange, name: &str) -> Result<&'e Object, Problem> {
    let object = exchange.pinned.snapshot.object_by_name(name);
    object
        .filter(|object| exchange.caller.profile.may(object.index, Verb::Read))
        .ok_or_else(|| Problem::unknown_object(name))
}

pub(super) fn record_id(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| Problem::unknown_record())
}
