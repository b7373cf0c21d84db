//! A phone number: digits with the usual separators, an optional leading `+`, 3 to 20 digits.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::Phone;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phone {}

pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = expect_text(input)?;
    if looks_like_phone(text) { Ok(text_value(text)) } else { Err(InputError::bad_format("phone")) }
}

fn looks_like_phone(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let allowed = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'(' | b')' | b'.'));
    allowed && (3..=20).contains(&digits) && number.len() <= 40
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::Phone, COLUMN),
            &[
                ("\"+86 138-0013-8000\"", "\"+86 138-0013-8000\""),
                ("\"(02) 2345.6789\"", "\"(02) 2345.6789\""),
                ("\"110\"", "\"110\""),
                ("\"12\"", "!bad_format"),
                ("\"12a4\"", "!bad_format"),
                ("\"1+2345\"", "!bad_format"),
                ("13800138000", "!wrong_type"),
            ],
        );
    }
}
