//! The text of a filter operand as a typed value of its field.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::Field;
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::error_code::ErrorCode;
use crate::problem::FieldError;

pub fn parse(field: &Field, text: &str, pointer: &str) -> Result<Value, FieldError> {
    from_text(field.column, text).ok_or_else(|| {
        FieldError::new(ErrorCode::InvalidValue, pointer)
            .with("value", text)
            .with("expected", expected(field.column))
            .with("name", &field.name)
    })
}

/// A value of a JSON body.
pub fn check(field: &Field, given: &Json, pointer: &str) -> Result<Value, FieldError> {
    let value = match (field.column, given) {
        (_, Json::Null) => Some(Value::Null),
        (ColumnKind::Boolean, Json::Bool(b)) => Some(Value::Boolean(*b)),
        (ColumnKind::Json, json) => Some(Value::Json(json.clone().into())),
        (ColumnKind::Integer | ColumnKind::Decimal { .. }, Json::Number(n)) => from_text(field.column, &n.to_string()),
        (ColumnKind::Boolean | ColumnKind::Integer, _) => None,
        (_, Json::String(text)) => from_text(field.column, text),
        _ => None,
    };
    value.ok_or_else(|| FieldError::new(ErrorCode::WrongType, pointer).with("expected", expected(field.column)))
}

/// Reads the canonical text of a column kind.
pub fn from_text(kind: ColumnKind, text: &str) -> Option<Value> {
    match kind {
        ColumnKind::Text => Some(Value::text(text)),
        ColumnKind::Integer => text.parse().ok().map(Value::Integer),
        ColumnKind::Decimal { .. } => text.parse::<Decimal>().ok().map(Value::Decimal),
        ColumnKind::Boolean => text.parse().ok().map(Value::Boolean),
        ColumnKind::Date => text.parse::<NaiveDate>().ok().map(Value::Date),
        ColumnKind::DateTime => {
            DateTime::parse_from_rfc3339(text).ok().map(|at| Value::DateTime(at.with_timezone(&Utc)))
        }
        ColumnKind::Time => text.parse::<NaiveTime>().ok().map(Value::Time),
        ColumnKind::Id => text.parse::<Uuid>().ok().map(Value::Id),
        ColumnKind::Json => None,
    }
}

fn expected(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "a text",
        ColumnKind::Integer => "an integer",
        ColumnKind::Decimal { .. } => "a decimal number",
        ColumnKind::Boolean => "true or false",
        ColumnKind::Date => "a date such as 2026-03-31",
        ColumnKind::DateTime => "an instant such as 2026-03-31T08:00:00Z",
        ColumnKind::Time => "a time such as 08:30:00",
        ColumnKind::Id => "a UUID",
        ColumnKind::Json => "a value that can be compared",
    }
}
