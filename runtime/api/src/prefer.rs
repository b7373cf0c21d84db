//! The `Prefer` header (RFC 7240) with PostgREST's preferences.
//!
//! Unknown preferences are ignored, as the RFC asks, unless the caller demands `handling=strict`.

use std::fmt::Write as _;

use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    pub returns: Option<Return>,
    pub count: Option<Count>,
    pub missing: Option<Missing>,
    pub handling: Option<Handling>,
    pub transaction: Option<TransactionEnd>,
    pub resolution: Option<Resolution>,
    /// A write that would touch more records is rolled back.
    pub max_affected: Option<u64>,
}

/// What a write answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    Minimal,
    HeadersOnly,
    Representation,
}

/// Which total `Content-Range` carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exact,
    Planned,
    Estimated,
}

/// What a key absent from one row of a bulk insert becomes, when another row has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Default,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    Strict,
    Lenient,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionEnd {
    Commit,
    Rollback,
}

/// What an insert does when a record with the same key exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    MergeDuplicates,
    IgnoreDuplicates,
}

impl Preferences {
    /// Reads the values of all `Prefer` headers of a request. The first mention of a preference counts.
    pub fn parse<'a>(headers: impl IntoIterator<Item = &'a str>) -> Result<Self, Problem> {
        let mut found = Self::default();
        let mut unknown = Vec::new();
        for item in headers.into_iter().flat_map(|header| header.split(',')) {
            let item = item.trim();
            if !item.is_empty() && !found.take(item) {
                unknown.push(FieldError::new(ErrorCode::InvalidPreference, "Prefer").with("name", item));
            }
        }
        if found.handling == Some(Handling::Strict) && !unknown.is_empty() {
            unknown.truncate(20);
            return Err(Problem::of_query(unknown));
        }
        Ok(found)
    }

    /// Notes one `name=value`; false when it is not known.
    fn take(&mut self, item: &str) -> bool {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        match name {
            "return" => note(&mut self.returns, Return::from_token(value)),
            "count" => note(&mut self.count, Count::from_token(value)),
            "missing" => note(&mut self.missing, Missing::from_token(value)),
            "handling" => note(&mut self.handling, Handling::from_token(value)),
            "tx" => note(&mut self.transaction, TransactionEnd::from_token(value)),
            "resolution" => note(&mut self.resolution, Resolution::from_token(value)),
            "max-affected" => note(&mut self.max_affected, value.parse().ok()),
            _ => false,
        }
    }

    /// The text of `Preference-Applied`; `None` when nothing was preferred.
    pub fn applied(&self) -> Option<String> {
        let mut text = String::new();
        let tokens = [
            ("return", self.returns.map(Return::token)),
            ("count", self.count.map(Count::token)),
            ("missing", self.missing.map(Missing::token)),
            ("handling", self.handling.map(Handling::token)),
            ("tx", self.transaction.map(TransactionEnd::token)),
            ("resolution", self.resolution.map(Resolution::token)),
        ];
        for (name, token) in tokens {
            if let Some(token) = token {
                let separator = if text.is_empty() { "" } else { ", " };
                let _ = write!(text, "{separator}{name}={token}");
            }
        }
        if let Some(limit) = self.max_affected {
            let separator = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{separator}max-affected={limit}");
        }
        (!text.is_empty()).then_some(text)
    }

    pub fn is_rollback(&self) -> bool {
        self.transaction == Some(TransactionEnd::Rollback)
    }
}

fn note<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let known = value.is_some();
    if slot.is_none() {
        *slot = value;
    }
    known
}

macro_rules! tokens {
    ($($type:ident { $($variant:ident = $token:literal),* })*) => {
        $(impl $type {
            pub fn token(self) -> &'static str {
                match self { $($type::$variant => $token),* }
            }

            fn from_token(token: &str) -> Option<Self> {
                match token { $($token => Some($type::$variant),)* _ => None }
            }
        })*
    };
}

tokens! {
    Return { Minimal = "minimal", HeadersOnly = "headers-only", Representation = "representation" }
    Count { Exact = "exact", Planned = "planned", Estimated = "estimated" }
    Missing { Default = "default", Null = "null" }
    Handling { Strict = "strict", Lenient = "lenient" }
    TransactionEnd { Commit = "commit", Rollback = "rollback" }
    Resolution { MergeDuplicates = "merge-duplicates", IgnoreDuplicates = "ignore-duplicates" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_preferences() {
        let rows: &[(&[&str], Option<&str>)] = &[
            (&[], None),
            (&["return=minimal"], Some("return=minimal")),
            (&["count=exact, return=representation"], Some("return=representation, count=exact")),
            (&["return=representation", "count=planned"], Some("return=representation, count=planned")),
            (&["resolution=merge-duplicates,missing=default"], Some("missing=default, resolution=merge-duplicates")),
            (
                &["handling=strict", "max-affected=3", "tx=rollback"],
                Some("handling=strict, tx=rollback, max-affected=3"),
            ),
            (&["return=minimal, return=representation"], Some("return=minimal")),
            (&["respond-async; wait=10", "return=\"minimal\""], Some("return=minimal")),
            (&["count=all", "max-affected=-1", ",,"], None),
        ];
        for (headers, applied) in rows {
            let found = Preferences::parse(headers.iter().copied()).unwrap();
            assert_eq!(found.applied().as_deref(), *applied, "{headers:?}");
        }
    }

    #[test]
    fn strict_handling_names_what_is_unknown() {
        let problem = Preferences::parse(["handling=strict, color=red, count=all"]).unwrap_err();
        let names: Vec<_> = problem.errors.iter().map(|error| error.params[0].1.as_str()).collect();
        assert_eq!(names, ["color=red", "count=all"]);
    }
}
