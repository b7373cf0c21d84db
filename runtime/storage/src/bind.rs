//! What both databases' sessions ask before they bind and nest.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use rust_decimal::Decimal;
use trellis_plan::{Arguments, DECIMAL_PRECISION, Source, Statement, Value};

use crate::Error;

/// The value of a source, borrowed where it can be.
pub(crate) fn resolve<'v>(source: &'v Source, arguments: &'v Arguments<'_>) -> Cow<'v, Value> {
    match source {
        Source::Value(value) => Cow::Borrowed(value),
        Source::Slot(index) => arguments.slots.get(*index).map_or(Cow::Owned(Value::Null), Cow::Borrowed),
        other => Cow::Owned(arguments.resolve(other)),
    }
}

pub(crate) fn miscounted(places: usize, statement: &Statement) -> Error {
    Error::defect(format!("{places} placeholders for {} binds", statement.binds.len()))
}

/// The depth around the innermost savepoint.
pub(crate) fn enclosing(depth: usize) -> Result<usize, Error> {
    depth.checked_sub(1).ok_or_else(|| Error::defect("no savepoint is open"))
}

/// `number` at exactly `scale` places, within the digits every database keeps; never rounded.
pub(crate) fn at_scale(number: Decimal, scale: u8) -> Option<Decimal> {
    let mut scaled = number.normalize();
    if scaled.scale() > u32::from(scale) {
        return None;
    }
    scaled.rescale(u32::from(scale));
    let fits = scaled.scale() == u32::from(scale)
        && scaled.mantissa().unsigned_abs() < 10_u128.pow(u32::from(DECIMAL_PRECISION));
    fits.then_some(scaled)
}

/// PostgreSQL cannot hold U+0000, so neither database does.
pub(crate) fn storable_text(text: &str) -> bool {
    !text.contains('\0')
}

pub(crate) fn storable_json(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => storable_text(text),
        serde_json::Value::Array(items) => items.iter().all(storable_json),
        serde_json::Value::Object(members) => {
            members.iter().all(|(name, value)| storable_text(name) && storable_json(value))
        }
        _ => true,
    }
}

/// Four-digit years: what ISO 8601 text sorts by and every client reads.
pub(crate) fn storable_date(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

pub(crate) fn storable_instant(instant: DateTime<Utc>) -> bool {
    storable_date(instant.date_naive())
}

/// Times are kept to the second.
pub(crate) fn whole_seconds(time: NaiveTime) -> NaiveTime {
    time.with_nanosecond(0).unwrap_or(time)
}
