//! Values to PostgreSQL's types and back, by metadata kind.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use sea_orm::Value as Bound;
use sea_orm::sqlx::postgres::{PgRow, PgValueFormat};
use sea_orm::sqlx::{Row, TypeInfo, ValueRef};
use serde::de::IgnoredAny;
use trellis_plan::{Cell, ColumnKind, Value};
use uuid::Uuid;

use crate::bind::{at_scale, storable_date, storable_instant, storable_json, storable_text, whole_seconds};

/// None when the value is not of the kind, or out of its range. A null is bound with its type.
pub(super) fn encode(value: &Value, kind: ColumnKind) -> Option<Bound> {
    Some(match (kind, value) {
        (kind, Value::Null) => null(kind),
        (ColumnKind::Text, Value::Text(text)) if storable_text(text) => Bound::String(Some(text.as_ref().to_owned())),
        (ColumnKind::Integer | ColumnKind::Duration, Value::Integer(number)) => Bound::BigInt(Some(*number)),
        (ColumnKind::Decimal { scale }, number) => Bound::Decimal(Some(at_scale(number.as_decimal()?, scale)?)),
        (ColumnKind::Boolean, Value::Boolean(truth)) => Bound::Bool(Some(*truth)),
        (ColumnKind::Date, Value::Date(date)) if storable_date(*date) => Bound::ChronoDate(Some(*date)),
        (ColumnKind::DateTime, Value::DateTime(instant)) if storable_instant(*instant) => {
            Bound::ChronoDateTimeUtc(Some(DateTime::from_timestamp_micros(instant.timestamp_micros())?))
        }
        (ColumnKind::Time, Value::Time(time)) => Bound::ChronoTime(Some(whole_seconds(*time))),
        (ColumnKind::Id, Value::Id(id)) => Bound::Uuid(Some(*id)),
        (ColumnKind::Json, Value::Json(json)) if storable_json(json) => Bound::Json(Some(Box::new((**json).clone()))),
        (ColumnKind::Json, Value::List(_)) => {
            let json = value.to_json();
            storable_json(&json).then(|| Bound::Json(Some(Box::new(json))))?
        }
        _ => return None,
    })
}

fn null(kind: ColumnKind) -> Bound {
    match kind {
        ColumnKind::Text => Bound::String(None),
        ColumnKind::Integer | ColumnKind::Duration => Bound::BigInt(None),
        ColumnKind::Decimal { .. } => Bound::Decimal(None),
        ColumnKind::Boolean => Bound::Bool(None),
        ColumnKind::Date => Bound::ChronoDate(None),
        ColumnKind::DateTime => Bound::ChronoDateTimeUtc(None),
        ColumnKind::Time => Bound::ChronoTime(None),
        ColumnKind::Id => Bound::Uuid(None),
        ColumnKind::Json => Bound::Json(None),
    }
}

/// One letter for each type a parameter can have.
pub(super) fn letter(kind: ColumnKind) -> char {
    match kind {
        ColumnKind::Text => 't',
        ColumnKind::Integer | ColumnKind::Duration => 'i',
        ColumnKind::Decimal { .. } => 'n',
        ColumnKind::Boolean => 'b',
        ColumnKind::Date => 'd',
        ColumnKind::DateTime => 'z',
        ColumnKind::Time => 'c',
        ColumnKind::Id => 'u',
        ColumnKind::Json => 'j',
    }
}

/// None when the stored value is not of the kind; the driver compares the column's type with the one asked for.
pub(super) fn decode(row: &PgRow, index: usize, kind: ColumnKind) -> Option<Cell<'_>> {
    Some(match kind {
        ColumnKind::Text => row.try_get::<Option<&str>, _>(index).ok()?.map_or(Cell::Null, Cell::Text),
        ColumnKind::Integer => row.try_get::<Option<i64>, _>(index).ok()?.map_or(Cell::Null, Cell::Integer),
        ColumnKind::Duration => row.try_get::<Option<i64>, _>(index).ok()?.map_or(Cell::Null, Cell::Duration),
        ColumnKind::Decimal { scale } => match row.try_get::<Option<Decimal>, _>(index).ok()? {
            Some(number) => Cell::Decimal(at_scale(number, scale)?),
            None => Cell::Null,
        },
        ColumnKind::Boolean => row.try_get::<Option<bool>, _>(index).ok()?.map_or(Cell::Null, Cell::Boolean),
        ColumnKind::Date => row.try_get::<Option<NaiveDate>, _>(index).ok()?.map_or(Cell::Null, Cell::Date),
        ColumnKind::DateTime => row.try_get::<Option<DateTime<Utc>>, _>(index).ok()?.map_or(Cell::Null, Cell::DateTime),
        ColumnKind::Time => row.try_get::<Option<NaiveTime>, _>(index).ok()?.map_or(Cell::Null, Cell::Time),
        ColumnKind::Id => row.try_get::<Option<Uuid>, _>(index).ok()?.map_or(Cell::Null, Cell::Id),
        ColumnKind::Json => json(row, index)?,
    })
}

/// The text PostgreSQL sent, without parsing it into a tree.
fn json(row: &PgRow, index: usize) -> Option<Cell<'_>> {
    let value = row.try_get_raw(index).ok()?;
    if value.is_null() {
        return Some(Cell::Null);
    }
    let binary = value.format() == PgValueFormat::Binary;
    let jsonb = value.type_info().name() == "JSONB";
    let bytes = value.as_bytes().ok()?;
    // In binary a jsonb value starts with the version of its form.
    let bytes = if binary && jsonb { bytes.strip_prefix(&[1])? } else { bytes };
    let text = std::str::from_utf8(bytes).ok()?;
    if !jsonb {
        serde_json::from_str::<IgnoredAny>(text).ok()?;
    }
    Some(Cell::Json(text))
}
