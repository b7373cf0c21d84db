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
/// Longest number.
const MAX_NUMBER: usize = 400;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Json")]
pub struct JsonText {}

pub fn check(input: &Json) -> Result<Value, InputError> {
    if !is_storable(input, MAX_DEPTH) {
        return Err(InputError::new("bad_character"));
    }
    if !has_common_numbers(input) {
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

fn has_common_numbers(json: &Json) -> bool {
    match json {
        Json::Number(number) => is_common(&number.to_string()),
        Json::Array(items) => items.iter().all(has_common_numbers),
        Json::Object(map) => map.values().all(has_common_numbers),
        _ => true,
    }
}

/// Within the exponents every reader knows: PostgreSQL's jsonb writes larger ones out digit by digit.
fn is_common(text: &str) -> bool {
    let is_zero = !text.split(['e', 'E']).next().unwrap_or_default().contains(|c: char| ('1'..='9').contains(&c));
    text.len() <= MAX_NUMBER && text.parse::<f64>().is_ok_and(|number| number.is_finite() && (is_zero || number != 0.0))
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
                ("{\"a\": \"\\u0000\"}", "!bad_character"),
                ("{\"\\u0000\": 1}", "!bad_character"),
                ("[1e308, -1e-300, 0e999]", "[1e+308,-1e-300,0e+999]"),
                ("[1e400]", "!out_of_range"),
                ("[1e-400]", "!out_of_range"),
            ],
        );
        check_text(&field, &[("{\"a\":1}", "{\"a\":1}"), ("{", "!bad_format"), ("", "null")]);
    }
}
