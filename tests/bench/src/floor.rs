//! The hand-written service: what somebody who knows the one table, and needs no metadata, would write with the same
//! libraries and the same durability. It checks a token and no permission, so it is a ceiling.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, ETAG, LOCATION};
use actix_web::web::{Bytes, Data, Path, PayloadConfig, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::Utc;
use clap::Args;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Error;

mod connection;
mod read;
mod record;
mod write;

use record::{New, Patch};
use write::{Change, Failure, Writer};

#[derive(Args)]
pub struct Options {
    #[arg(long)]
    file: PathBuf,
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Write history and event rows as Trellis does.
    #[arg(long)]
    journal: bool,
    /// Token of a user who may see all rows, and his id.
    #[arg(long, num_args = 2)]
    office: Vec<String>,
    /// Token of a user who sees his own rows, and his id.
    #[arg(long, num_args = 2)]
    rep: Vec<String>,
}

struct State {
    users: HashMap<String, User>,
    file: PathBuf,
    writer: Writer,
}

#[derive(Clone, Copy)]
struct User {
    id: Uuid,
    own_rows_only: bool,
}

pub fn serve(options: Options) -> Result<(), Error> {
    let user = |pair: &[String], own_rows_only| {
        let [token, id] = pair else { return None };
        Some((token.clone(), User { id: Uuid::parse_str(id).ok()?, own_rows_only }))
    };
    let users = user(&options.office, false).into_iter().chain(user(&options.rep, true)).collect();
    let writer = Writer::start(&options.file, options.journal)?;
    let state = Data::new(State { users, file: options.file, writer });
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .app_data(PayloadConfig::new(16 * 1024 * 1024))
                .route("/t/bench/api/v1/visit", web::get().to(list))
                .route("/t/bench/api/v1/visit", web::post().to(create))
                .route("/t/bench/api/v1/visit/{id}", web::get().to(get))
                .route("/t/bench/api/v1/visit/{id}", web::patch().to(update))
        })
        .workers(std::thread::available_parallelism().map_or(2, usize::from))
        .bind(&options.listen)?;
        if let Some(address) = server.addrs().first() {
            println!("{}", serde_json::json!({ "url": format!("http://{address}") }));
        }
        Ok(server.run().await?)
    })
}

fn user(state: &State, request: &HttpRequest) -> Result<User, actix_web::Error> {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let user = token.and_then(|token| state.users.get(token)).copied();
    user.ok_or_else(|| actix_web::error::ErrorUnauthorized("unknown token"))
}

async fn get(state: Data<State>, id: Path<Uuid>, request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    user(&state, &request)?;
    let found = read::one(&state.file, *id).map_err(actix_web::error::ErrorInternalServerError)?;
    let (body, version) = found.ok_or_else(|| actix_web::error::ErrorNotFound("unknown record"))?;
    Ok(HttpResponse::Ok().content_type("application/json").insert_header((ETAG, etag(version))).body(body))
}

#[derive(Deserialize)]
pub struct Wanted {
    status: String,
    planned_on: String,
    limit: u32,
}

async fn list(
    state: Data<State>,
    wanted: Query<Wanted>,
    request: HttpRequest,
) -> Result<HttpResponse, actix_web::Error> {
    let user = user(&state, &request)?;
    let status = wanted.status.strip_prefix("eq.").unwrap_or_default();
    let until = wanted.planned_on.strip_prefix("lte.").unwrap_or_default();
    let owner = user.own_rows_only.then_some(user.id);
    let body = read::list(&state.file, status, until, owner, wanted.limit)
        .map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}

async fn create(state: Data<State>, body: Bytes, request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    let user = user(&state, &request)?;
    let is_array = body.first() == Some(&b'[');
    let records: Vec<New> =
        if is_array { serde_json::from_slice(&body)? } else { vec![serde_json::from_slice(&body)?] };
    let (id, version) = state.writer.write(user.id, Utc::now(), Change::Create(records)).await.map_err(refused)?;
    let mut answer = HttpResponse::Created();
    if !is_array {
        answer.insert_header((LOCATION, format!("/t/bench/api/v1/visit/{id}"))).insert_header((ETAG, etag(version)));
    }
    Ok(answer.finish())
}

async fn update(
    state: Data<State>,
    id: Path<Uuid>,
    body: Bytes,
    request: HttpRequest,
) -> Result<HttpResponse, actix_web::Error> {
    let user = user(&state, &request)?;
    let patch: Patch = serde_json::from_slice(&body)?;
    let owner = user.own_rows_only.then_some(user.id);
    let change = Change::Update { id: *id, owner, patch };
    let (_, version) = state.writer.write(user.id, Utc::now(), change).await.map_err(refused)?;
    Ok(HttpResponse::NoContent().insert_header((ETAG, etag(version))).finish())
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

fn refused(failure: Arc<Failure>) -> actix_web::Error {
    match &*failure {
        Failure::Unknown => actix_web::error::ErrorNotFound("unknown record"),
        Failure::Invalid(field) => actix_web::error::ErrorUnprocessableEntity(*field),
        Failure::Database(error) => actix_web::error::ErrorInternalServerError(error.to_string()),
        Failure::Ended => actix_web::error::ErrorServiceUnavailable("the writer has ended"),
    }
}
