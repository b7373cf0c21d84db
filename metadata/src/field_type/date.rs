//! A calendar date, without a zone.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Date;
pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Date;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Date {}

/// `YYYY-MM-DD`, years 0001 to 9999.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = input.as_str().ok_or_else(|| InputError::wrong_type("date"))?;
    parse(text).map(Value::Date).ok_or_else(|| InputError::bad_format("date"))
}

fn parse(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    let date = shape.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()?;
    (!text.starts_with("0000")).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::Date, COLUMN),
            &[
                ("\"2026-03-01\"", "\"2026-03-01\""),
                ("\"2024-02-29\"", "\"2024-02-29\""),
                ("\"2026-02-29\"", "!bad_format"),
                ("\"2026-3-1\"", "!bad_format"),
                ("\"+2026-03-01\"", "!bad_format"),
                ("\"0000-01-01\"", "!bad_format"),
                ("\"2026-03-01T00:00:00Z\"", "!bad_format"),
                ("\"2026年03月1\"", "!bad_format"),
                ("20260301", "!wrong_type"),
            ],
        );
    }
}
