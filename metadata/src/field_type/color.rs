//! A colour: `#rrggbb`, kept in lower case so that one colour has one spelling.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::EQUALITY;
pub const CONTROL: Control = Control::Color;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Color {}

pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = expect_text(input)?;
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    match digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        Some(_) => Ok(text_value(&text.to_ascii_lowercase())),
        None => Err(InputError::bad_format("color")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Color, COLUMN);
        check_json(
            &field,
            &[
                ("\"#2255cc\"", "\"#2255cc\""),
                ("\"#AbCdEf\"", "\"#abcdef\""),
                ("\"#25c\"", "!bad_format"),
                ("\"2255cc\"", "!bad_format"),
                ("\"#2255cg\"", "!bad_format"),
                ("\"red\"", "!bad_format"),
                ("2255", "!wrong_type"),
            ],
        );
        check_text(&field, &[("#2255CC", "\"#2255cc\""), ("blue", "!bad_format")]);
    }
}
