//! Pages before there is a session: the bare address, and what is shown where there is no page.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, HeaderValue, RETRY_AFTER};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, error, web};
use serde::Deserialize;
use trellis_api::Problem;
use trellis_forms::{ErrorKind, Links, Page, Site, Template, entry_page, error_page};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Snapshot;

use super::visitor::{html, page_locale, see_other};
use crate::state::State;

/// Stands where a tenant has no name yet.
const PRODUCT: &str = "Trellis";

/// The language asked for in the address, else the visitor's.
pub fn locale_of(request: &HttpRequest, asked: Option<&str>) -> Locale {
    asked.and_then(Locale::from_tag).or_else(|| page_locale(request)).unwrap_or_default()
}

/// A page for somebody unknown.
pub struct Bare<'a> {
    pub request: &'a HttpRequest,
    pub state: &'a State,
    /// Empty outside of a tenant.
    pub tenant: &'a str,
    pub locale: Locale,
    pub csrf: &'a str,
}

impl Bare<'_> {
    pub fn render<M: Template>(&self, status: StatusCode, page: impl FnOnce(&Site) -> Page<M>) -> HttpResponse {
        html(status, self.text(page))
    }

    fn text<M: Template>(&self, page: impl FnOnce(&Site) -> Page<M>) -> String {
        let snapshot = Snapshot::default();
        let address = self.request.uri().to_string();
        let site = Site {
            snapshot: &snapshot,
            tenant: self.tenant,
            tenant_label: if self.tenant.is_empty() { PRODUCT } else { self.tenant },
            locale: self.locale,
            zone: chrono_tz::Tz::UTC,
            user: None,
            objects: &[],
            unread: 0,
            csrf: self.csrf,
            return_to: &address,
            flash: None,
        };
        self.state.renderer.render(&page(&site)).unwrap_or_default()
    }
}

#[derive(Deserialize)]
pub struct EntryQuery {
    tenant: Option<String>,
    locale: Option<String>,
}

/// `GET /`: asks for the tenant and leads to its login, which looks the same whether there is such a tenant or not.
pub async fn entry(request: HttpRequest, state: Data<State>, query: Query<EntryQuery>) -> HttpResponse {
    if let Some(tenant) = query.tenant.as_deref().map(str::trim).filter(|tenant| !tenant.is_empty()) {
        return see_other(&Links { tenant }.login());
    }
    let locale = locale_of(&request, query.locale.as_deref());
    let bare = Bare { request: &request, state: &state, tenant: "", locale, csrf: "" };
    bare.render(StatusCode::OK, |site| entry_page(site, "/"))
}

/// There is no such page, for whoever asks.
pub fn missing(request: &HttpRequest) -> HttpResponse {
    let Some(state) = request.app_data::<Data<State>>() else { return HttpResponse::NotFound().finish() };
    let tenant = request.match_info().get("tenant").unwrap_or_default();
    let bare = Bare { request, state, tenant, locale: locale_of(request, None), csrf: "" };
    bare.render(StatusCode::NOT_FOUND, |site| error_page(site, ErrorKind::NotFound, &[], None, None))
}

/// The page for whoever asks too often, whether he is known or not.
#[derive(Debug)]
pub struct Limited {
    html: String,
    seconds: String,
}

impl Limited {
    pub fn respond(&self) -> HttpResponse {
        let mut answer = html(StatusCode::TOO_MANY_REQUESTS, self.html.clone());
        if let Ok(seconds) = HeaderValue::from_str(&self.seconds) {
            answer.headers_mut().insert(RETRY_AFTER, seconds);
        }
        answer
    }
}

pub fn limited(request: &HttpRequest, problem: &Problem) -> Limited {
    let seconds = problem.param("seconds").unwrap_or("1").to_owned();
    let Some(state) = request.app_data::<Data<State>>() else { return Limited { html: String::new(), seconds } };
    let bare = Bare { request, state, tenant: "", locale: locale_of(request, None), csrf: "" };
    Limited { html: bare.text(|site| error_page(site, ErrorKind::TooMany, &[], None, None)), seconds }
}

/// Does a browser ask, to show the answer to a person.
pub fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/html")
}

/// Addresses whose parts cannot be read, such as an id that is none.
pub fn unreadable_address() -> web::PathConfig {
    web::PathConfig::default()
        .error_handler(|why, request| error::InternalError::from_response(why, missing(request)).into())
}
