//! What an error code means, for whoever follows the `type` of an answer. The words of the code are in the reader's
//! language, the explanation is in English; where both come from is not known here.

use serde::Serialize;

use crate::catalogue::Message;
use crate::page::{Button, Page, Template};
use crate::site::{Crumb, Site};

/// Where the pages are.
const ADDRESS: &str = "/docs/errors/";

/// One explained code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeInput<'a> {
    pub code: &'a str,
    pub title: &'a str,
    /// What an answer says, with `{name}` for what is filled in.
    pub message: Option<&'a str>,
    /// What happened, in one paragraph.
    pub lead: &'a str,
    /// Name and text of each part, in order.
    pub parts: &'a [(Message, &'a str)],
}

#[derive(Clone, Debug, Serialize)]
pub struct ErrorCodePage {
    pub code: String,
    pub title: String,
    pub message: Option<Vec<Piece>>,
    pub lead: Vec<Piece>,
    pub parts: Vec<Part>,
    pub all: Button,
}

#[derive(Clone, Debug, Serialize)]
pub struct Part {
    pub label: &'static str,
    pub text: Vec<Piece>,
}

/// A run of text, as prose or as code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub code: bool,
    pub text: String,
}

impl Template for ErrorCodePage {
    const NAME: &'static str = "error_code";
}

pub fn error_code_page(site: &Site, input: &CodeInput) -> Page<ErrorCodePage> {
    let all = site.text(Message::ErrorCodes);
    let crumbs = vec![
        Crumb { label: all.to_owned(), url: Some(ADDRESS.to_owned()) },
        Crumb { label: input.code.to_owned(), url: None },
    ];
    let part = |(label, text): &(Message, &str)| Part { label: site.text(*label), text: pieces(text) };
    Page {
        frame: site.frame(input.title, None, crumbs),
        content: ErrorCodePage {
            code: input.code.to_owned(),
            title: input.title.to_owned(),
            message: input.message.map(pieces),
            lead: pieces(input.lead),
            parts: input.parts.iter().map(part).collect(),
            all: Button { label: all.to_owned(), url: ADDRESS.to_owned() },
        },
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct ErrorCodesPage {
    pub title: String,
    pub codes: Vec<CodeLink>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CodeLink {
    pub code: String,
    pub title: String,
    pub url: String,
}

impl Template for ErrorCodesPage {
    const NAME: &'static str = "error_codes";
}

/// All codes with their titles.
pub fn error_codes_page<'a>(site: &Site, codes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Page<ErrorCodesPage> {
    let title = site.text(Message::ErrorCodes);
    let link = |(code, title): (&str, &str)| CodeLink {
        code: code.to_owned(),
        title: title.to_owned(),
        url: format!("{ADDRESS}{code}"),
    };
    Page {
        frame: site.frame(title, None, Vec::new()),
        content: ErrorCodesPage { title: title.to_owned(), codes: codes.into_iter().map(link).collect() },
    }
}

/// Text between backticks is code.
fn pieces(text: &str) -> Vec<Piece> {
    let pieces = text.split('`').enumerate().map(|(at, text)| Piece { code: at % 2 == 1, text: text.to_owned() });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_part_code_from_prose() {
        let shown = |text| {
            let pieces =
                pieces(text).into_iter().map(|piece| if piece.code { format!("<{}>", piece.text) } else { piece.text });
            pieces.collect::<String>()
        };
        for (text, expected) in
            [("", ""), ("plain", "plain"), ("`a` or `b`.", "<a> or <b>."), ("an `open", "an <open>")]
        {
            assert_eq!(shown(text), expected);
        }
    }
}
