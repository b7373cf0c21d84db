//! A stored value as the text a control holds, and what that text comes back as.
//!
//! A control may hold less than the value: parts of a second, line ends, what an address has besides its parts. What
//! comes back as it was given out is no change, so that saving an untouched form keeps every value.

use chrono::{DateTime, NaiveTime, Timelike};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use trellis_metadata::field_type::duration;
use trellis_metadata::snapshot::{Field, FieldKind};
use trellis_metadata::value::Value;

use crate::format::{Reader, codes_of, position, readable};
use crate::parse::{parse, parse_address, parse_codes};

/// The value as it is typed: no grouping, instants in the reader's zone, percents hundredfold.
pub fn written(reader: Reader, field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (_, Value::Null) => String::new(),
        (FieldKind::Percent(_), value) => value
            .as_decimal()
            .and_then(|number| number.checked_mul(Decimal::ONE_HUNDRED))
            .map_or_else(|| value.to_string(), |number| number.normalize().to_string()),
        (FieldKind::Decimal(rule) | FieldKind::Money(rule), value) => {
            value.as_decimal().map_or_else(|| value.to_string(), |number| readable(number, rule.scale))
        }
        (_, Value::DateTime(instant)) => local_text(instant.with_timezone(&reader.zone)),
        (_, Value::Time(time)) => time_text(*time),
        (FieldKind::Geolocation, Value::Json(json)) => position(json).unwrap_or_else(|| json.to_string()),
        (FieldKind::Duration, Value::Integer(seconds)) => duration::clock_text(*seconds),
        (FieldKind::Tags(_), tags) => codes_of(tags).join(", "),
        (FieldKind::Json, Value::Json(json)) => {
            serde_json::to_string_pretty(&**json).unwrap_or_else(|_| json.to_string())
        }
        (FieldKind::LongText(_) | FieldKind::RichText(_) | FieldKind::Markdown(_), value) => value.to_string(),
        // A control of one line holds no line ends.
        (_, value) => value.to_string().replace(['\r', '\n'], ""),
    }
}

/// As `datetime-local` has it.
fn local_text(local: DateTime<Tz>) -> String {
    format!("{}T{}", local.format("%Y-%m-%d"), time_text(local.time()))
}

/// As `time` has it: seconds and their parts only where there are any, and no finer than a browser takes.
fn time_text(time: NaiveTime) -> String {
    let thousandths = time.nanosecond() / 1_000_000;
    match (time.second(), thousandths) {
        (0, 0) => time.format("%H:%M").to_string(),
        (_, 0) => time.format("%H:%M:%S").to_string(),
        _ => time.format("%H:%M:%S%.3f").to_string(),
    }
}

/// What the untouched control of a stored value sends; `None` when no value can be read from it.
fn sent_back(reader: Reader, field: &Field, stored: &Value) -> Option<Value> {
    match &field.kind {
        FieldKind::MultiChoice(set) => {
            let codes = codes_of(stored);
            let offered: Vec<&str> = codes.iter().map(String::as_str).filter(|code| set.get(code).is_some()).collect();
            parse_codes(set, &offered).ok()
        }
        FieldKind::Address => {
            let json = if let Value::Json(json) = stored { Some(json) } else { None };
            Some(parse_address(|part| json?.get(part)?.as_str()))
        }
        FieldKind::Boolean => Some(Value::Boolean(stored.as_bool().unwrap_or(false))),
        kind if kind.relation().is_some() => Some(stored.clone()),
        _ => parse(reader, field, &written(reader, field, stored)).ok(),
    }
}

/// Does the value read from a control say no more than that the control was left as it was.
pub fn is_untouched(reader: Reader, field: &Field, stored: &Value, read: &Value) -> bool {
    sent_back(reader, field, stored).is_some_and(|back| back == *read)
}
