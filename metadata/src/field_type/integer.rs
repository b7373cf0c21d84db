//! A whole number of 64 bits.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, number, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Integer;
pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Number;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Integer {
    #[serde(default)]
    #[schemars(extend("minimum" = i64::MIN, "maximum" = i64::MAX))]
    pub min: Option<i64>,
    #[serde(default)]
    #[schemars(extend("minimum" = i64::MIN, "maximum" = i64::MAX))]
    pub max: Option<i64>,
}

pub fn check(min: Option<i64>, max: Option<i64>, input: &Json) -> Result<Value, InputError> {
    let given = number::check_integer(input)?;
    if let Some(min) = min.filter(|min| given < *min) {
        return Err(InputError::new("out_of_range").with("min", min));
    }
    if let Some(max) = max.filter(|max| given > *max) {
        return Err(InputError::new("out_of_range").with("max", max));
    }
    Ok(Value::Integer(given))
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let small = field(FieldKind::Integer { min: Some(1), max: Some(9) }, COLUMN);
        check_json(&small, &[("1", "1"), ("0", "!out_of_range"), ("10", "!out_of_range"), ("null", "null")]);
        let any = field(FieldKind::Integer { min: None, max: None }, COLUMN);
        check_json(
            &any,
            &[
                ("9007199254740993", "9007199254740993"),
                ("-9223372036854775808", "-9223372036854775808"),
                ("9223372036854775808", "!out_of_range"),
                ("1e400", "!out_of_range"),
                ("1e3", "1000"),
                ("2.0", "2"),
                ("2.5", "!wrong_type"),
                ("\"2\"", "!wrong_type"),
                ("true", "!wrong_type"),
            ],
        );
        check_text(
            &any,
            &[
                ("１２３", "123"),
                ("-７", "-7"),
                ("+5", "5"),
                ("", "null"),
                ("1,000", "!wrong_type"),
                ("1.0", "!wrong_type"),
                ("-", "!wrong_type"),
                ("99999999999999999999", "!out_of_range"),
            ],
        );
    }
}
