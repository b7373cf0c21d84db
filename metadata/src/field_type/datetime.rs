//! An instant, kept in UTC to the microsecond.

use chrono::{DateTime as Instant, Datelike, SubsecRound, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::DateTime;
pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::DateTime;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateTime {}

/// RFC 3339 with a zone; a local time is the surface's to convert. Digits past the microsecond are cut.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = input.as_str().ok_or_else(|| InputError::wrong_type("datetime"))?;
    parse(text).map(Value::DateTime).ok_or_else(|| InputError::bad_format("datetime"))
}

fn parse(text: &str) -> Option<Instant<Utc>> {
    let instant = Instant::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).trunc_subsecs(6);
    (1..=9999).contains(&instant.year()).then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::DateTime, COLUMN),
            &[
                ("\"2026-03-01T08:00:00Z\"", "\"2026-03-01T08:00:00Z\""),
                ("\"2026-03-01T08:00:00+08:00\"", "\"2026-03-01T00:00:00Z\""),
                ("\"2026-03-01T08:00:00.1234567Z\"", "\"2026-03-01T08:00:00.123456Z\""),
                ("\"2026-03-01T08:00:00\"", "!bad_format"),
                ("\"2026-03-01\"", "!bad_format"),
                ("\"0000-01-01T00:00:00Z\"", "!bad_format"),
                ("1700000000", "!wrong_type"),
            ],
        );
    }
}
