//! One typed value of a record, as every part of the runtime passes it around.
//!
//! A value knows its own kind and how to compare and print itself exactly. It does not know which field it belongs
//! to, nor how a database stores it. Decimals never pass through a float.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::column::ColumnKind;
use crate::field_type::duration;

/// A value. `Null` is the absence of any other.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Boolean(bool),
    /// Also the seconds of a duration.
    Integer(i64),
    Decimal(Decimal),
    Text(Arc<str>),
    Date(NaiveDate),
    /// An instant, microsecond precision, UTC.
    DateTime(DateTime<Utc>),
    /// A wall-clock time without a zone.
    Time(NaiveTime),
    /// A record, user or unit id.
    Id(Uuid),
    /// multi_choice codes, tags.
    List(Arc<[Value]>),
    /// json, geolocation and address fields.
    Json(Arc<serde_json::Value>),
}

impl Value {
    pub fn text(text: impl AsRef<str>) -> Self {
        Value::Text(text.as_ref().into())
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_id(&self) -> Option<Uuid> {
        if let Value::Id(id) = self { Some(*id) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Boolean(b) = self { Some(*b) } else { None }
    }

    pub fn as_integer(&self) -> Option<i64> {
        if let Value::Integer(n) = self { Some(*n) } else { None }
    }

    /// The number as a decimal, when it is one.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Value::Integer(n) => Some(Decimal::from(*n)),
            Value::Decimal(d) => Some(*d),
            _ => None,
        }
    }

    /// Order of two values of one kind (numbers compare across integer and decimal); `None` where there is no order
    /// or one side is null.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
            (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
            (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
            (Value::Id(a), Value::Id(b)) => Some(a.cmp(b)),
            (Value::Json(a), Value::Json(b)) => (a == b).then_some(Ordering::Equal),
            (Value::List(a), Value::List(b)) => (a == b).then_some(Ordering::Equal),
            _ => self.as_decimal()?.partial_cmp(&other.as_decimal()?),
        }
    }

    /// Canonical JSON of the value. Decimals become strings so that no reader rounds them; the API writer prints them
    /// the same way.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(b) => (*b).into(),
            Value::Integer(n) => (*n).into(),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Json(json) => (**json).clone(),
            other => other.to_string().into(),
        }
    }
}

impl Value {
    /// Reads canonical JSON back as what a column of this kind holds; `None` when it is something else.
    pub fn from_json(kind: ColumnKind, json: &serde_json::Value) -> Option<Self> {
        if json.is_null() {
            return Some(Value::Null);
        }
        let text = json.as_str();
        match kind {
            ColumnKind::Text => text.map(Value::text),
            ColumnKind::Integer => json.as_i64().map(Value::Integer),
            ColumnKind::Duration => duration::check(json).ok(),
            ColumnKind::Decimal { .. } => text?.parse().ok().map(Value::Decimal),
            ColumnKind::Boolean => json.as_bool().map(Value::Boolean),
            ColumnKind::Date => text?.parse().ok().map(Value::Date),
            ColumnKind::DateTime => {
                DateTime::parse_from_rfc3339(text?).ok().map(|at| Value::DateTime(at.with_timezone(&Utc)))
            }
            ColumnKind::Time => text?.parse().ok().map(Value::Time),
            ColumnKind::Id => text?.parse().ok().map(Value::Id),
            ColumnKind::Json => Some(Value::Json(json.clone().into())),
        }
    }
}

/// The canonical text: ISO 8601 for temporal values, digits for numbers, JSON for structures, nothing for null.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Boolean(b) => write!(f, "{b}"),
            Value::Integer(n) => write!(f, "{n}"),
            Value::Decimal(d) => write!(f, "{d}"),
            Value::Text(t) => f.write_str(t),
            Value::Date(d) => write!(f, "{d}"),
            Value::DateTime(t) => f.write_str(&t.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Value::Time(t) => write!(f, "{}", t.format("%H:%M:%S")),
            Value::Id(id) => write!(f, "{id}"),
            Value::List(_) | Value::Json(_) => write!(f, "{}", self.to_json()),
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Boolean(b)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Value::Integer(n)
    }
}
impl From<Decimal> for Value {
    fn from(d: Decimal) -> Self {
        Value::Decimal(d)
    }
}
impl From<&str> for Value {
    fn from(t: &str) -> Self {
        Value::text(t)
    }
}
impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Value::Id(id)
    }
}
