//! What a person reads when a page cannot be given: what happened and what to do next, never a stack.

use serde::Serialize;

use crate::catalogue::Message;
use crate::link::safe_href;
use crate::page::{Button, Page, Template};
use crate::site::{Crumb, Site};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    Forbidden,
    /// The page the request came from is not of this session.
    Expired,
    NotFound,
    /// The record changed since the form was made.
    Conflict,
    Unprocessable,
    TooMany,
    Server,
    Unavailable,
}

impl ErrorKind {
    pub const ALL: [ErrorKind; 8] = [
        ErrorKind::Forbidden,
        ErrorKind::Expired,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::Unprocessable,
        ErrorKind::TooMany,
        ErrorKind::Server,
        ErrorKind::Unavailable,
    ];

    pub fn status(self) -> u16 {
        match self {
            ErrorKind::Forbidden | ErrorKind::Expired => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Conflict => 412,
            ErrorKind::Unprocessable => 422,
            ErrorKind::TooMany => 429,
            ErrorKind::Server => 500,
            ErrorKind::Unavailable => 503,
        }
    }

    fn words(self) -> (Message, Message) {
        match self {
            ErrorKind::Forbidden => (Message::ForbiddenTitle, Message::ForbiddenText),
            ErrorKind::Expired => (Message::ExpiredTitle, Message::ExpiredText),
            ErrorKind::NotFound => (Message::NotFoundTitle, Message::NotFoundText),
            ErrorKind::Conflict => (Message::ConflictTitle, Message::ConflictText),
            ErrorKind::Unprocessable => (Message::UnprocessableTitle, Message::UnprocessableText),
            ErrorKind::TooMany => (Message::TooManyTitle, Message::TooManyText),
            ErrorKind::Server => (Message::ServerErrorTitle, Message::ServerErrorText),
            ErrorKind::Unavailable => (Message::UnavailableTitle, Message::UnavailableText),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    pub status: String,
    pub title: String,
    pub text: String,
    /// What the rule or the pipeline said.
    pub details: Vec<String>,
    pub trace: Option<String>,
    pub primary: Button,
    pub home: Option<Button>,
}

impl Template for ErrorPage {
    const NAME: &'static str = "error";
}

/// `back` is the address that makes sense next: the record after a conflict, the page itself after a failure.
pub fn error_page(
    site: &Site,
    kind: ErrorKind,
    details: &[String],
    trace: Option<&str>,
    back: Option<&str>,
) -> Page<ErrorPage> {
    let (title, text) = kind.words();
    let title = site.text(title).to_owned();
    let again = back.and_then(safe_href).map(|url| Button { label: site.text(back_label(kind)).to_owned(), url });
    let crumbs = vec![site.home_crumb(), Crumb { label: title.clone(), url: None }];
    let frame = site.frame(&title, None, if site.user.is_some() { crumbs } else { Vec::new() });
    let home = Button { label: site.text(Message::BackToHome).to_owned(), url: frame.home_url.clone() };
    let (primary, home) = match again {
        Some(again) => (again, Some(home)),
        None => (home, None),
    };
    let content = ErrorPage {
        status: kind.status().to_string(),
        title,
        text: site.text(text).to_owned(),
        details: details.to_vec(),
        trace: trace.map(str::to_owned),
        primary,
        home,
    };
    Page { frame, content }
}

fn back_label(kind: ErrorKind) -> Message {
    if kind == ErrorKind::Conflict { Message::OpenRecord } else { Message::TryAgain }
}
