//! A cursor over the characters of one query value.

use crate::error_code::ErrorCode;
use crate::problem::FieldError;
use crate::rest::query_string::pointer;

/// Why a text does not follow the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What was expected, and at which byte.
    Syntax {
        reason: String,
        at: usize,
    },
    TooLarge {
        what: &'static str,
        limit: usize,
    },
    Unsupported(&'static str),
}

impl Trouble {
    pub fn finding(self, key: &str, text: &str) -> FieldError {
        match self {
            Trouble::Syntax { reason, at } => {
                let before = text.get(..at).map_or(0, |before| before.chars().count());
                let finding = FieldError::new(ErrorCode::InvalidQuery, pointer(key));
                finding.with("reason", reason).with("at", before + 1).with("text", text)
            }
            Trouble::TooLarge { what, limit } => {
                FieldError::new(ErrorCode::QueryTooLarge, pointer(key)).with("what", what).with("limit", limit)
            }
            Trouble::Unsupported(feature) => {
                FieldError::new(ErrorCode::Unsupported, pointer(key)).with("feature", feature)
            }
        }
    }
}

pub struct Scan<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    pub fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub fn expect(&mut self, token: &str) -> Result<(), Trouble> {
        if self.eat(token) { Ok(()) } else { Err(self.trouble(format!("Expected `{token}`"))) }
    }

    pub fn spaces(&mut self) {
        self.while_matches(|c| c == ' ');
    }

    pub fn while_matches(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A name, plain or in double quotes.
    pub fn name(&mut self) -> Result<String, Trouble> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let name = self.while_matches(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '$'));
        let name = name.trim();
        if name.is_empty() { Err(self.trouble("Expected a name")) } else { Ok(name.to_owned()) }
    }

    /// `"…"` with `\"` and `\\`.
    pub fn quoted(&mut self) -> Result<String, Trouble> {
        let start = self.at;
        self.expect("\"")?;
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += offset + 1;
                    return Ok(out);
                }
                '\\' => out.extend(chars.next().map(|(_, escaped)| escaped)),
                other => out.push(other),
            }
        }
        self.at = start;
        Err(self.trouble("The quotation is not closed"))
    }

    pub fn finish(&self) -> Result<(), Trouble> {
        if self.is_done() { Ok(()) } else { Err(self.trouble("Nothing more expected")) }
    }

    pub fn trouble(&self, reason: impl Into<String>) -> Trouble {
        Trouble::Syntax { reason: reason.into(), at: self.at }
    }
}

/// Writes a text so that [`Scan::quoted`] reads it back.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
