//! Values to SQLite's storage classes and back, by metadata kind.
//!
//! Decimals are whole numbers of their last place, instants are microseconds, ids are 16 bytes.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveTime};
use rusqlite::types::ValueRef;
use rust_decimal::Decimal;
use serde::de::IgnoredAny;
use trellis_plan::{Cell, ColumnKind, Value};
use uuid::Uuid;

use crate::bind::{at_scale, storable_date, storable_instant, storable_json, storable_text, whole_seconds};

pub(super) enum Encoded<'v> {
    Null,
    Integer(i64),
    Text(Cow<'v, str>),
    Id(Uuid),
}

/// None when the value is not of the kind, or out of its range.
pub(super) fn encode(value: &Value, kind: ColumnKind) -> Option<Encoded<'_>> {
    let owned = |text: String| Encoded::Text(Cow::Owned(text));
    Some(match (kind, value) {
        (_, Value::Null) => Encoded::Null,
        (ColumnKind::Text, Value::Text(text)) if storable_text(text) => Encoded::Text(Cow::Borrowed(text)),
        (ColumnKind::Integer | ColumnKind::Duration, Value::Integer(number)) => Encoded::Integer(*number),
        (ColumnKind::Decimal { scale }, number) => {
            Encoded::Integer(i64::try_from(at_scale(number.as_decimal()?, scale)?.mantissa()).ok()?)
        }
        (ColumnKind::Boolean, Value::Boolean(truth)) => Encoded::Integer(i64::from(*truth)),
        (ColumnKind::Date, Value::Date(date)) if storable_date(*date) => owned(date.format("%Y-%m-%d").to_string()),
        (ColumnKind::DateTime, Value::DateTime(instant)) if storable_instant(*instant) => {
            Encoded::Integer(instant.timestamp_micros())
        }
        (ColumnKind::Time, Value::Time(time)) => owned(whole_seconds(*time).format("%H:%M:%S").to_string()),
        (ColumnKind::Id, Value::Id(id)) => Encoded::Id(*id),
        (ColumnKind::Json, Value::Json(json)) if storable_json(json) => owned(json.to_string()),
        (ColumnKind::Json, Value::List(_)) => {
            let json = value.to_json();
            storable_json(&json).then(|| owned(json.to_string()))?
        }
        _ => return None,
    })
}

/// None when the stored value is not of the kind.
pub(super) fn decode(stored: ValueRef<'_>, kind: ColumnKind) -> Option<Cell<'_>> {
    Some(match (kind, stored) {
        (_, ValueRef::Null) => Cell::Null,
        (ColumnKind::Text, ValueRef::Text(bytes)) => Cell::Text(text(bytes)?),
        (ColumnKind::Integer, ValueRef::Integer(number)) => Cell::Integer(number),
        (ColumnKind::Duration, ValueRef::Integer(seconds)) => Cell::Duration(seconds),
        (ColumnKind::Decimal { scale }, ValueRef::Integer(number)) => {
            Cell::Decimal(Decimal::try_from_i128_with_scale(number.into(), scale.into()).ok()?)
        }
        (ColumnKind::Boolean, ValueRef::Integer(0)) => Cell::Boolean(false),
        (ColumnKind::Boolean, ValueRef::Integer(1)) => Cell::Boolean(true),
        (ColumnKind::Date, ValueRef::Text(bytes)) => Cell::Date(date(bytes)?),
        (ColumnKind::DateTime, ValueRef::Integer(micros)) => Cell::DateTime(DateTime::from_timestamp_micros(micros)?),
        (ColumnKind::Time, ValueRef::Text(bytes)) => Cell::Time(time(bytes)?),
        (ColumnKind::Id, ValueRef::Blob(bytes)) => Cell::Id(Uuid::from_slice(bytes).ok()?),
        (ColumnKind::Json, ValueRef::Text(bytes)) => {
            let json = text(bytes)?;
            serde_json::from_str::<IgnoredAny>(json).ok()?;
            Cell::Json(json)
        }
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// `YYYY-MM-DD` and nothing else.
fn date(bytes: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else { return None };
    let year = digits(&[y1, y2, y3, y4])?;
    NaiveDate::from_ymd_opt(year as i32, digits(&[m1, m2])?, digits(&[d1, d2])?)
}

/// `HH:MM:SS` and nothing else.
fn time(bytes: &[u8]) -> Option<NaiveTime> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *bytes else { return None };
    NaiveTime::from_hms_opt(digits(&[h1, h2])?, digits(&[m1, m2])?, digits(&[s1, s2])?)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}
