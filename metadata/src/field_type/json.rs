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

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Json")]
pub struct JsonText {}

pub fn check(input: &Json) -> Result<Value, InputError> {
    if !is_storable(input, MAX_DEPTH) {
        return Err(InputError::new("bad_character"));
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
            ],
        );
        check_text(&field, &[("{\"a\":1}", "{\"a\":1}"), ("{", "!bad_format"), ("", "null")]);
    }
}
