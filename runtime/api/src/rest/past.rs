//! The query strings of a record's history.

use trellis_metadata::diagnostic::nearest;

use super::query_string::{self, Pair};
use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

/// Versions of a page unless said.
const VERSIONS: usize = 50;
/// More are cut to this.
pub const MAX_VERSIONS: usize = 200;

/// Which versions of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Those before this one; from the newest on without it.
    pub before: Option<i64>,
    pub limit: usize,
}

/// Reads `before=` and `limit=`.
pub fn parse_history(query: &str) -> Result<HistoryQuery, Problem> {
    let pairs = query_string::split(query)?;
    let mut asked = HistoryQuery { before: None, limit: VERSIONS };
    let mut findings = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let number = pair.value.parse::<u32>().ok();
        let finding = |code| FieldError::new(code, pair.pointer());
        if pairs[..at].iter().any(|before| before.key == pair.key) {
            findings.push(finding(ErrorCode::DuplicateParameter).with("name", &pair.key));
            continue;
        }
        match (pair.key.as_str(), number) {
            ("before", Some(version)) => asked.before = Some(i64::from(version)),
            ("limit", Some(limit)) => asked.limit = (limit as usize).clamp(1, MAX_VERSIONS),
            ("before" | "limit", None) => findings.push(finding(ErrorCode::NotANumber).with("value", &pair.value)),
            _ => findings.push(unknown(pair, &["before", "limit"])),
        }
    }
    if findings.is_empty() { Ok(asked) } else { Err(Problem::of_query(findings)) }
}

/// For addresses that take no parameters.
pub fn refuse_parameters(query: &str) -> Result<(), Problem> {
    let findings: Vec<FieldError> = query_string::split(query)?.iter().map(|pair| unknown(pair, &[])).collect();
    if findings.is_empty() { Ok(()) } else { Err(Problem::of_query(findings)) }
}

fn unknown(pair: &Pair, known: &[&str]) -> FieldError {
    let suggestion = nearest(&pair.key, known.iter().copied());
    FieldError::new(ErrorCode::UnknownParameter, pair.pointer()).with("name", &pair.key).suggest(suggestion)
}
