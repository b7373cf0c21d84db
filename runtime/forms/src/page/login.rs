//! Before there is a session: the bare address, signing in, and the first start.

use serde::Serialize;
use trellis_metadata::label::Locale;

use crate::catalogue::Message;
use crate::page::{Page, Template};
use crate::site::Site;

#[derive(Clone, Debug, Serialize)]
pub struct LoginPage {
    pub title: String,
    pub action: String,
    pub csrf: String,
    pub email: String,
    pub error: Option<String>,
    /// Where to go afterwards; a path of this tenant.
    pub next: Option<String>,
}

impl Template for LoginPage {
    const NAME: &'static str = "login";
}

#[derive(Clone, Copy, Debug, Default)]
pub struct LoginInput<'a> {
    /// As typed before.
    pub email: &'a str,
    pub error: Option<Message>,
    pub next: Option<&'a str>,
}

pub fn login_page(site: &Site, input: LoginInput) -> Page<LoginPage> {
    let title = site.fill(Message::SignInTo, &[site.tenant_label]);
    Page {
        frame: site.frame(site.text(Message::SignIn), None, Vec::new()),
        content: LoginPage {
            title,
            action: site.links().login(),
            csrf: site.csrf.to_owned(),
            email: input.email.to_owned(),
            error: input.error.map(|error| site.text(error).to_owned()),
            next: input.next.map(str::to_owned),
        },
    }
}

/// The address without a tenant: asks for one and names none.
#[derive(Clone, Debug, Serialize)]
pub struct EntryPage {
    pub action: String,
}

impl Template for EntryPage {
    const NAME: &'static str = "entry";
}

pub fn entry_page(site: &Site, action: &str) -> Page<EntryPage> {
    let frame = site.frame(site.text(Message::SignIn), None, Vec::new());
    Page { frame, content: EntryPage { action: action.to_owned() } }
}

/// The first administrator, before any tenant has users.
#[derive(Clone, Debug, Serialize)]
pub struct SetupPage {
    pub action: String,
    pub csrf: String,
    pub token: String,
    pub tenant: String,
    pub name: String,
    pub email: String,
    pub locale: &'static str,
    pub problems: Vec<SetupProblem>,
    pub tenant_error: Option<String>,
    pub name_error: Option<String>,
    pub email_error: Option<String>,
    pub password_error: Option<String>,
    pub again_error: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SetupProblem {
    pub href: String,
    pub message: String,
}

impl Template for SetupPage {
    const NAME: &'static str = "setup";
}

#[derive(Clone, Copy, Debug, Default)]
pub struct SetupInput<'a> {
    pub action: &'a str,
    /// Of the one-time link.
    pub token: &'a str,
    /// Name of the first tenant.
    pub tenant: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    /// Control (`tenant`, `name`, `email`, `password`, `password_again`) and what is wrong.
    pub problems: &'a [(&'a str, Message)],
}

pub fn setup_page(site: &Site, input: SetupInput) -> Page<SetupPage> {
    let label = |control: &str| match control {
        "tenant" => Message::TenantName,
        "name" => Message::Name,
        "email" => Message::Email,
        _ => Message::Password,
    };
    let text = |control: &str, message: Message| site.fill(message, &[&site.in_sentence(site.text(label(control)))]);
    let error = |name: &str| {
        input.problems.iter().find(|(control, _)| *control == name).map(|(control, message)| text(control, *message))
    };
    let problems = input
        .problems
        .iter()
        .map(|(control, message)| SetupProblem { href: format!("#{control}"), message: text(control, *message) })
        .collect();
    let locale: Locale = site.locale;
    Page {
        frame: site.frame(site.text(Message::SetupTitle), None, Vec::new()),
        content: SetupPage {
            action: input.action.to_owned(),
            csrf: site.csrf.to_owned(),
            token: input.token.to_owned(),
            tenant: input.tenant.to_owned(),
            name: input.name.to_owned(),
            email: input.email.to_owned(),
            locale: locale.tag(),
            problems,
            tenant_error: error("tenant"),
            name_error: error("name"),
            email_error: error("email"),
            password_error: error("password"),
            again_error: error("password_again"),
        },
    }
}
