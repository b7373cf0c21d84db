//! A place on the earth in WGS 84: latitude, longitude and, where a device told it, accuracy in metres.

use std::sync::Arc;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{Control, InputError, Operator, exact_decimal, operator};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Json;
pub const OPERATORS: &[Operator] = operator::PRESENCE;
pub const CONTROL: Control = Control::Geolocation;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geolocation {}

/// `{"lat": …, "lng": …, "accuracy": …}`, the last one optional, nothing else.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let Json::Object(given) = input else {
        return Err(InputError::wrong_type("geolocation"));
    };
    let known = given.keys().all(|key| matches!(key.as_str(), "lat" | "lng" | "accuracy"));
    if !known || !given.contains_key("lat") || !given.contains_key("lng") {
        return Err(InputError::bad_format("geolocation"));
    }
    let mut place = Map::new();
    for (key, min, max) in [("lat", -90, 90), ("lng", -180, 180), ("accuracy", 0, 1_000_000)] {
        if let Some(number) = given.get(key) {
            check_part(number, min, max)?;
            place.insert(key.to_owned(), number.clone());
        }
    }
    Ok(Value::Json(Arc::new(Json::Object(place))))
}

fn check_part(number: &Json, min: i64, max: i64) -> Result<(), InputError> {
    let Json::Number(number) = number else {
        return Err(InputError::bad_format("geolocation"));
    };
    let number = exact_decimal(&number.to_string()).map_err(|_| InputError::bad_format("geolocation"))?;
    let inside = Decimal::from(min) <= number && number <= Decimal::from(max);
    if inside { Ok(()) } else { Err(InputError::new("out_of_range")) }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::Geolocation, COLUMN),
            &[
                ("{\"lng\": 121.4737, \"lat\": 31.2304}", "{\"lat\":31.2304,\"lng\":121.4737}"),
                ("{\"lat\": 0, \"lng\": 0, \"accuracy\": 12.5}", "{\"lat\":0,\"lng\":0,\"accuracy\":12.5}"),
                ("{\"lat\": 90.1, \"lng\": 0}", "!out_of_range"),
                ("{\"lat\": 1}", "!bad_format"),
                ("{\"lat\": \"1\", \"lng\": 1}", "!bad_format"),
                ("{\"lat\": 1, \"lng\": 1, \"x\": 1}", "!bad_format"),
                ("[1, 2]", "!wrong_type"),
            ],
        );
    }
}
