//! Tokens: `POST /auth/v1/token`, `/auth/v1/refresh`, `/auth/v1/logout`, and `/auth/v1/password`.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use trellis_api::Problem;
use trellis_engine::Error;

use crate::exchange::{Anonymous, blocking};
use crate::failure::{Failure, unreadable};
use crate::state::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    tenant: String,
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    refresh_token: String,
}

/// `POST /auth/v1/token` `{"tenant","email","password"}`
pub async fn token(
    anonymous: Anonymous,
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let outcome = async {
        let TokenRequest { tenant, email, password } = read(&body)?;
        let log_in = move |state: &State| state.sessions.log_in(&state.runtime, &tenant, &email, &password);
        let tokens = guarded(&state, &request, log_in).await?;
        Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(tokens))
    };
    anonymous.answer(outcome.await)
}

/// `POST /auth/v1/refresh` `{"refresh_token"}`
pub async fn refresh(anonymous: Anonymous, state: Data<State>, body: Bytes) -> Result<HttpResponse, Failure> {
    let outcome = async {
        let RefreshRequest { refresh_token } = read(&body)?;
        let tokens = blocking(move || state.sessions.refresh(&state.runtime, &refresh_token)).await?;
        Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(tokens))
    };
    anonymous.answer(outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordRequest {
    tenant: String,
    email: String,
    password: String,
    new_password: String,
}

/// `POST /auth/v1/password` `{"tenant","email","password","new_password"}`: every session and token of the account ends.
pub async fn password(
    anonymous: Anonymous,
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let outcome = async {
        let PasswordRequest { tenant, email, password, new_password } = read(&body)?;
        let change = move |state: &State| {
            state.sessions.change_password(&state.runtime, &tenant, &email, &password, &new_password)
        };
        guarded(&state, &request, change).await?;
        Ok(HttpResponse::NoContent().finish())
    };
    anonymous.answer(outcome.await)
}

/// `POST /auth/v1/logout` `{"refresh_token"}`: ends the whole family.
pub async fn logout(anonymous: Anonymous, state: Data<State>, body: Bytes) -> Result<HttpResponse, Failure> {
    let outcome = async {
        let RefreshRequest { refresh_token } = read(&body)?;
        blocking(move || state.sessions.log_out(&state.runtime, &refresh_token)).await?;
        Ok(HttpResponse::NoContent().finish())
    };
    anonymous.answer(outcome.await)
}

/// Runs what a password is needed for: an address that fails too often has to wait.
async fn guarded<T: Send + 'static>(
    state: &Data<State>,
    request: &HttpRequest,
    job: impl FnOnce(&State) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    let address = state.throttle.address(request);
    state.throttle.admit(address)?;
    let shared = state.clone();
    blocking(move || job(&shared)).await.inspect_err(|_| state.throttle.fail(address))
}

fn read<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(unreadable)
}
