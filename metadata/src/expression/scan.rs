//! A look at the characters before the parser sees them, so that no text can make it recurse without end.
//!
//! The parser recurses once per bracket, per conditional, per link of an operator chain. The scan adds these up per
//! place and refuses what nests too deep. It knows tokens only: strings, comments, operators, brackets.

use super::ExpressionError;

/// Bytes of source.
pub(super) const MAX_LENGTH: usize = 4_096;
/// Links on the way from the root to a leaf.
pub(super) const MAX_DEPTH: usize = 64;
/// Words, numbers, texts and signs.
const MAX_TOKENS: usize = 1_500;

/// One open bracket: what is waiting for it to close.
#[derive(Default)]
struct Level {
    /// `a.b.c`: links since the last operator.
    members: usize,
    /// `a + b + c`: links since the last `&&`, `||`, `?`, `:`.
    operators: usize,
    /// `a ? b : c ? d : e`: links since the last comma.
    conditionals: usize,
}

impl Level {
    fn depth(&self) -> usize {
        1 + self.members + self.operators + self.conditionals
    }
}

pub(super) fn scan(source: &str) -> Result<(), ExpressionError> {
    if source.len() > MAX_LENGTH {
        return Err(too_large(
            0,
            format!("The expression has {} bytes; at most {MAX_LENGTH} are allowed", source.len()),
        ));
    }
    let chars: Vec<char> = source.chars().collect();
    let mut levels = vec![Level::default()];
    let mut closed = 0;
    let (mut at, mut tokens) = (0, 0);
    while let Some(&c) = chars.get(at) {
        let start = at;
        at = token_end(&chars, at)?;
        if c.is_whitespace() || chars[start..at].starts_with(&['/', '/']) {
            continue;
        }
        tokens += 1;
        if tokens > MAX_TOKENS {
            return Err(too_large(start, "The expression has too many parts".to_owned()));
        }
        match c {
            '(' | '[' | '{' => {
                closed += levels.last().map_or(0, Level::depth);
                levels.push(Level::default());
            }
            ')' | ']' | '}' => {
                if levels.len() > 1 {
                    levels.pop();
                    closed -= levels.last().map_or(0, Level::depth);
                    // `a()()[0][0]` is a chain as well.
                    if let Some(level) = levels.last_mut() {
                        level.members += 1;
                    }
                }
            }
            _ => {
                if let Some(level) = levels.last_mut() {
                    count(level, &chars[start..at]);
                }
            }
        }
        let depth = closed + levels.last().map_or(0, Level::depth);
        if depth > MAX_DEPTH {
            return Err(too_large(start, format!("The expression is nested deeper than {MAX_DEPTH} levels")));
        }
    }
    Ok(())
}

fn count(level: &mut Level, token: &[char]) {
    match token {
        ['.'] => level.members += 1,
        [','] => *level = Level::default(),
        ['&', '&'] | ['|', '|'] => *level = Level { conditionals: level.conditionals, ..Level::default() },
        ['?'] => *level = Level { conditionals: level.conditionals + 1, ..Level::default() },
        [':'] => (level.members, level.operators) = (0, 0),
        ['i', 'n'] => (level.members, level.operators) = (0, level.operators + 1),
        [first, ..] if !first.is_alphanumeric() && !matches!(first, '_' | '"' | '\'' | '!' | '.') => {
            (level.members, level.operators) = (0, level.operators + 1);
        }
        _ => {}
    }
}

/// Where the token that starts here ends. Runs of `!` are one token: the parser collects them in a list.
fn token_end(chars: &[char], at: usize) -> Result<usize, ExpressionError> {
    let run = |from: usize, wanted: &dyn Fn(char) -> bool| {
        chars[from..].iter().position(|c| !wanted(*c)).map_or(chars.len(), |length| from + length)
    };
    let next = chars.get(at + 1).copied();
    Ok(match chars[at] {
        c if c.is_whitespace() => run(at, &char::is_whitespace),
        '"' | '\'' => text_end(chars, at, false)?,
        'r' | 'R' if matches!(next, Some('"' | '\'')) => text_end(chars, at + 1, true)?,
        'b' | 'B' if matches!(next, Some('"' | '\'')) => return Err(unsupported(at, "Byte strings are")),
        '`' => return Err(unsupported(at, "Names in backquotes are")),
        c if c.is_ascii_alphabetic() || c == '_' => run(at, &|c| c.is_ascii_alphanumeric() || c == '_'),
        c if c.is_ascii_digit() => number_end(chars, at),
        '.' if next.is_some_and(|c| c.is_ascii_digit()) => number_end(chars, at),
        '/' if next == Some('/') => run(at, &|c| c != '\n'),
        '&' if next == Some('&') => at + 2,
        '|' if next == Some('|') => at + 2,
        '=' | '!' | '<' | '>' if next == Some('=') => at + 2,
        '!' => run(at, &|c| c == '!'),
        _ => at + 1,
    })
}

fn number_end(chars: &[char], at: usize) -> usize {
    let mut end = at;
    while let Some(c) = chars.get(end) {
        let fraction = *c == '.' && chars.get(end + 1).is_some_and(char::is_ascii_digit);
        if !c.is_ascii_alphanumeric() && !fraction {
            break;
        }
        end += 1;
    }
    end
}

fn text_end(chars: &[char], open: usize, raw: bool) -> Result<usize, ExpressionError> {
    let quote = chars[open];
    if chars[open..].starts_with(&[quote; 3]) {
        return Err(unsupported(open, "Texts in triple quotes are"));
    }
    let mut at = open + 1;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' if !raw => at += 2,
            c if *c == quote => return Ok(at + 1),
            '\n' | '\r' => break,
            _ => at += 1,
        }
    }
    Err(ExpressionError {
        code: "expression_syntax",
        message: "The text is not closed".to_owned(),
        help: Some(format!("end it with {quote}")),
        offset: open,
    })
}

fn too_large(offset: usize, message: String) -> ExpressionError {
    ExpressionError {
        code: "expression_too_large",
        message,
        help: Some("split it: put parts into formula fields and use those".to_owned()),
        offset,
    }
}

fn unsupported(offset: usize, what: &str) -> ExpressionError {
    ExpressionError {
        code: "expression_syntax",
        message: format!("{what} not part of this language"),
        help: None,
        offset,
    }
}
