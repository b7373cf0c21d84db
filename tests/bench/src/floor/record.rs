//! The record as this service knows it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

/// A stored row on its way out, borrowed from the driver.
#[derive(Serialize)]
pub struct Visit<'r> {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub org_unit_id: Option<Uuid>,
    pub version: i64,
    pub code: Option<&'r str>,
    pub title: Option<&'r str>,
    pub note: Option<&'r str>,
    pub status: Option<&'r str>,
    pub priority: Option<i64>,
    #[serde(serialize_with = "money")]
    pub amount: Option<i64>,
    #[serde(serialize_with = "percent")]
    pub discount: Option<i64>,
    pub planned_on: Option<&'r str>,
    pub seen_at: Option<DateTime<Utc>>,
    pub settled: Option<bool>,
    pub contact: Option<&'r str>,
    pub city: Option<&'r str>,
}

/// Columns in the order of [`Visit`].
pub const COLUMNS: &str = "id, created_at, created_by, updated_at, updated_by, owner_id, org_unit_id, version, code, \
    title, note, status, priority, amount, discount, planned_on, seen_at, settled, contact, city";

#[derive(Deserialize)]
pub struct New {
    pub code: String,
    pub title: String,
    pub note: Option<String>,
    pub status: Option<String>,
    pub priority: i64,
    pub amount: Option<String>,
    pub discount: Option<String>,
    pub planned_on: NaiveDate,
    pub seen_at: Option<DateTime<Utc>>,
    pub settled: Option<bool>,
    pub contact: Option<String>,
    pub city: Option<String>,
}

/// What may be changed.
#[derive(Deserialize, Serialize, Default)]
pub struct Patch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// A new row as its history shows it.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the fields are the record's own")]
pub struct Created<'n> {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub created_by: Uuid,
    pub owner_id: Uuid,
    pub code: &'n str,
    pub title: &'n str,
    pub note: Option<&'n str>,
    pub status: &'n str,
    pub priority: i64,
    #[serde(serialize_with = "money")]
    pub amount: Option<i64>,
    #[serde(serialize_with = "percent")]
    pub discount: Option<i64>,
    pub planned_on: NaiveDate,
    pub seen_at: Option<DateTime<Utc>>,
    pub settled: Option<bool>,
    pub contact: Option<&'n str>,
    pub city: Option<&'n str>,
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn money<S: Serializer>(units: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    decimal(*units, 2, serializer)
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn percent<S: Serializer>(units: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    decimal(*units, 6, serializer)
}

fn decimal<S: Serializer>(units: Option<i64>, scale: usize, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(units) = units else { return serializer.serialize_none() };
    let one = 10_i64.pow(scale as u32);
    let sign = if units < 0 { "-" } else { "" };
    serializer.collect_str(&format_args!("{sign}{}.{:0scale$}", (units / one).abs(), (units % one).abs()))
}

/// `12.5` as a whole number of its last place.
pub fn units(text: &str, scale: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = scale.checked_sub(fraction.len() as u32)?;
    let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
    digits.checked_mul(10_i64.pow(missing))
}
