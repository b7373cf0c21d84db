//! A browser with a session, looking at pages of a tenant. Without a session it is sent to the login page.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use trellis_api::ErrorCode;
use trellis_engine::{Caller, Error, Pinned, Tenant};
use trellis_forms::{ErrorKind, FormInput, Site, SiteUser, Template, error_page};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{ObjectIndex, Verb};

use super::gate::{Limited, limited};
use crate::cookies::{self, Purpose};
use crate::exchange::{ATTEMPTS, Doubt, accept_language, blocking, csrf_matches, identify, newer};
use crate::failure::{field_texts, problem, status};
use crate::state::State;

pub struct Visitor {
    pub state: Data<State>,
    pub tenant: Arc<Tenant>,
    pub pinned: Arc<Pinned>,
    pub caller: Caller,
    pub csrf: Arc<str>,
    pub locale: Locale,
    /// Path and query, for coming back.
    pub address: String,
}

/// Why there is no page.
#[derive(Debug)]
pub enum PageFailure {
    /// Log in first, then come back to this address.
    LogIn { tenant: String, next: String },
    /// More than a limit allows.
    TooMany(Limited),
    /// The documents the request was read by are not the newest.
    Republished,
    /// A finished error page.
    Shown { status: StatusCode, html: String },
}

impl PageFailure {
    fn doubt(&self) -> Doubt {
        match self {
            PageFailure::LogIn { .. } | PageFailure::TooMany(_) => Doubt::Nothing,
            PageFailure::Republished => Doubt::Overtaken,
            PageFailure::Shown { status, .. } => Doubt::of_status(*status),
        }
    }
}

impl std::fmt::Display for PageFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PageFailure::LogIn { .. } => f.write_str("login needed"),
            PageFailure::TooMany(_) => f.write_str("too many requests"),
            PageFailure::Republished => f.write_str("published meanwhile"),
            PageFailure::Shown { status, .. } => write!(f, "{status}"),
        }
    }
}

impl ResponseError for PageFailure {
    fn status_code(&self) -> StatusCode {
        match self {
            PageFailure::LogIn { .. } => StatusCode::SEE_OTHER,
            PageFailure::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            PageFailure::Republished => StatusCode::SERVICE_UNAVAILABLE,
            PageFailure::Shown { status, .. } => *status,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            PageFailure::LogIn { tenant, next } => {
                let (tenant, next) = (percent_encode(tenant), percent_encode(next));
                HttpResponse::SeeOther().insert_header((LOCATION, format!("/t/{tenant}/login?next={next}"))).finish()
            }
            PageFailure::TooMany(page) => page.respond(),
            PageFailure::Republished => HttpResponse::ServiceUnavailable().finish(),
            PageFailure::Shown { status, html } => HttpResponse::build(*status)
                .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
                .body(html.clone()),
        }
    }
}

fn percent_encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub type PageAnswer = Result<HttpResponse, PageFailure>;

/// Which page a form was sent from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    ThisSession,
    /// An older session's page, or another site's.
    Elsewhere,
}

/// The page whose form is sent to this address.
fn page_of(address: &str) -> String {
    let path = address.split('?').next().unwrap_or_default();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    match steps.as_slice() {
        ["t", _, "app", "locale"] | ["t", _, "logout"] => format!("/t/{}/app", steps[1]),
        ["t", _, "app", "notifications", ..] => format!("/t/{}/app/notifications", steps[1]),
        ["t", _, "app", _] => format!("{path}/new"),
        ["t", _, "app", _, _] => format!("{path}/edit"),
        ["t", _, "app", _, _, _, ..] => format!("/{}", steps[..5].join("/")),
        _ => address.to_owned(),
    }
}

/// The page as an answer.
pub fn html(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header(("cache-control", "no-store"))
        .body(text)
}

pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

/// The language of the pages: chosen on the page, asked for by the browser, else the user's own.
pub fn page_locale(request: &HttpRequest) -> Option<Locale> {
    let chosen = request.cookie(cookies::LOCALE).and_then(|cookie| Locale::from_tag(cookie.value()));
    chosen.or_else(|| accept_language(request.headers()))
}

impl FromRequest for Visitor {
    type Error = PageFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFailure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { open(&request).await })
    }
}

async fn open(request: &HttpRequest) -> Result<Visitor, PageFailure> {
    let tenant = request.match_info().get("tenant").unwrap_or_default().to_owned();
    let address = request.uri().to_string();
    let next = if *request.method() == Method::POST { page_of(&address) } else { address.clone() };
    let log_in = || PageFailure::LogIn { tenant: tenant.clone(), next: next.clone() };
    let state = request.app_data::<Data<State>>().cloned().ok_or_else(log_in)?;
    let session = state.cookies.get(request, Purpose::Session).ok_or_else(log_in)?;
    let (tenant_found, pinned, authenticated) = match identify(&state, tenant.clone(), session).await {
        Ok(identified) => identified,
        Err(problem) if problem.code == ErrorCode::TooManyRequests => {
            return Err(PageFailure::TooMany(limited(request, &problem)));
        }
        Err(_) => return Err(log_in()),
    };
    let csrf = authenticated.csrf.ok_or_else(log_in)?;
    let locale = page_locale(request).unwrap_or(authenticated.caller.actor.locale);
    Ok(Visitor { pinned, tenant: tenant_found, caller: authenticated.caller, csrf, locale, address, state })
}

impl Visitor {
    /// Runs a handler, which reads the request by the documents the visitor has: where another process published
    /// others meanwhile, it runs again under those.
    pub async fn answer(self, handler: impl AsyncFn(Arc<Self>) -> PageAnswer) -> PageAnswer {
        let mut visitor = Arc::new(self);
        for _ in 1..ATTEMPTS {
            let outcome = handler(visitor.clone()).await;
            let doubt = match &outcome {
                Ok(page) => Doubt::of_status(page.status()),
                Err(failure) => failure.doubt(),
            };
            match newer(doubt, &visitor.tenant, &visitor.pinned).await {
                Ok(None) => return outcome,
                Ok(Some(pinned)) => visitor = Arc::new(visitor.under(pinned)),
                Err(_) => return Err(visitor.shown(ErrorKind::Server, &[], None)),
            }
        }
        Err(visitor.shown(ErrorKind::Unavailable, &[], None))
    }

    fn under(&self, pinned: Arc<Pinned>) -> Self {
        Self {
            state: self.state.clone(),
            tenant: self.tenant.clone(),
            caller: self.caller.clone().under(&pinned),
            pinned,
            csrf: self.csrf.clone(),
            locale: self.locale,
            address: self.address.clone(),
        }
    }

    /// Objects the visitor may read.
    pub fn objects(&self) -> Vec<ObjectIndex> {
        let objects = self.pinned.snapshot.objects.iter().map(|object| object.index);
        objects.filter(|object| self.caller.profile.may(*object, Verb::Read)).collect()
    }

    pub fn site<'v>(&'v self, objects: &'v [ObjectIndex], unread: u64) -> Site<'v> {
        Site {
            snapshot: &self.pinned.snapshot,
            tenant: &self.tenant.name,
            tenant_label: &self.tenant.name,
            locale: self.locale,
            zone: self.caller.actor.time_zone,
            user: Some(SiteUser { name: &self.caller.actor.name, email: &self.caller.actor.email }),
            objects,
            unread,
            csrf: &self.csrf,
            return_to: &self.address,
            flash: None,
        }
    }

    /// Runs a page's reads, and its rendering, where they keep no other request waiting.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Visitor) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, PageFailure> {
        let visitor = self.clone();
        match web::block(move || job(&visitor)).await {
            Ok(done) => done.map_err(|error| self.failure(error, None)),
            Err(_) => Err(self.shown(ErrorKind::Unavailable, &[], None)),
        }
    }

    /// The error page for what went wrong; `back` is the address that makes sense next.
    pub fn failure(&self, error: Error, back: Option<&str>) -> PageFailure {
        let problem = problem(error);
        if problem.code == ErrorCode::Republished {
            return PageFailure::Republished;
        }
        let kind = match status(problem.class()).as_u16() {
            403 => ErrorKind::Forbidden,
            400 | 404 => ErrorKind::NotFound,
            409 | 422 => ErrorKind::Unprocessable,
            412 => ErrorKind::Conflict,
            503 => ErrorKind::Unavailable,
            _ => ErrorKind::Server,
        };
        self.shown(kind, &field_texts(&problem, self.locale), back)
    }

    pub fn shown(&self, kind: ErrorKind, details: &[String], back: Option<&str>) -> PageFailure {
        let objects = self.objects();
        let page = error_page(&self.site(&objects, 0), kind, details, None, back);
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        PageFailure::Shown { status, html: self.state.renderer.render(&page).unwrap_or_default() }
    }

    /// Renders a page; a template that fails is our defect.
    pub fn render<M: Template>(&self, page: &trellis_forms::Page<M>) -> Result<String, Error> {
        self.state.renderer.render(page).map_err(|error| Error::Internal(error.to_string()))
    }

    /// The submitted form, when it comes from a page of this session.
    pub fn form(&self, body: &Bytes) -> Result<FormInput, PageFailure> {
        match self.sent(body) {
            (input, Origin::ThisSession) => Ok(input),
            (_, Origin::Elsewhere) => Err(self.expired()),
        }
    }

    /// The submitted form and where it comes from.
    fn sent(&self, body: &Bytes) -> (FormInput, Origin) {
        let input = FormInput::from_pairs(&form_pairs(body));
        let origin = self.origin(&input);
        (input, origin)
    }

    pub fn origin(&self, input: &FormInput) -> Origin {
        let ours = csrf_matches(Some(&self.csrf), Some(input.csrf()));
        if ours { Origin::ThisSession } else { Origin::Elsewhere }
    }

    /// The page is of another session.
    pub fn expired(&self) -> PageFailure {
        self.shown(ErrorKind::Expired, &[], Some(&page_of(&self.address)))
    }
}

/// `application/x-www-form-urlencoded` to pairs.
pub fn form_pairs(body: &[u8]) -> Vec<(String, String)> {
    let decode = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_encoding::percent_decode(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (decode(&pair[..at]), decode(&pair[at + 1..])),
            None => (decode(pair), String::new()),
        })
        .collect()
}

/// Logins and other work before there is a session.
pub async fn off_thread<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, trellis_api::Problem> {
    blocking(job).await
}

#[cfg(test)]
mod tests {
    use super::page_of;

    #[test]
    fn a_form_leads_back_to_its_page() {
        for (sent_to, page) in [
            ("/t/a/app/order", "/t/a/app/order/new"),
            ("/t/a/app/order/1?x=1", "/t/a/app/order/1/edit"),
            ("/t/a/app/order/1/transition", "/t/a/app/order/1"),
            ("/t/a/app/order/1/history/2/revert", "/t/a/app/order/1"),
            ("/t/a/app/notifications/read", "/t/a/app/notifications"),
            ("/t/a/app/locale", "/t/a/app"),
            ("/t/a/logout", "/t/a/app"),
        ] {
            assert_eq!(page_of(sent_to), page);
        }
    }
}
