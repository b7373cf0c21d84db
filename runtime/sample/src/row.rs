//! One record as the API takes it: field names to JSON values, decimals as text.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::draw::id;

pub type Row = Map<String, Value>;

/// A row under construction.
pub struct Build(Row);

impl Build {
    /// A record with its stable id, the person it belongs to and the unit that person works in.
    pub fn new(object: &str, ordinal: u64, owner: &str, unit: &str) -> Self {
        Self::with_id(id(object, ordinal), owner, unit)
    }

    pub fn with_id(id: String, owner: &str, unit: &str) -> Self {
        Self(Row::new()).set("id", id).set("owner_id", owner).set("org_unit_id", unit)
    }

    pub fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }

    /// Leaves the field out when there is nothing to say.
    pub fn maybe(self, field: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(field, value),
            None => self,
        }
    }

    pub fn date(self, field: &str, date: NaiveDate) -> Self {
        self.set(field, date.to_string())
    }

    /// `amount` in units of 10^-`scale`.
    pub fn decimal(self, field: &str, amount: i64, scale: u32) -> Self {
        self.set(field, decimal(amount, scale))
    }

    pub fn done(self) -> Row {
        self.0
    }
}

/// `decimal(1250, 2)` is `12.50`.
pub fn decimal(amount: i64, scale: u32) -> String {
    let unit = 10_u64.pow(scale);
    let sign = if amount < 0 { "-" } else { "" };
    let digits = amount.unsigned_abs();
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = scale as usize)
}

/// A place in millionths of a degree.
pub fn place(lat: i64, lng: i64, accuracy: u64) -> Value {
    let number =
        |millionths: i64| decimal(millionths, 6).parse::<serde_json::Number>().map_or(Value::Null, Value::Number);
    json!({ "lat": number(lat), "lng": number(lng), "accuracy": accuracy })
}

/// The instant of a wall-clock time in China, as UTC text.
pub fn instant(day: NaiveDate, minute_of_day: u64) -> String {
    let minutes = minute_of_day as i64 - 8 * 60;
    let day = if minutes < 0 { day.pred_opt().unwrap_or(day) } else { day };
    let minutes = minutes.rem_euclid(24 * 60);
    format!("{day}T{:02}:{:02}:00Z", minutes / 60, minutes % 60)
}
