//! Login, logout and language.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use trellis_forms::{FormInput, Links, LoginInput, Message, login_page};
use trellis_metadata::label::Locale;

use super::Visitor;
use super::gate::{Bare, locale_of};
use super::visitor::{PageAnswer, form_pairs, off_thread, page_locale, see_other};
use crate::cookies::{Cookies, Purpose};
use crate::exchange::csrf_matches;
use crate::state::State;

#[derive(Deserialize)]
pub struct LoginQuery {
    next: Option<String>,
    locale: Option<String>,
}

pub async fn login_form(
    request: HttpRequest,
    state: Data<State>,
    path: Path<String>,
    query: Query<LoginQuery>,
) -> HttpResponse {
    let locale = locale_of(&request, query.locale.as_deref());
    let input = LoginInput { next: query.next.as_deref(), ..LoginInput::default() };
    let mut answer = form(&request, &state, &path, locale, input, StatusCode::OK);
    if query.locale.is_some() {
        keep_locale(&mut answer, state.cookies, locale);
    }
    answer
}

fn form(
    request: &HttpRequest,
    state: &State,
    tenant: &str,
    locale: Locale,
    input: LoginInput<'_>,
    status: StatusCode,
) -> HttpResponse {
    let csrf = state.cookies.get(request, Purpose::Login).unwrap_or_else(trellis_engine::identity::secret);
    let bare = Bare { request, state, tenant, locale, csrf: &csrf };
    let mut answer = bare.render(status, |site| login_page(site, input));
    set(&mut answer, state.cookies.build(Purpose::Login, csrf).finish());
    answer
}

pub async fn log_in(request: HttpRequest, state: Data<State>, path: Path<String>, body: Bytes) -> HttpResponse {
    let input = FormInput::from_pairs(&form_pairs(&body));
    let locale = page_locale(&request).unwrap_or_default();
    let (email, password) =
        (input.get("email").unwrap_or_default().to_owned(), input.get("password").unwrap_or_default().to_owned());
    let next = input.get("next").filter(|next| is_within(next, &path)).map(str::to_owned);
    let known = state.cookies.get(&request, Purpose::Login);
    if !csrf_matches(known.as_deref(), Some(input.csrf())) {
        let shown = LoginInput { email: &email, error: Some(Message::PageTooOld), next: next.as_deref() };
        return form(&request, &state, &path, locale, shown, StatusCode::FORBIDDEN);
    }
    let origin = state.throttle.address(&request);
    if state.throttle.admit(origin).is_err() {
        let shown = LoginInput { email: &email, error: Some(Message::LoginTooOften), next: next.as_deref() };
        return form(&request, &state, &path, locale, shown, StatusCode::TOO_MANY_REQUESTS);
    }
    let (shared, tenant, address) = (state.clone(), path.to_string(), email.clone());
    let opened = off_thread(move || shared.sessions.open(&shared.runtime, &tenant, &address, &password)).await;
    match opened {
        Ok(value) => {
            let home = Links { tenant: &path }.home();
            let mut answer = see_other(next.as_deref().unwrap_or(&home));
            set(&mut answer, state.cookies.build(Purpose::Session, value).finish());
            answer
        }
        Err(_) => {
            state.throttle.fail(origin);
            let shown = LoginInput { email: &email, error: Some(Message::LoginFailed), next: next.as_deref() };
            form(&request, &state, &path, locale, shown, StatusCode::UNAUTHORIZED)
        }
    }
}

pub async fn log_out(visitor: Visitor, request: HttpRequest, body: Bytes) -> PageAnswer {
    visitor.form(&body)?;
    let value = visitor.state.cookies.get(&request, Purpose::Session).unwrap_or_default();
    let (state, cookies) = (visitor.state.clone(), visitor.state.cookies);
    // A session that is gone already is as good as ended.
    let _ = off_thread(move || state.sessions.log_out(&state.runtime, &value)).await;
    let mut answer = see_other(&Links { tenant: &visitor.tenant.name }.login());
    let mut ended = cookies.build(Purpose::Session, String::new()).finish();
    ended.make_removal();
    set(&mut answer, ended);
    Ok(answer)
}

/// `POST /t/{tenant}/app/locale`
pub async fn locale(visitor: Visitor, body: Bytes) -> PageAnswer {
    let input = visitor.form(&body)?;
    let back = input.get("return_to").filter(|address| is_within(address, &visitor.tenant.name));
    let home = Links { tenant: &visitor.tenant.name }.home();
    let mut answer = see_other(back.unwrap_or(&home));
    if let Some(locale) = input.get("locale").and_then(Locale::from_tag) {
        keep_locale(&mut answer, visitor.state.cookies, locale);
    }
    Ok(answer)
}

/// May a form send the browser there: to a page of the tenant, by an address that fits into a header and does not
/// climb out of it.
fn is_within(address: &str, tenant: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let plain = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let climbs = plain.split(['/', '\\']).any(|step| matches!(step.trim(), "." | ".."));
    address.starts_with(&format!("/t/{tenant}/")) && !climbs && HeaderValue::from_str(address).is_ok()
}

fn keep_locale(answer: &mut HttpResponse, cookies: Cookies, locale: Locale) {
    let year = actix_web::cookie::time::Duration::days(365);
    set(answer, cookies.build(Purpose::Locale, locale.tag().to_owned()).max_age(year).finish());
}

fn set(answer: &mut HttpResponse, cookie: Cookie<'_>) {
    // A cookie of ours is always a valid header.
    if let Err(error) = answer.add_cookie(&cookie) {
        tracing::error!(%error, "cannot set a cookie");
    }
}
