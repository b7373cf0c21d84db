//! `GET /t/{tenant}/api/v1/events`: a list that tells of its changes.

use actix_web::{HttpRequest, HttpResponse};
use trellis_api::Problem;
use trellis_api::rest::parse_events;

use super::headers::header;
use crate::events;
use crate::exchange::Exchange;
use crate::failure::Failure;

pub async fn follow(exchange: Exchange, request: HttpRequest) -> Result<HttpResponse, Failure> {
    exchange.answer(async |exchange| try_follow(exchange, &request).await).await
}

async fn try_follow(exchange: &Exchange, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let query = parse_events(request.query_string())?;
    let last = header(request, "last-event-id").filter(|id| !id.is_empty());
    let told = events::open(exchange, query, last).await?;
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", "text/event-stream"))
        .insert_header(("cache-control", "no-store"))
        // A proxy that collects answers would hold events back.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(told))
}
