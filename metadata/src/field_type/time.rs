//! A wall-clock time, without a zone, to the second.

use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Time;
pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Time;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Time {}

/// `HH:MM` or `HH:MM:SS`.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = input.as_str().ok_or_else(|| InputError::wrong_type("time"))?;
    parse(text).map(Value::Time).ok_or_else(|| InputError::bad_format("time"))
}

fn parse(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let mut two_digits = || {
        let part = parts.next()?;
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = (two_digits()?, two_digits()?);
    let second = if text.len() > 5 { two_digits()? } else { 0 };
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::Time, COLUMN),
            &[
                ("\"08:30\"", "\"08:30:00\""),
                ("\"23:59:59\"", "\"23:59:59\""),
                ("\"24:00\"", "!bad_format"),
                ("\"8:30\"", "!bad_format"),
                ("\"08:30:00:00\"", "!bad_format"),
                ("\"08:30:60\"", "!bad_format"),
                ("\"\"", "!bad_format"),
                ("830", "!wrong_type"),
            ],
        );
    }
}
