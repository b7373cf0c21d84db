//! The table runner of the field types' tests.

use serde_json::Value as Json;

use super::{InputError, check, parse_text, to_json};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::label::Label;
use crate::snapshot::{Field, FieldIndex, FieldKind, Origin};
use crate::value::Value;

pub fn field(kind: FieldKind, column: ColumnKind) -> Field {
    let name = Identifier::new("sample").unwrap();
    Field {
        index: FieldIndex(9),
        id: name.clone(),
        name,
        aliases: Vec::new(),
        label: Label::Missing,
        help: Label::Missing,
        kind,
        column,
        required: false,
        default: None,
        unique: false,
        external_id: false,
        indexed: false,
        immutable: false,
        history: true,
        origin: Origin::User,
    }
}

/// Each row: JSON input → canonical JSON, or `!code`.
pub fn check_json(field: &Field, rows: &[(&str, &str)]) {
    for (input, expected) in rows {
        let input: Json = serde_json::from_str(input).unwrap();
        assert_eq!(outcome(field, check(field, &input)), *expected, "input {input}");
    }
}

/// Each row: text from a URL or a form → canonical JSON, or `!code`.
pub fn check_text(field: &Field, rows: &[(&str, &str)]) {
    for (input, expected) in rows {
        assert_eq!(outcome(field, parse_text(field, input)), *expected, "input {input:?}");
    }
}

fn outcome(field: &Field, result: Result<Value, InputError>) -> String {
    match result {
        Ok(value) => {
            let json = to_json(field, &value);
            assert_eq!(check(field, &json), Ok(value), "the canonical JSON form must read back as the same value");
            json.to_string()
        }
        Err(error) => format!("!{}", error.code),
    }
}
