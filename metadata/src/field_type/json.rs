//! Any JSON, kept exactly as given. Numbers stay digit by digit.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::source::MAX_DEPTH;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Json;
pub const OPERATORS: &[Operator] = operator::PRESENCE;
pub const CONTROL: Control = Control::Json;

/// Longest JSON text accepted in one field.
const MAX_BYTES: usize = 100_000;
/// Longest number in it.
const MAX_NUMBER: usize = 1_000;
/// Largest power of ten in it: that of a double.
const MAX_EXPONENT: i32 = 308;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Json")]
pub struct JsonText {}

pub fn check(input: &Json) -> Result<Value, InputError> {
    if !is_storable(input, MAX_DEPTH) {
        return Err(InputError::new("bad_character"));
    }
    if !is_in_range(input) {
        return Err(InputError::new("out_of_range"));
    }
    if input.to_string().len() > MAX_BYTES {
        return Err(InputError::new("too_long").with("max", MAX_BYTES));
    }
    Ok(Value::Json(Arc::new(input.clone())))
}

pub fn from_text(text: &str) -> Result<Json, InputError> {
    serde_json::from_str(text).map_err(|_| InputError::bad_format("json"))
}

/// PostgreSQL's jsonb cannot hold NUL; depth is bounded for every reader.
fn is_storable(json: &Json, depth: usize) -> bool {
    match json {
        Json::String(text) => !text.contains('\0'),
        Json::Array(items) => depth > 0 && items.iter().all(|item| is_storable(item, depth - 1)),
        Json::Object(map) => {
            depth > 0 && map.iter().all(|(key, item)| !key.contains('\0') && is_storable(item, depth - 1))
        }
        _ => true,
    }
}

/// Numbers are kept digit by digit, as far as jsonb has digits.
fn is_in_range(json: &Json) -> bool {
    match json {
        Json::Number(number) => {
            let text = number.to_string();
            let exponent = text.split_once(['e', 'E']).map_or(Ok(0), |(_, exponent)| exponent.parse());
            text.len() <= MAX_NUMBER && exponent.is_ok_and(|power: i32| power.abs() <= MAX_EXPONENT)
        }
        Json::Array(items) => items.iter().all(is_in_range),
        Json::Object(map) => map.values().all(is_in_range),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Json, COLUMN);
        check_json(
            &field,
            &[
                ("{\"b\": 1.10, \"a\": [9007199254740993]}", "{\"b\":1.10,\"a\":[9007199254740993]}"),
                ("\"text\"", "\"text\""),
                ("[1e308, -1e-308]", "[1e+308,-1e-308]"),
                ("{\"a\": [1e309]}", "!out_of_range"),
                ("-1e-999999999999", "!out_of_range"),
                ("{\"a\": \"\\u0000\"}", "!bad_character"),
                ("{\"\\u0000\": 1}", "!bad_character"),
            ],
        );
        check_text(&field, &[("{\"a\":1}", "{\"a\":1}"), ("{", "!bad_format"), ("", "null")]);
    }
}
