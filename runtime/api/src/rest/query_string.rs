//! A raw query string as decoded pairs, with its size limits checked before anything looks inside.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

/// Longest raw query string.
pub const MAX_QUERY: usize = 8 * 1024;
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

/// `a=1&b=2` as pairs; `+` is a space, as browsers and `URLSearchParams` write it.
pub fn split(raw: &str) -> Result<Vec<Pair>, Problem> {
    if raw.len() > MAX_QUERY {
        return Err(too_large("bytes", MAX_QUERY));
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
