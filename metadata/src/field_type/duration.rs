//! A length of time in whole seconds, written as ISO 8601 without days: `PT36H`. To expressions it is the number of
//! its seconds.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, number, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Duration;
pub const OPERATORS: &[Operator] = operator::ORDERED;
pub const CONTROL: Control = Control::Duration;

/// The longest, in seconds: some 30,000 years.
pub const MAX_SECONDS: i64 = 999_999_999_999;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duration {}

/// `PT1H30M`, `1:30` (hours and minutes), `1:30:15`, `90m`, `1h 30m`, or the number of seconds.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let seconds = match input {
        Json::String(text) => seconds(text).ok_or_else(|| InputError::bad_format("duration"))?,
        Json::Number(_) => number::check_integer(input)?,
        _ => return Err(InputError::wrong_type("duration")),
    };
    if (0..=MAX_SECONDS).contains(&seconds) {
        Ok(Value::Integer(seconds))
    } else {
        Err(InputError::new("out_of_range"))
    }
}

/// The canonical text: `PT1H30M`, `PT0S`.
pub fn iso_text(seconds: i64) -> String {
    let size = seconds.unsigned_abs();
    let parts = [(size / 3_600, 'H'), (size / 60 % 60, 'M'), (size % 60, 'S')];
    let said: String = parts.iter().filter(|(count, _)| *count > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    format!("{}PT{}", if seconds < 0 { "-" } else { "" }, if said.is_empty() { "0S" } else { &said })
}

/// As a clock counts: `1:30`, `0:00:45`.
pub fn clock_text(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / HOUR, seconds / MINUTE % 60, seconds % MINUTE);
    if rest == 0 { format!("{hours}:{minutes:02}") } else { format!("{hours}:{minutes:02}:{rest:02}") }
}

fn seconds(text: &str) -> Option<i64> {
    match text.strip_prefix('P') {
        Some(rest) => iso(rest),
        None if text.contains(':') => clock(text),
        None => units(&text.to_ascii_lowercase(), &[('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', 1)]),
    }
}

fn iso(text: &str) -> Option<i64> {
    let (days, time) = text.split_once('T').map_or((text, None), |(days, time)| (days, Some(time)));
    let dated = if days.is_empty() { Some(0) } else { units(days, &[('W', 7 * DAY), ('D', DAY)]) };
    let timed = match time {
        Some(time) => units(time, &[('H', HOUR), ('M', MINUTE), ('S', 1)]),
        None if days.is_empty() => None,
        None => Some(0),
    };
    dated?.checked_add(timed?)
}

fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours = count(parts.next()?)?;
    let mut below = || {
        let part = parts.next()?;
        count(part).filter(|number| part.len() == 2 && *number < 60)
    };
    let minutes = below()?;
    let rest = if text.matches(':').count() == 2 { below()? } else { 0 };
    if parts.next().is_some() {
        return None;
    }
    hours.checked_mul(HOUR)?.checked_add(minutes * MINUTE + rest)
}

/// Numbers each followed by its unit, large units first, none twice; at least one.
fn units(text: &str, mut known: &[(char, i64)]) -> Option<i64> {
    let mut rest = text.trim_end();
    let mut total = 0_i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number = count(&rest[..end])?;
        let unit = rest[end..].chars().next()?;
        let place = known.iter().position(|(name, _)| *name == unit)?;
        total = total.checked_add(number.checked_mul(known[place].1)?)?;
        known = &known[place + 1..];
        rest = &rest[end + 1..];
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    Some(total)
}

fn count(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Duration, COLUMN);
        check_json(
            &field,
            &[
                ("\"PT1H30M\"", "\"PT1H30M\""),
                ("\"P1DT12H\"", "\"PT36H\""),
                ("\"P1W\"", "\"PT168H\""),
                ("\"PT90M\"", "\"PT1H30M\""),
                ("\"1:30\"", "\"PT1H30M\""),
                ("\"0:00:45\"", "\"PT45S\""),
                ("\"90m\"", "\"PT1H30M\""),
                ("\"1h 30m\"", "\"PT1H30M\""),
                ("\"2D\"", "\"PT48H\""),
                ("5400", "\"PT1H30M\""),
                ("0", "\"PT0S\""),
                ("\"PT999999999999S\"", "\"PT277777777H46M39S\""),
                ("\"PT1000000000000S\"", "!out_of_range"),
                ("-1", "!out_of_range"),
                ("1.5", "!wrong_type"),
                ("true", "!wrong_type"),
                ("\"P1M\"", "!bad_format"),
                ("\"P\"", "!bad_format"),
                ("\"PT\"", "!bad_format"),
                ("\"P1DT\"", "!bad_format"),
                ("\"PT1M1H\"", "!bad_format"),
                ("\"PT1.5H\"", "!bad_format"),
                ("\"-PT1H\"", "!bad_format"),
                ("\"1:60\"", "!bad_format"),
                ("\"1:5\"", "!bad_format"),
                ("\"1:05:07:09\"", "!bad_format"),
                ("\"90\"", "!bad_format"),
                ("\"m\"", "!bad_format"),
                ("\"9m 9m\"", "!bad_format"),
                ("\"\"", "!bad_format"),
            ],
        );
        check_text(&field, &[("90m", "\"PT1H30M\""), ("", "null"), ("soon", "!bad_format")]);
        assert_eq!([clock_text(5_400), clock_text(45)], ["1:30", "0:00:45"]);
    }
}
