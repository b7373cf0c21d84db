//! How results reach the renderers: cells borrowed from the driver's row, decoded by metadata kind.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::value::Value;
use uuid::Uuid;

/// One decoded cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(&'a str),
    Date(NaiveDate),
    DateTime(DateTime<Utc>),
    Time(NaiveTime),
    /// Whole seconds.
    Duration(i64),
    Id(Uuid),
    /// Valid JSON text.
    Json(&'a str),
}

/// The stored bytes are not what the metadata says: a defect or outside tampering, never a caller's fault.
#[derive(Debug, thiserror::Error)]
#[error("column {index} does not hold a {kind:?}")]
pub struct CellError {
    pub index: usize,
    pub kind: ColumnKind,
}

pub trait Row {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError>;
}

impl Cell<'_> {
    pub fn to_value(self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Boolean(b) => Value::Boolean(b),
            Cell::Integer(n) | Cell::Duration(n) => Value::Integer(n),
            Cell::Decimal(d) => Value::Decimal(d),
            Cell::Text(t) => Value::text(t),
            Cell::Date(d) => Value::Date(d),
            Cell::DateTime(t) => Value::DateTime(t),
            Cell::Time(t) => Value::Time(t),
            Cell::Id(id) => Value::Id(id),
            Cell::Json(text) => {
                serde_json::from_str(text).map_or(Value::Null, |json: serde_json::Value| Value::Json(json.into()))
            }
        }
    }
}
