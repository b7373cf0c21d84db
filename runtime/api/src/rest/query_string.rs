//! A raw query string as decoded pairs, with its size limits checked before anything looks inside.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

/// Longest raw query string in an address.
const MAX_QUERY: usize = 8 * 1024;
/// Longest query in a body.
const MAX_LONG_QUERY: usize = 512 * 1024;
const MAX_PARAMETERS: usize = 200;

/// One `key=value`, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub key: String,
    pub value: String,
}

impl Pair {
    /// Where findings about it point.
    pub fn pointer(&self) -> String {
        pointer(&self.key)
    }
}

pub fn pointer(key: &str) -> String {
    let end = (0..=key.len().min(80)).rev().find(|at| key.is_char_boundary(*at)).unwrap_or(0);
    format!("?{}", &key[..end])
}

/// Where a query is written; both in the same grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking<'a> {
    Address(&'a str),
    Body(&'a str),
}

/// The pairs of a query.
pub fn read(asking: Asking<'_>) -> Result<Vec<Pair>, Problem> {
    match asking {
        Asking::Address(raw) => split(raw),
        Asking::Body(raw) => split_within(raw, MAX_LONG_QUERY),
    }
}

/// `a=1&b=2` as pairs; `+` is a space, as browsers and `URLSearchParams` write it.
pub fn split(raw: &str) -> Result<Vec<Pair>, Problem> {
    split_within(raw, MAX_QUERY)
}

fn split_within(raw: &str, limit: usize) -> Result<Vec<Pair>, Problem> {
    if raw.len() > limit {
        return Err(too_large("bytes", limit));
    }
    let pieces: Vec<&str> = raw.split('&').filter(|piece| !piece.is_empty()).collect();
    if pieces.len() > MAX_PARAMETERS {
        return Err(too_large("parameters", MAX_PARAMETERS));
    }
    pieces.into_iter().map(pair).collect()
}

fn pair(piece: &str) -> Result<Pair, Problem> {
    let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
    let refused = |reason| {
        let finding = FieldError::new(ErrorCode::InvalidQuery, pointer(key));
        Problem::of_query(vec![finding.with("reason", reason).with("at", 1).with("text", piece)])
    };
    match (decode(key), decode(value)) {
        (Some(key), Some(value)) if key.contains('\0') || value.contains('\0') => Err(refused("NUL is in no record")),
        (Some(key), Some(value)) => Ok(Pair { key, value }),
        _ => Err(refused("Percent-encoding is not UTF-8")),
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

pub fn too_large(what: &str, limit: usize) -> Problem {
    let finding = FieldError::new(ErrorCode::QueryTooLarge, "?").with("what", what).with("limit", limit);
    Problem::of_query(vec![finding])
}
