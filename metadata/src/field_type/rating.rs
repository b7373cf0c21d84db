//! So many of a few: a whole number from 0 to `max`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, integer, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Integer;
pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Rating;

/// The best where the document names none.
const DEFAULT_MAX: u8 = 5;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// The best; 5 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10))]
    pub max: Option<u8>,
}

impl Rating {
    pub fn max(&self) -> u8 {
        self.max.unwrap_or(DEFAULT_MAX)
    }
}

pub fn check(max: u8, input: &Json) -> Result<Value, InputError> {
    integer::check(Some(0), Some(i64::from(max)), input)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Rating { max: Rating { max: None }.max() }, COLUMN);
        check_json(
            &field,
            &[
                ("0", "0"),
                ("5", "5"),
                ("6", "!out_of_range"),
                ("-1", "!out_of_range"),
                ("2.5", "!wrong_type"),
                ("\"3\"", "!wrong_type"),
            ],
        );
        check_text(&field, &[("４", "4"), ("6", "!out_of_range"), ("", "null")]);
    }
}
