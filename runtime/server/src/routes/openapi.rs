//! `GET /t/{tenant}/api/v1/openapi.json`: what this caller may do, as OpenAPI 3.1.

use actix_web::{HttpRequest, HttpResponse};
use trellis_api::Problem;

use super::headers;
use crate::exchange::Exchange;
use crate::failure::Failure;

pub async fn document(exchange: Exchange, request: HttpRequest) -> Result<HttpResponse, Failure> {
    exchange.answer(async |exchange| answer(exchange, &request)).await
}

/// Made anew only for those who do not have it: it depends on nothing but the revision and the caller's rights.
fn answer(exchange: &Exchange, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let etag = format!("\"{}-{:x}\"", exchange.pinned.revision, exchange.caller.fingerprint());
    if headers::has_already(request, &etag)? {
        return Ok(HttpResponse::NotModified().insert_header(("etag", etag)).finish());
    }
    let bytes =
        trellis_api::openapi::document(&exchange.pinned.snapshot, &*exchange.caller.profile, &exchange.tenant.name);
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", "application/json; charset=utf-8"))
        .insert_header(("etag", etag))
        .body(bytes))
}
