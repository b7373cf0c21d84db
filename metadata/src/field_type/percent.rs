//! A fraction shown as a percentage: 0.05 is 5 %.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, DecimalText, InputError, Operator, number, operator};
use crate::column::ColumnKind;
use crate::snapshot::DecimalRule;
use crate::value::Value;

pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Percent;

/// Digits after the point where the document does not say.
pub const DEFAULT_SCALE: u8 = 6;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Percent {
    /// Digits after the point; 6 unless said.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub scale: Option<u8>,
    #[serde(default)]
    pub min: Option<DecimalText>,
    #[serde(default)]
    pub max: Option<DecimalText>,
}

impl Percent {
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
        let rule = Percent { scale: None, min: None, max: Some(DecimalText(1.into())) }.rule();
        let field = field(FieldKind::Percent(rule.clone()), column(&rule));
        check_json(
            &field,
            &[
                ("0.05", "\"0.050000\""),
                ("\"1\"", "\"1.000000\""),
                ("0.0000001", "!too_many_digits"),
                ("2", "!out_of_range"),
                ("\"5%\"", "!wrong_type"),
            ],
        );
        check_text(&field, &[("0.125", "\"0.125000\""), ("5%", "!wrong_type")]);
    }
}
