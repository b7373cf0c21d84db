//! An amount of money in the tenant's currency: an exact decimal.

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
pub struct Money {
    /// Digits after the point; 2 unless said.
    #[serde(default)]
    #[schemars(range(min = 0, max = 6))]
    pub scale: Option<u8>,
    #[serde(default)]
    pub min: Option<DecimalText>,
    #[serde(default)]
    pub max: Option<DecimalText>,
}

impl Money {
    pub fn rule(&self) -> DecimalRule {
        let scale = self.scale.unwrap_or(DEFAULT_SCALE);
        DecimalRule { scale, min: self.min.map(|min| min.0), max: self.max.map(|max| max.0) }
    }
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
        let rule = Money { scale: None, min: Some(DecimalText(0.into())), max: None }.rule();
        let field = field(FieldKind::Money(rule.clone()), column(&rule));
        check_json(
            &field,
            &[
                ("\"12.50\"", "\"12.50\""),
                ("0", "\"0.00\""),
                ("-0.01", "!out_of_range"),
                ("12.345", "!too_many_digits"),
                ("9999999999999999.99", "\"9999999999999999.99\""),
                ("99999999999999999", "!too_many_digits"),
                ("{\"amount\": 1}", "!wrong_type"),
            ],
        );
        check_text(&field, &[("１００", "\"100.00\""), ("¥5", "!wrong_type")]);
    }
}
