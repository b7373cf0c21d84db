//! A number the runtime takes from a sequence when the record is created; stored as the text people see.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::ReadOnly;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoNumber {
    /// Name of a `sequence` document.
    pub sequence: Identifier,
}

/// For filters; a body may not set one.
pub fn check(input: &Json) -> Result<Value, InputError> {
    expect_text(input).map(text_value)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::AutoNumber { sequence: 0 }, COLUMN);
        check_json(&field, &[("\"L2026-00001\"", "\"L2026-00001\""), ("1", "!wrong_type")]);
    }
}
