//! Distance on the earth between two geolocation values (`{"lat": …, "lng": …}`).

use crate::value::Value;

const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

/// Great-circle distance in whole metres; null when a side is not a place.
pub(super) fn distance_metres(a: &Value, b: &Value) -> Value {
    let (Some((lat_a, lng_a)), Some((lat_b, lng_b))) = (place(a), place(b)) else {
        return Value::Null;
    };
    let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
    let chord = half(lat_a, lat_b) + lat_a.cos() * lat_b.cos() * half(lng_a, lng_b);
    let metres = 2.0 * EARTH_RADIUS_METRES * chord.clamp(0.0, 1.0).sqrt().asin();
    Value::Integer(metres.round() as i64)
}

/// Latitude and longitude in radians.
fn place(value: &Value) -> Option<(f64, f64)> {
    let Value::Json(json) = value else { return None };
    let degrees = |name: &str, limit: f64| {
        let number = json.get(name)?;
        let degrees = number.as_f64().or_else(|| number.as_str()?.parse().ok())?;
        (degrees.abs() <= limit).then(|| degrees.to_radians())
    };
    Some((degrees("lat", 90.0)?, degrees("lng", 180.0)?))
}
