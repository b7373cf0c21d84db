//! Text of several lines.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text};
use crate::column::ColumnKind;
use crate::snapshot::TextRule;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::TextArea;

/// Longest text where the document sets no limit.
pub const DEFAULT_MAX_LENGTH: u32 = 100_000;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongText {
    /// In characters; 100,000 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_length: Option<u32>,
}

impl LongText {
    pub fn rule(&self) -> TextRule {
        TextRule { max_length: Some(self.max_length.unwrap_or(DEFAULT_MAX_LENGTH)), pattern: None }
    }
}

pub fn check(rule: &TextRule, input: &Json) -> Result<Value, InputError> {
    let given = expect_text(input)?;
    if given.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(InputError::new("bad_character"));
    }
    text::check_rule(rule, given)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::LongText(LongText { max_length: Some(4) }.rule()), COLUMN);
        check_json(
            &field,
            &[
                ("\"a\\n\\tb\"", "\"a\\n\\tb\""),
                ("\"abcde\"", "!too_long"),
                ("\"a\\u0000\"", "!bad_character"),
                ("\"a\\u0007\"", "!bad_character"),
                ("true", "!wrong_type"),
            ],
        );
    }
}
