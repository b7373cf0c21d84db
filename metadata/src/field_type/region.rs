//! An administrative division by its code, such as `310104`. Codes keep leading zeros and are prefixed by the code of
//! the division above, so that `like.31*` finds everything below it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator, text};
use crate::column::ColumnKind;
use crate::snapshot::TextRule;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::Text;

/// The form of a code where the document names none.
const DEFAULT_PATTERN: &str = "[0-9]{2,12}";

/// Longest code, whatever the pattern.
const MAX_LENGTH: u32 = 40;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// A regular expression the whole code must match; `[0-9]{2,12}` unless said. `[0-9]{6}` takes districts only.
    #[serde(default)]
    pub pattern: Option<String>,
}

impl Region {
    pub fn rule(&self) -> Result<TextRule, String> {
        let pattern = text::compile(self.pattern.as_deref().unwrap_or(DEFAULT_PATTERN))?;
        Ok(TextRule { max_length: Some(MAX_LENGTH), pattern: Some(pattern) })
    }
}

pub fn check(rule: &TextRule, input: &Json) -> Result<Value, InputError> {
    text::check(rule, input)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let any = Region { pattern: None }.rule().unwrap();
        check_json(
            &field(FieldKind::Region(any), COLUMN),
            &[
                ("\"31\"", "\"31\""),
                ("\"010104\"", "\"010104\""),
                ("\"3\"", "!pattern_mismatch"),
                ("\"3101-4\"", "!pattern_mismatch"),
                ("\"\"", "!pattern_mismatch"),
                ("310104", "!wrong_type"),
            ],
        );
        let district = Region { pattern: Some("[0-9]{6}".into()) }.rule().unwrap();
        check_json(
            &field(FieldKind::Region(district), COLUMN),
            &[("\"310104\"", "\"310104\""), ("\"31\"", "!pattern_mismatch")],
        );
        assert!(Region { pattern: Some("(".into()) }.rule().is_err());
    }
}
