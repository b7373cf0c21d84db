//! `GET /t/{tenant}/api/v1/openapi.json`: what this caller may do, as OpenAPI 3.1.

use actix_web::HttpResponse;

use crate::exchange::Exchange;
use crate::failure::Failure;

pub async fn document(exchange: Exchange) -> Result<HttpResponse, Failure> {
    let bytes =
        trellis_api::openapi::document(&exchange.pinned.snapshot, &*exchange.caller.profile, &exchange.tenant.name);
    exchange.answer(Ok(HttpResponse::Ok()
        .insert_header(("content-type", "application/json; charset=utf-8"))
        .insert_header(("etag", format!("\"{}-{:x}\"", exchange.pinned.revision, exchange.caller.fingerprint())))
        .body(bytes)))
}
