//! What a field needs from a table column, in terms every database can meet.
//!
//! A [`ColumnKind`] is the contract between field types (which choose it), the planner (which spells it per dialect)
//! and the row decoders (which read by it, never by the driver's guess). It knows no SQL.

use serde::{Deserialize, Serialize};

/// The kind of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Text,
    Integer,
    /// At most 18 digits in all, `scale` of them after the point: exact in a 64-bit integer (SQLite stores
    /// value × 10^scale) and in NUMERIC (PostgreSQL).
    Decimal {
        scale: u8,
    },
    Boolean,
    Date,
    /// Microseconds since the epoch, UTC.
    DateTime,
    Time,
    /// Whole seconds.
    Duration,
    /// UUID: 16 bytes.
    Id,
    /// JSON text: json, geolocation, address, multi_choice, tags.
    Json,
}

/// Digits a decimal column may have in all.
pub const DECIMAL_PRECISION: u8 = 18;
