//! `/healthz`, `/readyz`, `/metrics`.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::exchange::blocking;
use crate::state::State;

/// The process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// Storage answers.
pub async fn readyz(state: Data<State>) -> HttpResponse {
    let runtime = state.runtime.clone();
    match blocking(move || runtime.tenants()).await {
        Ok(tenants) => HttpResponse::Ok().json(serde_json::json!({ "status": "ready", "tenants": tenants.len() })),
        Err(_) => HttpResponse::ServiceUnavailable()
            .insert_header(("retry-after", "1"))
            .json(serde_json::json!({ "status": "not ready" })),
    }
}

pub async fn metrics(state: Data<State>) -> HttpResponse {
    let (tenants, streams) = (state.runtime.loaded().len(), state.events.count());
    let text = state.metrics.text(tenants, streams, &state.workflows, &state.limits.refused());
    HttpResponse::Ok().insert_header(("content-type", "text/plain; version=0.0.4; charset=utf-8")).body(text)
}
