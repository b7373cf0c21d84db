//! One line of text.

use regex_lite::RegexBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::snapshot::{Pattern, TextRule};
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::Text;

/// Longest text where the document sets no limit.
pub const DEFAULT_MAX_LENGTH: u32 = 255;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In characters; 255 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 4000))]
    pub max_length: Option<u32>,
    /// A regular expression the whole value must match.
    #[serde(default)]
    pub pattern: Option<String>,
}

impl Text {
    pub fn rule(&self) -> Result<TextRule, String> {
        let pattern = self.pattern.as_deref().map(compile).transpose()?;
        Ok(TextRule { max_length: Some(self.max_length.unwrap_or(DEFAULT_MAX_LENGTH)), pattern })
    }
}

/// Longest pattern, and the memory its compiled form may take: bounds what one check can cost.
const MAX_PATTERN: usize = 500;
const MAX_PROGRAM: usize = 1 << 18;

/// Anchored to the whole value; the engine matches in linear time.
pub fn compile(source: &str) -> Result<Pattern, String> {
    if source.len() > MAX_PATTERN {
        return Err(format!("the pattern is longer than {MAX_PATTERN} characters"));
    }
    let regex = RegexBuilder::new(&format!("^(?:{source})$")).size_limit(MAX_PROGRAM).build();
    Ok(Pattern { source: source.to_owned(), regex: regex.map_err(|error| error.to_string())? })
}

pub fn check(rule: &TextRule, input: &Json) -> Result<Value, InputError> {
    let text = expect_text(input)?;
    if text.chars().any(char::is_control) {
        return Err(InputError::new("bad_character"));
    }
    check_rule(rule, text)
}

/// Length and pattern, shared with long text.
pub fn check_rule(rule: &TextRule, text: &str) -> Result<Value, InputError> {
    if let Some(max) = rule.max_length.filter(|max| text.chars().count() > *max as usize) {
        return Err(InputError::new("too_long").with("max", max));
    }
    match &rule.pattern {
        Some(pattern) if !pattern.regex.is_match(text) => {
            Err(InputError::new("pattern_mismatch").with("pattern", &pattern.source))
        }
        _ => Ok(text_value(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let rule = Text { max_length: Some(3), pattern: Some("[a-z设备]*".into()) }.rule().unwrap();
        let field = field(FieldKind::Text(rule), COLUMN);
        check_json(
            &field,
            &[
                ("\"abc\"", "\"abc\""),
                ("\"设备\"", "\"设备\""),
                ("\"\"", "\"\""),
                ("null", "null"),
                ("\"abcd\"", "!too_long"),
                ("\"ABC\"", "!pattern_mismatch"),
                ("1", "!wrong_type"),
                ("[\"a\"]", "!wrong_type"),
                ("\"a\\u0000\"", "!bad_character"),
                ("\"a\\n\"", "!bad_character"),
            ],
        );
        check_text(&field, &[("abc", "\"abc\""), ("", "\"\""), ("abcd", "!too_long")]);
        assert!(compile("(").is_err());
        assert!(compile("(((a{1000}){1000}){1000})").is_err());
        assert!(compile(&"a".repeat(501)).is_err());
    }
}
