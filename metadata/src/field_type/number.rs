//! Numbers from JSON and text, digit by digit: nothing here passes through a float.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::InputError;
use crate::column::{ColumnKind, DECIMAL_PRECISION};
use crate::snapshot::DecimalRule;
use crate::value::Value;

/// A decimal in a document: a JSON number or a text such as `"12.50"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalText(pub Decimal);

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        from_json(&json).map(DecimalText).map_err(|_| serde::de::Error::custom("expected a decimal such as \"12.50\""))
    }
}

impl JsonSchema for DecimalText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number, best written as text so that no tool rounds it.",
            "type": ["number", "string"],
            "pattern": "^-?[0-9]{1,18}(\\.[0-9]{1,10})?$",
        })
    }
}

/// Why a text is not an exact decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotExact {
    NotANumber,
    TooManyDigits,
}

/// The decimal a text denotes, exactly; accepts an exponent because JSON numbers may have one.
pub fn exact_decimal(text: &str) -> Result<Decimal, NotExact> {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits_only = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits_only(whole) || !digits_only(fraction) {
        return Err(NotExact::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(Decimal::ZERO);
    }
    if digits.len() > 28 {
        return Err(NotExact::TooManyDigits);
    }
    let scale = i64::try_from(fraction.len()).map_err(|_| NotExact::TooManyDigits)? - exponent;
    let magnitude: i128 = digits.parse().map_err(|_| NotExact::TooManyDigits)?;
    let signed = if negative { -magnitude } else { magnitude };
    shift(signed, scale).ok_or(NotExact::TooManyDigits)
}

/// Exponents no number of ours can have are cut short, not computed.
fn parse_exponent(text: &str) -> Result<i64, NotExact> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotExact::NotANumber);
    }
    let magnitude = digits.parse::<i64>().unwrap_or(10_000).min(10_000);
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// `number × 10^-scale`.
fn shift(mut number: i128, mut scale: i64) -> Option<Decimal> {
    while scale < 0 {
        number = number.checked_mul(10)?;
        scale += 1;
    }
    while scale > 0 && number % 10 == 0 {
        number /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(number, u32::try_from(scale).ok()?).ok()
}

fn from_json(input: &Json) -> Result<Decimal, InputError> {
    let text = match input {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => return Err(InputError::wrong_type("number")),
    };
    exact_decimal(&text).map_err(|reason| match reason {
        NotExact::NotANumber => InputError::wrong_type("number"),
        NotExact::TooManyDigits => InputError::new("too_many_digits").with("precision", DECIMAL_PRECISION),
    })
}

/// A decimal of the rule's scale and range. More digits than the field has are refused, never rounded.
pub fn check_decimal(rule: &DecimalRule, input: &Json) -> Result<Value, InputError> {
    let mut number = from_json(input)?;
    let scale = u32::from(rule.scale);
    if number.normalize().scale() > scale {
        return Err(InputError::new("too_many_digits").with("scale", rule.scale));
    }
    number.rescale(scale);
    let limit = 10_i128.pow(u32::from(DECIMAL_PRECISION));
    if number.scale() != scale || number.mantissa().abs() >= limit {
        return Err(InputError::new("too_many_digits").with("precision", DECIMAL_PRECISION));
    }
    if let Some(min) = rule.min.filter(|min| number < *min) {
        return Err(InputError::new("out_of_range").with("min", min));
    }
    if let Some(max) = rule.max.filter(|max| number > *max) {
        return Err(InputError::new("out_of_range").with("max", max));
    }
    Ok(Value::Decimal(number))
}

/// A whole number of 64 bits.
pub fn check_integer(input: &Json) -> Result<i64, InputError> {
    let Json::Number(number) = input else {
        return Err(InputError::wrong_type("integer"));
    };
    let number = match exact_decimal(&number.to_string()) {
        Ok(number) if number.scale() == 0 || number.fract().is_zero() => number,
        Err(NotExact::TooManyDigits) => return Err(InputError::new("out_of_range")),
        _ => return Err(InputError::wrong_type("integer")),
    };
    i64::try_from(number.trunc().mantissa()).map_err(|_| InputError::new("out_of_range"))
}

/// A number typed by a person: full-width digits are read as digits; thousands separators are refused.
pub fn from_text(column: ColumnKind, text: &str) -> Result<Json, InputError> {
    let expected = if column == ColumnKind::Integer { "integer" } else { "number" };
    let ascii: String = text.trim().chars().map(half_width).collect();
    let well_formed = !ascii.is_empty() && ascii.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    if !well_formed {
        return Err(InputError::wrong_type(expected));
    }
    let unsigned = ascii.strip_prefix('+').unwrap_or(&ascii);
    if column == ColumnKind::Integer {
        let digits = unsigned.strip_prefix('-').unwrap_or(unsigned);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InputError::wrong_type(expected));
        }
        return unsigned.parse::<i64>().map(Json::from).map_err(|_| InputError::new("out_of_range"));
    }
    Ok(Json::String(unsigned.to_owned()))
}

/// `１２３` → `123`, `．` → `.`, `－` and the minus sign → `-`.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
        '．' => '.',
        '－' | '−' => '-',
        '＋' => '+',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_digits_exactly() {
        let rows = [
            ("0", "0"),
            ("-0.00", "0"),
            ("12.50", "12.5"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("9007199254740993", "9007199254740993"),
            ("0.1", "0.1"),
            ("720.08", "720.08"),
            ("1234567890123456789012345678", "1234567890123456789012345678"),
        ];
        for (text, expected) in rows {
            assert_eq!(exact_decimal(text).map(|d| d.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1,000", "1 0", "0x1", "NaN", "1e", "1e+-3", "--1"] {
            assert_eq!(exact_decimal(text), Err(NotExact::NotANumber), "{text}");
        }
        for text in ["1e999999999999", "1e-999999999999", "12345678901234567890123456789"] {
            assert_eq!(exact_decimal(text), Err(NotExact::TooManyDigits), "{text}");
        }
    }
}
