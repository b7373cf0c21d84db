//! RFC 9457 problem bodies, with the members PostgREST clients read beside the standard ones.
//!
//! A problem is built without a locale; the words are chosen when it is written. It knows its class, not its status
//! line: the server passes that in.

use serde_json::{Map, Value as Json};
use trellis_metadata::label::{Label, Locale};

use crate::error_code::{Class, ErrorCode};

/// Longest caller-given text repeated in an answer.
const MAX_ECHO: usize = 200;

/// What went wrong with a request as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: ErrorCode,
    pub errors: Vec<FieldError>,
    pub params: Params,
    /// Replaces the message of the code.
    pub detail: Option<Box<Label>>,
    pub hint: Option<Box<Label>>,
    /// Further members: `current` of a stale version, `diagnostics` of refused documents.
    pub members: Vec<(&'static str, Json)>,
}

/// One finding, at a place: `/0/lines/1/quantity` in a body, `?status` in a query, `Prefer` for a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub code: ErrorCode,
    pub params: Params,
    /// Replaces the message of the code: a validation rule's own words.
    pub message: Option<Box<Label>>,
}

pub type Params = Vec<(&'static str, String)>;

/// What only the server knows about one answer.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence<'a> {
    pub status: u16,
    pub locale: Locale,
    /// The path asked for.
    pub instance: &'a str,
    pub trace_id: &'a str,
}

impl FieldError {
    pub fn new(code: ErrorCode, pointer: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, params: Vec::new(), message: None }
    }

    /// Adds a parameter of the message. Long texts are cut: an answer never repeats a megabyte.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, shorten(value.to_string())));
        self
    }

    /// The candidate the caller may have meant.
    #[must_use]
    pub fn suggest(self, candidate: Option<&str>) -> Self {
        match candidate {
            Some(candidate) => self.with("suggestion", candidate),
            None => self,
        }
    }

    #[must_use]
    pub fn message(mut self, message: Label) -> Self {
        self.message = Some(message.into());
        self
    }

    pub fn text(&self, locale: Locale) -> String {
        let given = self.message.as_ref().and_then(|label| label.get(locale));
        let mut text = given.map_or_else(|| fill(self.code.message(locale), &self.params), str::to_owned);
        if let Some((_, suggestion)) = self.params.iter().find(|(name, _)| *name == "suggestion") {
            text.push_str(&did_you_mean(suggestion, locale));
        }
        text
    }

    fn to_json(&self, locale: Locale) -> Json {
        serde_json::json!({
            "pointer": self.pointer,
            "code": self.code.as_str(),
            "message": self.text(locale),
            "params": params_json(&self.params),
        })
    }
}

impl Problem {
    pub fn new(code: ErrorCode) -> Self {
        Self { code, errors: Vec::new(), params: Vec::new(), detail: None, hint: None, members: Vec::new() }
    }

    /// A problem of the query: named after its first finding.
    pub fn of_query(errors: Vec<FieldError>) -> Self {
        let code = errors.first().map_or(ErrorCode::InvalidQuery, |first| first.code);
        Self { errors, ..Self::new(code) }
    }

    /// A refused record. Only findings about rights make it a matter of rights.
    pub fn of_record(errors: Vec<FieldError>) -> Self {
        let all = |code| !errors.is_empty() && errors.iter().all(|error: &FieldError| error.code == code);
        let code = [
            ErrorCode::ForbiddenField,
            ErrorCode::Forbidden,
            ErrorCode::UnknownRecord,
            ErrorCode::StaleVersion,
            ErrorCode::NotUnique,
            ErrorCode::InUse,
        ]
        .into_iter()
        .find(|code| all(*code));
        let code = code.unwrap_or(ErrorCode::ValidationFailed);
        Self { params: vec![("count", errors.len().to_string())], errors, ..Self::new(code) }
    }

    /// The answer for an object that does not exist, and for one the caller has no right on.
    pub fn unknown_object(name: &str) -> Self {
        Self::new(ErrorCode::UnknownObject).with("name", name)
    }

    pub fn unknown_record() -> Self {
        Self::new(ErrorCode::UnknownRecord)
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, shorten(value.to_string())));
        self
    }

    /// A parameter of the message.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn detail(mut self, detail: Label) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: Label) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn member(mut self, name: &'static str, value: Json) -> Self {
        self.members.push((name, value));
        self
    }

    pub fn class(&self) -> Class {
        self.code.class()
    }

    /// One sentence for a person: the first finding's when the problem is named after it.
    pub fn text(&self, locale: Locale) -> String {
        if let Some(text) = self.detail.as_ref().and_then(|label| label.get(locale)) {
            return text.to_owned();
        }
        match self.errors.first() {
            Some(first) if first.code == self.code => first.text(locale),
            _ => fill(self.code.message(locale), &self.params),
        }
    }

    /// The `application/problem+json` body.
    pub fn to_bytes(&self, at: Occurrence<'_>) -> Vec<u8> {
        let detail = self.text(at.locale);
        let findings: Vec<Json> = self.errors.iter().map(|error| error.to_json(at.locale)).collect();
        let hint = self.hint.as_ref().and_then(|hint| hint.get(at.locale));
        let mut body = Map::new();
        let mut put = |name: &str, value: Json| body.insert(name.to_owned(), value);
        put("type", format!("/docs/errors/{}", self.code.as_str()).into());
        put("title", self.code.title(at.locale).into());
        put("status", at.status.into());
        put("detail", detail.clone().into());
        put("instance", at.instance.into());
        put("code", self.code.as_str().into());
        put("errors", findings.into());
        put("trace_id", at.trace_id.into());
        put("message", detail.into());
        put("details", self.details(at.locale).map_or(Json::Null, Json::from));
        put("hint", hint.map_or(Json::Null, Json::from));
        for (name, value) in &self.members {
            put(name, value.clone());
        }
        Json::Object(body).to_string().into_bytes()
    }

    /// All findings as lines of text, for clients that show one string only.
    fn details(&self, locale: Locale) -> Option<String> {
        if self.errors.is_empty() {
            return None;
        }
        let lines: Vec<String> =
            self.errors.iter().map(|error| format!("{}: {}", error.pointer, error.text(locale))).collect();
        Some(lines.join("\n"))
    }
}

fn did_you_mean(suggestion: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(" Did you mean `{suggestion}`?"),
        Locale::ZhCn => format!("您是否想写 `{suggestion}`？"),
        Locale::ZhTw => format!("您是否想寫 `{suggestion}`？"),
    }
}

fn params_json(params: &Params) -> Json {
    params.iter().map(|(name, value)| ((*name).to_owned(), Json::from(value.as_str()))).collect::<Map<_, _>>().into()
}

/// Replaces each `{name}` once, left to right; replaced text is never looked at again.
fn fill(template: &str, params: &Params) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        if let Some((_, value)) = params.iter().find(|(param, _)| *param == name) {
            out.push_str(value);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn shorten(mut text: String) -> String {
    if text.len() > MAX_ECHO {
        let cut = (0..=MAX_ECHO).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
    text
}
