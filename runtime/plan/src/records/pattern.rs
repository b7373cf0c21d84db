//! `LIKE` patterns, spelled so that both databases match exactly what the in-memory matcher does.
//!
//! SQLite's `LIKE` ignores ASCII case, so a case-sensitive match uses `GLOB`, with its own wildcards bracketed.
//! PostgreSQL compares ASCII-lowered text under the "C" collation when case does not matter.

use crate::error::Error;

pub(super) const ESCAPE: char = '!';
/// Matching time grows with the wildcards; people write two or three.
const MAX_LENGTH: usize = 1_000;
const MAX_WILDCARDS: usize = 12;

enum Part {
    Any,
    One,
    Exactly(char),
}

/// A checked pattern.
pub(super) struct Pattern(Vec<Part>);

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = Vec::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' if matches!(parts.last(), Some(Part::Any)) => {}
                '%' => parts.push(Part::Any),
                '_' => parts.push(Part::One),
                '\\' => parts.push(Part::Exactly(chars.next().unwrap_or('\\'))),
                other => parts.push(Part::Exactly(other)),
            }
        }
        let wildcards = parts.iter().filter(|part| matches!(part, Part::Any)).count();
        if parts.len() > MAX_LENGTH || wildcards > MAX_WILDCARDS {
            return Err(Error::Pattern { max: MAX_LENGTH, wildcards: MAX_WILDCARDS });
        }
        Ok(Self(parts))
    }

    /// For `LIKE … ESCAPE '!'`.
    pub fn like(&self) -> String {
        self.print('%', '_', |c, out| {
            if matches!(c, '%' | '_' | ESCAPE) {
                out.push(ESCAPE);
            }
            out.push(c);
        })
    }

    /// For SQLite's `GLOB`.
    pub fn glob(&self) -> String {
        self.print('*', '?', |c, out| {
            if matches!(c, '*' | '?' | '[') {
                out.extend(['[', c, ']']);
            } else {
                out.push(c);
            }
        })
    }

    fn print(&self, any: char, one: char, literal: impl Fn(char, &mut String)) -> String {
        let mut out = String::with_capacity(self.0.len() + 8);
        for part in &self.0 {
            match part {
                Part::Any => out.push(any),
                Part::One => out.push(one),
                Part::Exactly(c) => literal(*c, &mut out),
            }
        }
        out
    }
}
