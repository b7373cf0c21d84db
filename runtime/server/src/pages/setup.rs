//! `/setup?token=…`: the first administrator, by the link that the first start prints.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use trellis_engine::identity::setup::{FirstAdministrator, set_up, setup_token};
use trellis_engine::identity::{password, same_secret};
use trellis_forms::{FormInput, Links, Message, SetupInput, setup_page};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::Locale;

use super::gate::{Bare, locale_of, missing};
use super::visitor::{form_pairs, off_thread, see_other};
use crate::state::State;

const PATH: &str = "/setup";
/// Offered as the name of the first tenant.
const FIRST_TENANT: &str = "main";

type Problems = Vec<(&'static str, Message)>;

/// The address to print, as long as it opens anything.
pub fn link(runtime: &trellis_engine::Runtime, url: &str) -> Option<String> {
    let token = setup_token(runtime).ok().flatten()?;
    Some(format!("{url}{PATH}?token={token}"))
}

#[derive(Deserialize)]
pub struct SetupQuery {
    #[serde(default)]
    token: String,
    locale: Option<String>,
}

pub async fn form(request: HttpRequest, state: Data<State>, query: Query<SetupQuery>) -> HttpResponse {
    let (shared, token) = (state.clone(), query.token.clone());
    let known = off_thread(move || setup_token(&shared.runtime)).await;
    if !known.ok().flatten().is_some_and(|known| same_secret(&known, &token)) {
        return missing(&request);
    }
    let input = SetupInput { token: &query.token, tenant: FIRST_TENANT, ..SetupInput::default() };
    shown(&request, &state, locale_of(&request, query.locale.as_deref()), StatusCode::OK, input)
}

/// The token of the link is the proof that the form comes from it.
pub async fn submit(request: HttpRequest, state: Data<State>, body: Bytes) -> HttpResponse {
    let input = FormInput::from_pairs(&form_pairs(&body));
    let text = |name: &str| input.get(name).unwrap_or_default().trim().to_owned();
    let first = FirstAdministrator {
        tenant: text("tenant"),
        name: text("name"),
        email: text("email"),
        password: input.get("password").unwrap_or_default().to_owned(),
    };
    let token = text("token");
    let locale = locale_of(&request, input.get("locale"));
    let problems = problems(&first, input.get("password_again").unwrap_or_default());
    if problems.is_empty() {
        let (shared, wanted, secret) = (state.clone(), first.clone(), token.clone());
        return match off_thread(move || set_up(&shared.runtime, &secret, &wanted)).await {
            Ok(tenant) => see_other(&Links { tenant: &tenant.name }.login()),
            Err(_) => missing(&request),
        };
    }
    let input = SetupInput {
        action: PATH,
        token: &token,
        tenant: &first.tenant,
        name: &first.name,
        email: &first.email,
        problems: &problems,
    };
    shown(&request, &state, locale, StatusCode::UNPROCESSABLE_ENTITY, input)
}

fn shown(
    request: &HttpRequest,
    state: &State,
    locale: Locale,
    status: StatusCode,
    input: SetupInput<'_>,
) -> HttpResponse {
    let bare = Bare { request, state, tenant: "", locale, csrf: "" };
    bare.render(status, |site| setup_page(site, SetupInput { action: PATH, ..input }))
}

fn problems(first: &FirstAdministrator, again: &str) -> Problems {
    let mut problems = Problems::new();
    if Identifier::new(&first.tenant).is_err() {
        problems.push(("tenant", Message::TenantNameBad));
    }
    if first.name.is_empty() {
        problems.push(("name", Message::EnterField));
    }
    if !first.email.contains('@') {
        problems.push(("email", Message::EnterField));
    }
    if !(password::SHORTEST..=password::LONGEST).contains(&first.password.chars().count()) {
        problems.push(("password", Message::PasswordTooShort));
    } else if first.password != again {
        problems.push(("password_again", Message::PasswordsDiffer));
    }
    problems
}
