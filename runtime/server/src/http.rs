//! The route table and what surrounds every request: limits, security headers, metrics, a fence around panics.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource, ResponseError};
use futures_util::FutureExt;
use trellis_api::{ErrorCode, Problem};
use trellis_metadata::label::Locale;

use crate::exchange::{Anonymous, accept_language, failure};
use crate::failure::Failure;
use crate::pages::{self, assets};
use crate::routes::{auth, batch, bin, events, export, files, health, history, import, meta, openapi, records, writes};
use crate::state::State;

/// Bytes of a request body.
const MAX_BODY: usize = trellis_api::rest::MAX_BODY;

/// Starts listening. The server runs until it is stopped by a signal.
pub fn server(state: State, listen: &str) -> std::io::Result<(Server, Vec<std::net::SocketAddr>)> {
    let state = Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(PayloadConfig::new(MAX_BODY))
            .wrap(actix_web::middleware::from_fn(surround))
            .configure(routes)
            .default_service(web::to(unknown_route))
    })
    .workers(std::thread::available_parallelism().map_or(2, usize::from))
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(30)
    .bind(listen)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// What is asked for most comes first: routes are tried one after the other.
fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::scope("/t/{tenant}/api/v1").configure(record_routes))
        .service(web::scope("/t/{tenant}/meta/v1").configure(metadata_routes))
        .service(web::scope("/t/{tenant}").configure(page_routes))
        .route("/", web::get().to(pages::gate::entry))
        .route("/setup", web::get().to(pages::setup::form))
        .route("/setup", web::post().to(pages::setup::submit))
        .route("/favicon.ico", web::get().to(assets::icon))
        .route("/healthz", web::get().to(health::healthz))
        .route("/readyz", web::get().to(health::readyz))
        .route("/metrics", web::get().to(health::metrics))
        .service(address("/auth/v1/token", "POST").route(web::post().to(auth::token)))
        .service(address("/auth/v1/refresh", "POST").route(web::post().to(auth::refresh)))
        .service(address("/auth/v1/logout", "POST").route(web::post().to(auth::logout)))
        .service(address("/auth/v1/password", "POST").route(web::post().to(auth::password)))
        .route("/docs/errors/", web::get().to(pages::error_codes::list))
        .route("/docs/errors/{code}", web::get().to(pages::error_codes::show))
        .route("/assets/{name}", web::get().to(assets::asset));
}

fn page_routes(config: &mut web::ServiceConfig) {
    use pages::{edit, home, list, record, session};
    config
        .app_data(pages::gate::unreadable_address())
        .route("/login", web::get().to(session::login_form))
        .route("/login", web::post().to(session::log_in))
        .route("/logout", web::post().to(session::log_out))
        .route("/app", web::get().to(home::home))
        .route("/app/notifications", web::get().to(home::notifications))
        .route("/app/notifications/read", web::post().to(home::mark_read))
        .route("/app/locale", web::post().to(session::locale))
        .route("/app/{object}", web::get().to(list::list))
        .route("/app/{object}", web::post().to(edit::create))
        .route("/app/{object}/new", web::get().to(edit::new))
        .route("/app/{object}/{id}", web::get().to(record::show))
        .route("/app/{object}/{id}", web::post().to(edit::update))
        .route("/app/{object}/{id}/edit", web::get().to(edit::edit))
        .route("/app/{object}/{id}/transition", web::post().to(record::transition))
        .route("/app/{object}/{id}/history/{version}/revert", web::post().to(record::revert))
        .route("/app/{object}/{id}/delete", web::post().to(record::delete));
}

fn metadata_routes(config: &mut web::ServiceConfig) {
    config
        .service(address("/validate", "POST").route(web::post().to(meta::validate)))
        .service(address("/plan", "POST").route(web::post().to(meta::plan)))
        .service(address("/apply", "POST").route(web::post().to(meta::apply)))
        .service(address("/rollback", "POST").route(web::post().to(meta::rollback)))
        .service(address("/documents", "GET").route(web::get().to(meta::documents)))
        .service(address("/revisions", "GET").route(web::get().to(meta::revisions)))
        .service(address("/schemas/{kind}", "GET").route(web::get().to(meta::schema)));
}

/// What an id looks like, so that the route asked for most can be tried first without hiding those beside it.
const RECORD: &str = "/{object}/{id:[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}}";

fn record_routes(config: &mut web::ServiceConfig) {
    config
        // Before the records: `files` is no object.
        .service(address("/files", "POST").route(web::post().to(files::upload)))
        .service(
            address("/files/{id}", "GET, HEAD")
                .route(web::get().to(files::download))
                .route(web::head().to(files::download)),
        )
        .service(record(RECORD))
        .service(address("/openapi.json", "GET").route(web::get().to(openapi::document)))
        .service(address("/events", "GET").route(web::get().to(events::follow)))
        .service(address("/batch", "POST").route(web::post().to(batch::batch)))
        .service(
            address("/{object}", "GET, HEAD, POST, PATCH, DELETE")
                .route(web::get().to(records::list))
                .route(web::head().to(records::list))
                .route(web::post().to(writes::create))
                .route(web::patch().to(writes::update_matching))
                .route(web::delete().to(writes::delete_matching)),
        )
        .service(
            address("/{object}/aggregate", "GET, HEAD")
                .route(web::get().to(records::aggregate))
                .route(web::head().to(records::aggregate)),
        )
        .service(address("/{object}/query", "POST").route(web::post().to(records::query)))
        .service(
            address("/{object}/deleted", "GET, HEAD").route(web::get().to(bin::list)).route(web::head().to(bin::list)),
        )
        .service(address("/{object}/import", "POST").route(web::post().to(import::create)))
        .service(address("/{object}/import/{job}", "GET").route(web::get().to(import::show)))
        .service(address("/{object}/import/{job}/errors", "GET").route(web::get().to(import::errors)))
        .service(address("/{object}/import/{job}/undo", "POST").route(web::post().to(import::undo)))
        .service(address("/{object}/export", "POST").route(web::post().to(export::create)))
        .service(address("/{object}/export/{job}", "GET").route(web::get().to(export::show)))
        .service(address("/{object}/export/{job}/file", "GET").route(web::get().to(export::file)))
        .service(address("/{object}/{id}/restore", "POST").route(web::post().to(bin::restore)))
        .service(address("/{object}/{id}/history", "GET").route(web::get().to(history::list)))
        .service(address("/{object}/{id}/history/{version}", "GET").route(web::get().to(history::image)))
        .service(address("/{object}/{id}/history/{version}/revert", "POST").route(web::post().to(history::revert)))
        // Whatever else stands there is an id nobody has.
        .service(record("/{object}/{id}"));
}

fn record(path: &str) -> Resource {
    address(path, "GET, HEAD, PUT, PATCH, DELETE")
        .route(web::get().to(records::get))
        .route(web::head().to(records::get))
        .route(web::put().to(writes::put))
        .route(web::patch().to(writes::update))
        .route(web::delete().to(writes::delete))
}

/// An address with the methods it answers; any other is told them.
fn address(path: &str, methods: &'static str) -> Resource {
    let refuse = move |anonymous: Anonymous| ready(method_not_allowed(anonymous, methods));
    web::resource(path).default_service(web::to(refuse))
}

async fn unknown_route(anonymous: Anonymous, request: HttpRequest) -> Result<HttpResponse, Failure> {
    if pages::gate::wants_page(&request) {
        return Ok(pages::gate::missing(&request));
    }
    anonymous.answer(Err(Problem::new(ErrorCode::UnknownRoute)))
}

fn method_not_allowed(anonymous: Anonymous, methods: &'static str) -> HttpResponse {
    let mut answer =
        failure(Problem::new(ErrorCode::MethodNotAllowed), anonymous.locale, anonymous.instance).error_response();
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

/// Addresses of the operator, who must see in even when too much is asked for.
const UNLIMITED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Security headers on every answer, and its time in the metrics.
async fn surround(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let state = request.app_data::<Data<State>>().cloned();
    let (locale, path) = (accept_language(request.headers()).unwrap_or_default(), request.path().to_owned());
    if let Some(refusal) = state.as_ref().and_then(|state| over_limit(state, &request, locale)) {
        let mut refused = request.into_response(refusal).map_into_right_body();
        secure(refused.headers_mut());
        return Ok(refused);
    }
    let Ok(answered) = AssertUnwindSafe(next.call(request)).catch_unwind().await else {
        tracing::error!(%path, "a handler panicked");
        return Err(failure(Problem::new(ErrorCode::Internal), locale, path).into());
    };
    let mut response = told(answered?, locale, path);
    secure(response.headers_mut());
    if let Some(state) = state {
        state.metrics.record(response.status().as_u16(), started.elapsed());
    }
    Ok(response)
}

/// What an address is told that asks too often.
fn over_limit(state: &State, request: &ServiceRequest, locale: Locale) -> Option<HttpResponse> {
    let (request, path) = (request.request(), request.path());
    if UNLIMITED.contains(&path) {
        return None;
    }
    let refused = state.limits.admit_address(state.throttle.address(request)).err()?;
    Some(if pages::gate::wants_page(request) {
        pages::gate::limited(request, &refused).respond()
    } else {
        failure(refused, locale, path.to_owned()).error_response()
    })
}

/// Refusals of the framework itself (bodies too large, broken paths) get the form of all others.
fn told<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    locale: Locale,
    path: String,
) -> ServiceResponse<EitherBody<B>> {
    let media = response.headers().get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let is_bare = media.is_none_or(|media| media.starts_with("text/plain"));
    let is_head = response.request().method() == actix_web::http::Method::HEAD;
    let code = match response.status() {
        _ if !is_bare || is_head => None,
        StatusCode::PAYLOAD_TOO_LARGE => Some(ErrorCode::BodyTooLarge),
        StatusCode::NOT_FOUND => Some(ErrorCode::UnknownRoute),
        StatusCode::METHOD_NOT_ALLOWED => Some(ErrorCode::MethodNotAllowed),
        status if status.is_client_error() => Some(ErrorCode::InvalidRequest),
        status if status.is_server_error() => Some(ErrorCode::Internal),
        _ => None,
    };
    match code {
        Some(code) => {
            let answer = failure(Problem::new(code).with("limit", MAX_BODY), locale, path).error_response();
            response.into_response(answer).map_into_right_body()
        }
        None => response.map_into_left_body(),
    }
}

const SECURITY: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

fn secure(headers: &mut HeaderMap) {
    for (name, value) in SECURITY {
        let name = HeaderName::from_static(name);
        // A file has a stricter policy of its own.
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// Follows publishes of other processes for tenants in memory.
pub fn follow_publishes(state: Arc<trellis_engine::Runtime>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(500));
            for tenant in state.loaded() {
                if let Err(error) = tenant.refresh() {
                    tracing::warn!(tenant = %tenant.name, %error, "cannot look for a new revision");
                }
            }
        }
    });
}

/// Lets go every hour of what is kept for a time: answers to keys of earlier days, deleted records, histories, files.
pub fn keep_house(state: Arc<trellis_engine::Runtime>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_hours(1));
            let yesterday = std::time::SystemTime::now() - Duration::from_hours(24);
            if let Err(error) = state.storage.clear_incoming(yesterday) {
                tracing::warn!(%error, "cannot remove what only half came in");
            }
            for tenant in state.loaded() {
                if let Err(error) = trellis_engine::idempotency::sweep(&tenant) {
                    tracing::warn!(tenant = %tenant.name, %error, "cannot forget kept answers");
                }
                if let Err(error) = trellis_engine::retention::forget_jobs(&tenant, chrono::Utc::now()) {
                    tracing::warn!(tenant = %tenant.name, %error, "cannot forget imports and exports of long ago");
                }
                if let Err(error) = trellis_engine::retention::forget_events(&tenant, chrono::Utc::now()) {
                    tracing::warn!(tenant = %tenant.name, %error, "cannot forget events of long ago");
                }
                if let Err(error) = trellis_engine::retention::sweep(&tenant, chrono::Utc::now()) {
                    tracing::warn!(tenant = %tenant.name, %error, "cannot let go of deleted records");
                }
                if let Err(error) = trellis_engine::files::sweep(&state, &tenant, chrono::Utc::now()) {
                    tracing::warn!(tenant = %tenant.name, %error, "cannot let go of files");
                }
            }
        }
    });
}
