//! An exact decimal number of at most 18 digits.

use rust_decimal::Decimal as Number;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, DecimalText, InputError, Operator, number, operator};
use crate::column::ColumnKind;
use crate::snapshot::DecimalRule;
use crate::value::Value;

pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Decimal;

/// Digits after the point where the document does not say.
pub const DEFAULT_SCALE: u8 = 2;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decimal {
    /// Digits in all; 18 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 18))]
    pub precision: Option<u8>,
    /// Digits after the point; 2 unless said.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub scale: Option<u8>,
    #[serde(default)]
    pub min: Option<DecimalText>,
    #[serde(default)]
    pub max: Option<DecimalText>,
}

impl Decimal {
    pub fn rule(&self) -> DecimalRule {
        let scale = self.scale.unwrap_or(DEFAULT_SCALE);
        let limit = self.precision.map(|precision| largest(precision, scale));
        let narrower =
            |given: Option<Number>, limit: Option<Number>, pick: fn(Number, Number) -> Number| match (given, limit) {
                (Some(given), Some(limit)) => Some(pick(given, limit)),
                (given, limit) => given.or(limit),
            };
        DecimalRule {
            scale,
            min: narrower(self.min.map(|min| min.0), limit.map(|limit| -limit), Number::max),
            max: narrower(self.max.map(|max| max.0), limit, Number::min),
        }
    }
}

/// 9999.99 for precision 6 and scale 2.
fn largest(precision: u8, scale: u8) -> Number {
    Number::new(10_i64.pow(u32::from(precision.min(18))) - 1, u32::from(scale))
}

pub fn column(rule: &DecimalRule) -> ColumnKind {
    ColumnKind::Decimal { scale: rule.scale }
}

pub fn check(rule: &DecimalRule, input: &Json) -> Result<Value, InputError> {
    number::check_decimal(rule, input)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let rule = Decimal { precision: Some(6), scale: None, min: None, max: None }.rule();
        let field = field(FieldKind::Decimal(rule.clone()), column(&rule));
        check_json(
            &field,
            &[
                ("1", "\"1.00\""),
                ("\"1.5\"", "\"1.50\""),
                ("720.08", "\"720.08\""),
                ("0.1", "\"0.10\""),
                ("-0", "\"0.00\""),
                ("1.500", "\"1.50\""),
                ("1.005", "!too_many_digits"),
                ("9999.99", "\"9999.99\""),
                ("10000", "!out_of_range"),
                ("\"abc\"", "!wrong_type"),
                ("\"1,000\"", "!wrong_type"),
                ("true", "!wrong_type"),
                ("1e999999999", "!too_many_digits"),
            ],
        );
        check_text(
            &field,
            &[
                ("１２．５", "\"12.50\""),
                (" 3 ", "\"3.00\""),
                ("1,000", "!wrong_type"),
                ("1e3", "!wrong_type"),
                ("", "null"),
            ],
        );
    }
}
