//! `/docs/errors/`: the pages that the `type` of every problem points at. The explanations are the files of
//! `docs/errors`, embedded; titles and messages come from the table of codes, in the language asked for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, VARY};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use trellis_api::ErrorCode;
use trellis_forms::{CodeInput, Message, error_code_page, error_codes_page};
use trellis_metadata::label::Locale;

use super::gate::{Bare, locale_of, missing};
use crate::state::State;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/errors");

static EXPLANATIONS: LazyLock<BTreeMap<&'static str, Explanation>> = LazyLock::new(|| {
    let texts = FILES.files().filter_map(|file| file.contents_utf8());
    texts.filter_map(Explanation::parse).map(|explanation| (explanation.code, explanation)).collect()
});

/// The parts of a file, as they are named there.
const PARTS: [(&str, Message); 4] = [
    ("Cause", Message::ErrorCause),
    ("What to do", Message::ErrorRemedy),
    ("In a document", Message::ErrorInDocument),
    ("Class", Message::ErrorClass),
];

/// One file: `# code: title`, a paragraph, and a list of named parts.
#[derive(Debug)]
struct Explanation {
    code: &'static str,
    title: &'static str,
    lead: String,
    parts: Vec<(Message, String)>,
}

impl Explanation {
    fn parse(text: &'static str) -> Option<Self> {
        let (heading, rest) = text.split_once('\n')?;
        let (code, title) = heading.strip_prefix("# ")?.split_once(": ")?;
        let mut blocks = rest.split("\n- **");
        let lead = line(blocks.next()?);
        let parts = blocks.map(|block| {
            let (name, text) = block.split_once("**: ")?;
            let (_, message) = PARTS.into_iter().find(|(known, _)| *known == name)?;
            Some((message, line(text)))
        });
        Some(Self { code, title, lead, parts: parts.collect::<Option<_>>()? })
    }

    fn title(&self, locale: Locale) -> &'static str {
        ErrorCode::find(self.code).map_or(self.title, |code| code.title(locale))
    }
}

/// Wrapped text in one line, links as their words.
fn line(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some((start, middle, end)) = link(&words) {
        words = format!("{}{}{}", &words[..start], &words[start + 1..middle], &words[end + 1..]);
    }
    words
}

/// Where `[words](address)` opens, where its words end, and where it closes.
fn link(text: &str) -> Option<(usize, usize, usize)> {
    let middle = text.find("](")?;
    Some((text[..middle].rfind('[')?, middle, middle + text[middle..].find(')')?))
}

#[derive(Deserialize)]
pub struct PageQuery {
    locale: Option<String>,
}

/// `GET /docs/errors/`
pub async fn list(request: HttpRequest, state: Data<State>, query: Query<PageQuery>) -> HttpResponse {
    let bare = bare(&request, &state, &query);
    let codes = EXPLANATIONS.values().map(|explanation| (explanation.code, explanation.title(bare.locale)));
    lasting(bare.render(StatusCode::OK, |site| error_codes_page(site, codes)))
}

/// `GET /docs/errors/{code}`
pub async fn show(
    path: Path<String>,
    request: HttpRequest,
    state: Data<State>,
    query: Query<PageQuery>,
) -> HttpResponse {
    let Some(explanation) = EXPLANATIONS.get(path.as_str()) else { return missing(&request) };
    let bare = bare(&request, &state, &query);
    let parts: Vec<_> = explanation.parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let input = CodeInput {
        code: explanation.code,
        title: explanation.title(bare.locale),
        message: ErrorCode::find(explanation.code).map(|code| code.message(bare.locale)),
        lead: &explanation.lead,
        parts: &parts,
    };
    lasting(bare.render(StatusCode::OK, |site| error_code_page(site, &input)))
}

fn bare<'a>(request: &'a HttpRequest, state: &'a State, query: &PageQuery) -> Bare<'a> {
    Bare { request, state, tenant: "", locale: locale_of(request, query.locale.as_deref()), csrf: "" }
}

/// The same for everybody, in each language.
fn lasting(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(VARY, HeaderValue::from_static("accept-language, cookie"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_understood_and_every_code_has_one() {
        assert_eq!(EXPLANATIONS.len(), FILES.files().count());
        for code in ErrorCode::ALL {
            assert!(EXPLANATIONS.contains_key(code.as_str()), "{} is not explained", code.as_str());
        }
        for explanation in EXPLANATIONS.values() {
            let texts = explanation.parts.iter().map(|(_, text)| text).chain([&explanation.lead]);
            assert!(texts.into_iter().all(|text| !text.is_empty() && !text.contains("](")), "{explanation:?}");
            assert!(explanation.parts.len() >= 3, "{explanation:?}");
        }
    }
}
