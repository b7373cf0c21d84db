//! One authenticated request to a tenant: who asks, where, under which snapshot. Extracting it is the proof that the
//! caller was identified.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::identity::Authenticated;
use trellis_engine::{Caller, Error, Pinned, StorageError, Tenant, TenantHandle};
use trellis_metadata::label::Locale;
use uuid::Uuid;

use crate::cookies::Purpose;
use crate::failure::{Failure, problem, status};
use crate::state::State;

/// Steps of SQLite's machine that a read may take on a thread that serves requests: a few milliseconds.
const SHORT: u64 = 300_000;

/// How often a request is tried when publishes overtake it.
pub const ATTEMPTS: usize = 6;

pub struct Exchange {
    pub state: Data<State>,
    pub tenant: Arc<Tenant>,
    pub pinned: Arc<Pinned>,
    pub caller: Caller,
    pub locale: Locale,
    instance: String,
    token: String,
}

impl Exchange {
    /// By whom the answer is read, for one that outlasts the request.
    pub fn asker(&self) -> Asker {
        Asker { token: self.token.clone(), locale: self.locale, instance: self.instance.clone() }
    }

    /// Runs a handler and turns its outcome into an answer. A handler reads the request by the documents of the
    /// exchange, and a refusal holds only under the newest: where another process published others meanwhile, the
    /// handler runs again under those.
    pub async fn answer(
        mut self,
        handler: impl AsyncFn(&Self) -> Result<HttpResponse, Problem>,
    ) -> Result<HttpResponse, Failure> {
        let mut outcome = handler(&self).await;
        for _ in 1..ATTEMPTS {
            let Err(problem) = &outcome else { break };
            match newer(Doubt::of_problem(problem), &self.tenant, &self.pinned).await {
                Ok(None) => break,
                Ok(Some(pinned)) => {
                    (self.caller, self.pinned) = (self.caller.under(&pinned), pinned);
                    outcome = handler(&self).await;
                }
                Err(problem) => outcome = Err(problem),
            }
        }
        outcome.map_err(|problem| failure(problem, self.locale, self.instance))
    }

    /// Runs a read where it may run: over SQLite it is tried on this thread, and starts over on the blocking pool when
    /// it is long; where it waits for a network it is there from the start.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl Fn(&TenantHandle, &Pinned, &Caller) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let handle = self.tenant.handle.clone();
        if !handle.is_blocking() {
            match job(&handle.bounded(SHORT), &self.pinned, &self.caller) {
                Err(Error::Storage(StorageError::Budget)) => {}
                done => return done.map_err(problem),
            }
        }
        self.read_long(job).await
    }

    /// Runs a read that may take its time, never on this thread.
    pub async fn read_long<T: Send + 'static>(
        &self,
        job: impl FnOnce(&TenantHandle, &Pinned, &Caller) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let (handle, pinned, caller) = (self.tenant.handle.clone(), self.pinned.clone(), self.caller.clone());
        blocking(move || job(&handle, &pinned, &caller)).await
    }
}

/// Who reads a long answer, to be made sure of again and again.
#[derive(Clone)]
pub struct Asker {
    pub token: String,
    pub locale: Locale,
    pub instance: String,
}

/// What documents that this process has not seen yet could change about an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    Nothing,
    /// They may allow what was refused.
    Refused,
    /// They are there, for the tables are no longer what these say.
    Overtaken,
}

impl Doubt {
    fn of_problem(problem: &Problem) -> Self {
        if problem.code == ErrorCode::Republished { Doubt::Overtaken } else { Self::of_status(status(problem.class())) }
    }

    pub fn of_status(status: StatusCode) -> Self {
        if status.is_client_error() { Doubt::Refused } else { Doubt::Nothing }
    }
}

/// Documents another process published since.
pub async fn newer(doubt: Doubt, tenant: &Arc<Tenant>, than: &Arc<Pinned>) -> Result<Option<Arc<Pinned>>, Problem> {
    if doubt == Doubt::Nothing {
        return Ok(None);
    }
    let (tenant, than) = (tenant.clone(), than.clone());
    let found = blocking(move || tenant.newer(&than)).await?;
    if doubt == Doubt::Overtaken && found.is_none() {
        tracing::error!("a statement does not fit the tables of the newest revision");
        return Err(Problem::new(ErrorCode::Internal));
    }
    Ok(found)
}

/// Runs `job` on the blocking pool.
pub async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    match web::block(job).await {
        Ok(done) => done.map_err(problem),
        Err(_) => Err(Problem::new(ErrorCode::Unavailable)),
    }
}

pub fn failure(problem: Problem, locale: Locale, instance: String) -> Failure {
    Failure { problem, locale, instance, trace_id: Uuid::now_v7().simple().to_string() }
}

/// The language asked for: the first one we speak.
pub fn accept_language(headers: &HeaderMap) -> Option<Locale> {
    let value = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    value.split(',').take(20).find_map(|item| Locale::from_tag(item.split(';').next().unwrap_or_default()))
}

/// How the caller showed who he is.
enum Credential {
    Bearer(String),
    Cookie(String),
}

fn credential(request: &HttpRequest) -> Option<Credential> {
    if let Some(header) = request.headers().get(AUTHORIZATION) {
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        return Some(Credential::Bearer(token.trim().to_owned()));
    }
    let state = request.app_data::<Data<State>>()?;
    state.cookies.get(request, Purpose::Session).map(Credential::Cookie)
}

impl FromRequest for Exchange {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let opening = Opening::of(request);
        Box::pin(async move { opening.open().await })
    }
}

/// What is taken from the request before anything is looked up.
struct Opening {
    state: Option<Data<State>>,
    tenant: String,
    credential: Option<Credential>,
    csrf: Option<String>,
    writes: bool,
    locale: Option<Locale>,
    instance: String,
}

impl Opening {
    fn of(request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            state: request.app_data::<Data<State>>().cloned(),
            tenant: request.match_info().get("tenant").unwrap_or_default().to_owned(),
            credential: credential(request),
            csrf: header("x-csrf-token"),
            writes: !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS),
            locale: accept_language(request.headers()),
            instance: request.path().to_owned(),
        }
    }

    async fn open(self) -> Result<Exchange, Failure> {
        let locale = self.locale.unwrap_or_default();
        let instance = self.instance.clone();
        self.try_open().await.map_err(|problem| failure(problem, locale, instance))
    }

    async fn try_open(self) -> Result<Exchange, Problem> {
        let state = self.state.ok_or_else(|| Problem::new(ErrorCode::Internal))?;
        let credential = self.credential.ok_or_else(|| Problem::new(ErrorCode::Unauthenticated))?;
        let is_cookie = matches!(credential, Credential::Cookie(_));
        let (Credential::Bearer(token) | Credential::Cookie(token)) = credential;
        let (tenant, pinned, authenticated) = identify(&state, self.tenant, token.clone()).await?;
        if is_cookie && self.writes && !csrf_matches(authenticated.csrf.as_deref(), self.csrf.as_deref()) {
            return Err(Problem::new(ErrorCode::CrossSite));
        }
        let locale = self.locale.unwrap_or(authenticated.caller.actor.locale);
        Ok(Exchange { tenant, pinned, caller: authenticated.caller, locale, instance: self.instance, token, state })
    }
}

/// Known, and within the limits of the member and the tenant.
pub async fn identify(state: &Data<State>, tenant: String, token: String) -> Result<Identified, Problem> {
    let found = recognise(state, tenant, token).await?;
    state.limits.admit_member(found.0.handle.id(), found.2.caller.actor.user)?;
    Ok(found)
}

/// Unknown tenant, unknown token, other tenant's token: one answer.
pub async fn recognise(state: &Data<State>, tenant: String, token: String) -> Result<Identified, Problem> {
    let runtime = state.runtime.clone();
    let unauthenticated = |error: Error| match error {
        Error::Unauthorized | Error::Storage(trellis_engine::StorageError::UnknownTenant) => {
            Problem::new(ErrorCode::Unauthenticated)
        }
        other => problem(other),
    };
    if !runtime.storage.is_blocking() {
        let tenant = runtime.tenant(&tenant).map_err(unauthenticated)?;
        let pinned = tenant.pin();
        let authenticated = state.sessions.authenticate(&runtime, &tenant, &pinned, &token).map_err(unauthenticated)?;
        return Ok((tenant, pinned, authenticated));
    }
    let shared = state.clone();
    let outcome = web::block(move || {
        let tenant = runtime.tenant(&tenant)?;
        let pinned = tenant.pin();
        let authenticated = shared.sessions.authenticate(&runtime, &tenant, &pinned, &token)?;
        Ok::<_, Error>((tenant, pinned, authenticated))
    });
    outcome.await.map_err(|_| Problem::new(ErrorCode::Unavailable))?.map_err(unauthenticated)
}

type Identified = (Arc<Tenant>, Arc<Pinned>, Authenticated);

pub fn csrf_matches(expected: Option<&str>, given: Option<&str>) -> bool {
    match (expected, given) {
        (Some(expected), Some(given)) => trellis_engine::identity::same_secret(expected, given),
        _ => false,
    }
}

/// For handlers without a caller: only the language and the path.
pub struct Anonymous {
    pub locale: Locale,
    pub instance: String,
}

impl Anonymous {
    pub fn answer(&self, outcome: Result<HttpResponse, Problem>) -> Result<HttpResponse, Failure> {
        outcome.map_err(|problem| failure(problem, self.locale, self.instance.clone()))
    }
}

impl FromRequest for Anonymous {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let locale = accept_language(request.headers()).unwrap_or_default();
        ready(Ok(Self { locale, instance: request.path().to_owned() }))
    }
}
