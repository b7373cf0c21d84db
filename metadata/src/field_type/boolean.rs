//! True or false.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Boolean;
pub const OPERATORS: &[Operator] = operator::EQUALITY;
pub const CONTROL: Control = Control::Checkbox;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boolean {}

pub fn check(input: &Json) -> Result<Value, InputError> {
    input.as_bool().map(Value::Boolean).ok_or_else(|| InputError::wrong_type("boolean"))
}

/// `on` and `off` are what a browser's checkbox sends.
pub fn from_text(text: &str) -> Result<Json, InputError> {
    match text {
        "true" | "on" | "1" => Ok(Json::Bool(true)),
        "false" | "off" | "0" => Ok(Json::Bool(false)),
        _ => Err(InputError::wrong_type("boolean")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Boolean, COLUMN);
        check_json(&field, &[("true", "true"), ("false", "false"), ("1", "!wrong_type"), ("\"true\"", "!wrong_type")]);
        check_text(&field, &[("on", "true"), ("false", "false"), ("", "null"), ("maybe", "!wrong_type")]);
    }
}
