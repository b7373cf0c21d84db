//! A value computed from the record and the records its lookups point at, stored and kept current by the runtime.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    Control, InputError, Operator, boolean, date, datetime, duration, expect_text, number, operator, text_value, time,
};
use crate::column::ColumnKind;
use crate::expression::Type;
use crate::snapshot::DecimalRule;
use crate::value::Value;

pub const CONTROL: Control = Control::ReadOnly;

/// Digits after the point of a decimal result where the document does not say.
pub const DEFAULT_SCALE: u8 = 2;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// CEL over `record` and up to five lookups up, such as `record.equipment.day_price * record.quantity`.
    pub expression: String,
    pub result: ResultType,
    /// Digits after the point of a decimal result; 2 unless said.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub scale: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResultType {
    Integer,
    Decimal,
    Text,
    Boolean,
    Date,
    #[serde(rename = "datetime")]
    DateTime,
}

impl Formula {
    pub fn scale(&self) -> u8 {
        self.scale.unwrap_or(DEFAULT_SCALE)
    }

    pub fn column(&self) -> ColumnKind {
        match self.result {
            ResultType::Integer => ColumnKind::Integer,
            ResultType::Decimal => ColumnKind::Decimal { scale: self.scale() },
            ResultType::Text => ColumnKind::Text,
            ResultType::Boolean => ColumnKind::Boolean,
            ResultType::Date => ColumnKind::Date,
            ResultType::DateTime => ColumnKind::DateTime,
        }
    }
}

impl ResultType {
    pub fn expression_type(self) -> Type {
        match self {
            ResultType::Integer => Type::Integer,
            ResultType::Decimal => Type::Decimal,
            ResultType::Text => Type::Text,
            ResultType::Boolean => Type::Boolean,
            ResultType::Date => Type::Date,
            ResultType::DateTime => Type::DateTime,
        }
    }
}

/// For filters on a computed value; a body may not set one.
pub fn check(column: ColumnKind, input: &Json) -> Result<Value, InputError> {
    match column {
        ColumnKind::Integer => number::check_integer(input).map(Value::Integer),
        ColumnKind::Decimal { scale } => number::check_decimal(&DecimalRule { scale, min: None, max: None }, input),
        ColumnKind::Boolean => boolean::check(input),
        ColumnKind::Date => date::check(input),
        ColumnKind::DateTime => datetime::check(input),
        ColumnKind::Time => time::check(input),
        ColumnKind::Duration => duration::check(input),
        _ => expect_text(input).map(text_value),
    }
}

pub fn from_text(column: ColumnKind, text: &str) -> Result<Json, InputError> {
    match column {
        ColumnKind::Integer | ColumnKind::Decimal { .. } => number::from_text(column, text),
        ColumnKind::Boolean => boolean::from_text(text),
        _ => Ok(Json::String(text.to_owned())),
    }
}

pub fn operators(column: ColumnKind) -> &'static [Operator] {
    match column {
        ColumnKind::Text => operator::TEXT,
        ColumnKind::Boolean => operator::EQUALITY,
        _ => operator::ORDERED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_by_the_type_of_the_result() {
        let rows = [
            (ResultType::Integer, "4", "4"),
            (ResultType::Decimal, "4.5", "4.50"),
            (ResultType::Text, "a", "a"),
            (ResultType::Boolean, "true", "true"),
            (ResultType::Date, "2026-03-01", "2026-03-01"),
            (ResultType::DateTime, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ];
        for (result, text, expected) in rows {
            let column = Formula { expression: String::new(), result, scale: None }.column();
            let value = from_text(column, text).and_then(|json| check(column, &json)).unwrap();
            assert_eq!(value.to_string(), expected);
            assert!(operators(column).contains(&Operator::Eq));
        }
    }
}
