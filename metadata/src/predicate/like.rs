//! SQL `LIKE` over text in memory. Knows no fields.

use super::Case;

enum Part {
    /// `%`
    Any,
    /// `_`
    One,
    Exactly(char),
}

/// Does the whole `text` match the pattern.
pub(super) fn matches(text: &str, pattern: &str, case: Case) -> bool {
    let fold = |c: char| if case == Case::Insensitive { c.to_ascii_lowercase() } else { c };
    let parts = parse(pattern, fold);
    let text: Vec<char> = text.chars().map(fold).collect();
    let (mut at, mut part) = (0, 0);
    // Where to resume when a guess fails: after the last `%`, which then swallows one character more.
    let mut resume: Option<(usize, usize)> = None;
    loop {
        match parts.get(part) {
            Some(Part::Any) => {
                resume = Some((at, part + 1));
                part += 1;
            }
            Some(Part::One) if at < text.len() => (at, part) = (at + 1, part + 1),
            Some(Part::Exactly(c)) if text.get(at) == Some(c) => (at, part) = (at + 1, part + 1),
            None if at == text.len() => return true,
            _ => match resume {
                Some((from, after)) if from < text.len() => {
                    resume = Some((from + 1, after));
                    (at, part) = (from + 1, after);
                }
                _ => return false,
            },
        }
    }
}

/// A pattern that matches `text` itself and nothing else.
pub(crate) fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn parse(pattern: &str, fold: impl Fn(char) -> char) -> Vec<Part> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Exactly(fold(chars.next().unwrap_or('\\'))),
            other => Part::Exactly(fold(other)),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_sql_does() {
        for (text, pattern, case, expected) in [
            ("", "", Case::Sensitive, true),
            ("", "%", Case::Sensitive, true),
            ("", "_", Case::Sensitive, false),
            ("abc", "abc", Case::Sensitive, true),
            ("abc", "ABC", Case::Sensitive, false),
            ("abc", "ABC", Case::Insensitive, true),
            ("abc", "a%", Case::Sensitive, true),
            ("abc", "%c", Case::Sensitive, true),
            ("abc", "%b", Case::Sensitive, false),
            ("abc", "a_c", Case::Sensitive, true),
            ("aXbXc", "%X_", Case::Sensitive, true),
            ("aaab", "%aab", Case::Sensitive, true),
            ("50%", "50\\%", Case::Sensitive, true),
            ("505", "50\\%", Case::Sensitive, false),
            ("a\\b", "a\\\\b", Case::Sensitive, true),
            ("单据", "单_", Case::Sensitive, true),
            ("É", "é", Case::Insensitive, false),
        ] {
            assert_eq!(matches(text, pattern, case), expected, "{text:?} like {pattern:?}");
        }
    }

    #[test]
    fn an_escaped_text_matches_itself() {
        for text in ["", "%", "a_b", "\\", "100 % \\_"] {
            assert!(matches(text, &escape(text), Case::Sensitive), "{text:?}");
            assert!(!matches(&format!("{text}x"), &escape(text), Case::Sensitive), "{text:?}");
        }
    }
}
