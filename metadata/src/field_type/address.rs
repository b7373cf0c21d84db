//! A postal address in six named parts, as text. It knows no country's rules: which parts are there is the writer's.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Json;
pub const OPERATORS: &[Operator] = operator::PRESENCE;
pub const CONTROL: Control = Control::Address;

/// From the largest to the smallest.
pub const PARTS: [&str; 6] = ["country", "region", "city", "district", "street", "postal_code"];

/// As PostgreSQL keeps the keys of its JSON, shorter ones first, so that every database answers alike.
const STORED: [&str; 6] = ["city", "region", "street", "country", "district", "postal_code"];

/// Characters of one part.
pub const MAX_PART: usize = 200;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {}

/// An object with one part or more and nothing else; a part that is not known is left out, not empty.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let Json::Object(given) = input else {
        return Err(InputError::wrong_type("address"));
    };
    if given.is_empty() || given.keys().any(|key| !PARTS.contains(&key.as_str())) {
        return Err(InputError::bad_format("address"));
    }
    let mut address = Map::new();
    for part in STORED {
        if let Some(text) = given.get(part) {
            address.insert(part.to_owned(), Json::from(check_part(text)?));
        }
    }
    Ok(Value::Json(Arc::new(Json::Object(address))))
}

fn check_part(part: &Json) -> Result<&str, InputError> {
    let text = part.as_str().ok_or_else(|| InputError::wrong_type("address"))?;
    if text.chars().any(char::is_control) {
        return Err(InputError::new("bad_character"));
    }
    if text.trim().is_empty() {
        return Err(InputError::bad_format("address"));
    }
    if text.chars().count() > MAX_PART {
        return Err(InputError::new("too_long").with("max", MAX_PART));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Address, COLUMN);
        let long = format!("{{\"city\": \"{}\"}}", "x".repeat(201));
        check_json(
            &field,
            &[
                ("{\"city\": \"上海\", \"country\": \"CN\"}", "{\"city\":\"上海\",\"country\":\"CN\"}"),
                ("{\"postal_code\": \"200000\"}", "{\"postal_code\":\"200000\"}"),
                ("{}", "!bad_format"),
                ("{\"city\": \" \"}", "!bad_format"),
                ("{\"town\": \"x\"}", "!bad_format"),
                ("{\"city\": null}", "!wrong_type"),
                ("{\"city\": 1}", "!wrong_type"),
                ("{\"city\": \"a\\nb\"}", "!bad_character"),
                (&long, "!too_long"),
                ("\"Shanghai\"", "!wrong_type"),
            ],
        );
        check_text(&field, &[("{\"city\":\"x\"}", "{\"city\":\"x\"}"), ("x", "!bad_format"), ("", "null")]);
    }
}
