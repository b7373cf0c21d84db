//! What the record API reads from headers.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH};
use trellis_api::prefer::Preferences;
use trellis_api::rest::{Shape, negotiate};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::idempotency::{KeyedRequest, MAX_KEY};

pub fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

pub fn preferences(request: &HttpRequest) -> Result<Preferences, Problem> {
    Preferences::parse(request.headers().get_all("prefer").filter_map(|value| value.to_str().ok()))
}

pub fn shape(request: &HttpRequest) -> Result<Shape, Problem> {
    negotiate(header(request, ACCEPT.as_str()))
}

pub fn demand_json(request: &HttpRequest) -> Result<(), Problem> {
    let media = header(request, CONTENT_TYPE.as_str()).unwrap_or("application/json");
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media == "application/json" || media.ends_with("+json");
    if is_json { Ok(()) } else { Err(Problem::new(ErrorCode::UnsupportedMedia).with("supported", "application/json")) }
}

pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version in `If-Match`; `*` demands nothing.
pub fn expected_version(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(value) = header(request, IF_MATCH.as_str()).map(str::trim).filter(|value| *value != "*") else {
        return Ok(None);
    };
    let version = value.trim_matches('"').parse();
    version.map(Some).map_err(|_| Problem::new(ErrorCode::InvalidRequest))
}

/// The request under its `Idempotency-Key`, where it has one.
pub fn keyed(request: &HttpRequest, body: &[u8]) -> Result<Option<KeyedRequest>, Problem> {
    let mut keys = request.headers().get_all("idempotency-key");
    let Some(key) = keys.next() else { return Ok(None) };
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    let parts = [request.method().as_str().as_bytes(), address.as_bytes(), body];
    let keyed = key.to_str().ok().and_then(|key| KeyedRequest::new(key, &parts));
    match keyed {
        Some(keyed) if keys.next().is_none() => Ok(Some(keyed)),
        _ => Err(Problem::new(ErrorCode::InvalidIdempotencyKey).with("limit", MAX_KEY)),
    }
}
