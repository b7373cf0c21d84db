//! Exact arithmetic. Decimals have at most 28 digits after the point and 96 bits in all.
//!
//! One rule for every operation: the result is computed exactly, then cut to what a decimal holds, rounding half away
//! from zero; too large → `None`. Division is first cut to 10 digits after the point. No floats, so that a browser with
//! big integers gets the same digits.

use rust_decimal::{Decimal, RoundingStrategy};

use super::ArithmeticOp;
use crate::value::Value;

/// Digits after the point that a quotient keeps.
const QUOTIENT_DIGITS: u32 = 10;
const MAX_SCALE: u32 = 28;
const MAX_MANTISSA: u128 = (1 << 96) - 1;

/// Of two numbers; null for anything else, for what does not fit and for division by zero.
pub(super) fn arithmetic(op: ArithmeticOp, left: &Value, right: &Value) -> Value {
    let result = match (op, left, right) {
        (ArithmeticOp::Add, Value::Integer(a), Value::Integer(b)) => a.checked_add(*b).map(Value::Integer),
        (ArithmeticOp::Subtract, Value::Integer(a), Value::Integer(b)) => a.checked_sub(*b).map(Value::Integer),
        (ArithmeticOp::Multiply, Value::Integer(a), Value::Integer(b)) => a.checked_mul(*b).map(Value::Integer),
        (ArithmeticOp::Modulo, Value::Integer(a), Value::Integer(b)) => a.checked_rem(*b).map(Value::Integer),
        (ArithmeticOp::Modulo, ..) => None,
        _ => match (left.as_decimal(), right.as_decimal()) {
            (Some(a), Some(b)) => match op {
                ArithmeticOp::Add => add(a, b),
                ArithmeticOp::Subtract => add(a, -b),
                ArithmeticOp::Multiply => multiply(a, b),
                ArithmeticOp::Divide | ArithmeticOp::Modulo => divide(a, b),
            }
            .map(Value::Decimal),
            _ => None,
        },
    };
    result.unwrap_or(Value::Null)
}

/// To `digits` after the point, half away from zero; never adds digits.
pub(super) fn round(number: Decimal, digits: u32) -> Decimal {
    unsigned_zero(number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
}

pub(super) fn negate(number: Decimal) -> Decimal {
    unsigned_zero(-number)
}

/// There is one zero, and it prints without a sign.
fn unsigned_zero(number: Decimal) -> Decimal {
    if number.is_zero() { number.abs() } else { number }
}

/// A decimal as people and CEL write it: `-12.50`; `None` for other text and for what does not fit exactly.
pub(super) fn parse(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.bytes().all(|c| c.is_ascii_digit() || c == b'.') || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if digits.ends_with('.') { None } else { Decimal::from_str_exact(text).ok().map(unsigned_zero) }
}

fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let left = Wide::from(mantissa(a)).times_ten_to(scale - a.scale());
    let right = Wide::from(mantissa(b)).times_ten_to(scale - b.scale());
    if a.is_sign_negative() == b.is_sign_negative() {
        return fit(left.plus(right), scale, a.is_sign_negative());
    }
    if left >= right {
        fit(left.minus(right), scale, a.is_sign_negative())
    } else {
        fit(right.minus(left), scale, b.is_sign_negative())
    }
}

fn multiply(a: Decimal, b: Decimal) -> Option<Decimal> {
    let product = Wide::from(mantissa(a)).times(mantissa(b));
    fit(product, a.scale() + b.scale(), a.is_sign_negative() != b.is_sign_negative())
}

fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    if b.is_zero() {
        return None;
    }
    let up = QUOTIENT_DIGITS + b.scale();
    let numerator = Wide::from(mantissa(a)).times_ten_to(up.saturating_sub(a.scale()));
    let denominator = Wide::from(mantissa(b)).times_ten_to(a.scale().saturating_sub(up));
    let quotient = numerator.divided_by(denominator);
    let exact = fit(quotient, QUOTIENT_DIGITS, a.is_sign_negative() != b.is_sign_negative())?;
    Some(exact.normalize())
}

fn mantissa(number: Decimal) -> u128 {
    number.mantissa().unsigned_abs()
}

/// Drops digits after the point until the number fits.
fn fit(mut mantissa: Wide, mut scale: u32, negative: bool) -> Option<Decimal> {
    let fits = |mantissa: Wide, scale| scale <= MAX_SCALE && mantissa <= Wide::from(MAX_MANTISSA);
    while !fits(mantissa, scale) {
        scale = scale.checked_sub(1)?;
        let digit = mantissa.divide_by_ten();
        // The last digit to go decides; rounding up can make one digit too many again.
        if digit >= 5 && fits(mantissa, scale) {
            mantissa = mantissa.plus(Wide::from(1));
        }
    }
    let magnitude = i128::try_from(mantissa.low()).ok()?;
    Decimal::try_from_i128_with_scale(if negative { -magnitude } else { magnitude }, scale).ok()
}

/// An unsigned 256-bit number, most significant limb first; large enough for every step above: 96 bits times 10^38.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wide([u64; 4]);

impl From<u128> for Wide {
    fn from(number: u128) -> Self {
        Wide([0, 0, (number >> 64) as u64, number as u64])
    }
}

impl Wide {
    fn low(self) -> u128 {
        u128::from(self.0[2]) << 64 | u128::from(self.0[3])
    }

    fn times_small(self, factor: u64) -> Self {
        let mut limbs = [0; 4];
        let mut carry = 0;
        for at in (0..4).rev() {
            let product = u128::from(self.0[at]) * u128::from(factor) + carry;
            limbs[at] = product as u64;
            carry = product >> 64;
        }
        Wide(limbs)
    }

    fn times_ten_to(self, power: u32) -> Self {
        (0..power).fold(self, |number, _| number.times_small(10))
    }

    fn times(self, factor: u128) -> Self {
        let high = self.times_small((factor >> 64) as u64).0;
        Wide([high[1], high[2], high[3], 0]).plus(self.times_small(factor as u64))
    }

    fn plus(self, other: Self) -> Self {
        let mut limbs = [0; 4];
        let mut carry = 0;
        for at in (0..4).rev() {
            let sum = u128::from(self.0[at]) + u128::from(other.0[at]) + carry;
            limbs[at] = sum as u64;
            carry = sum >> 64;
        }
        Wide(limbs)
    }

    /// `other` is not larger.
    fn minus(self, other: Self) -> Self {
        let mut limbs = [0; 4];
        let mut borrow = false;
        for at in (0..4).rev() {
            let (rest, under) = self.0[at].overflowing_sub(other.0[at]);
            let (rest, again) = rest.overflowing_sub(u64::from(borrow));
            limbs[at] = rest;
            borrow = under || again;
        }
        Wide(limbs)
    }

    /// Divides in place; the digit that falls off.
    fn divide_by_ten(&mut self) -> u64 {
        let mut rest = 0;
        for limb in &mut self.0 {
            let number = u128::from(rest) << 64 | u128::from(*limb);
            *limb = (number / 10) as u64;
            rest = (number % 10) as u64;
        }
        rest
    }

    /// Rounded half up; `divisor` is not zero and below 2^255.
    fn divided_by(self, divisor: Self) -> Self {
        let mut quotient = Wide([0; 4]);
        let mut rest = Wide([0; 4]);
        for bit in (0..256).rev() {
            rest = rest.plus(rest);
            let limb = 3 - bit / 64;
            if self.0[limb] >> (bit % 64) & 1 == 1 {
                rest = rest.plus(Wide::from(1));
            }
            if rest >= divisor {
                rest = rest.minus(divisor);
                quotient.0[limb] |= 1 << (bit % 64);
            }
        }
        if rest.plus(rest) >= divisor { quotient.plus(Wide::from(1)) } else { quotient }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn exact_to_the_last_digit() {
        use ArithmeticOp::{Add, Divide, Multiply, Subtract};
        for (op, a, b, expected) in [
            (Add, "0.1", "0.2", Some("0.3")),
            (Add, "1.50", "-1.5", Some("0.00")),
            (Subtract, "1", "1.005", Some("-0.005")),
            (Multiply, "1.50", "2.00", Some("3.0000")),
            (Multiply, "-0.00001", "0.000001", Some("-0.00000000001")),
            // 36 digits after the point: cut to 28, the ninth 5 rounds away from zero.
            (Multiply, "0.000000000000000005", "0.00000000001", Some("0.0000000000000000000000000001")),
            (Multiply, "0.000000000000000004", "0.00000000001", Some("0.0000000000000000000000000000")),
            (Multiply, "79228162514264337593543950335", "1.0000000000", Some("79228162514264337593543950335")),
            (Multiply, "79228162514264337593543950335", "2", None),
            (Add, "79228162514264337593543950335", "0.5", None),
            (Add, "79228162514264337593543950335", "0.4", Some("79228162514264337593543950335")),
            (Add, "79228162514264337593543950335", "1", None),
            (Divide, "10", "4", Some("2.5")),
            (Divide, "1", "3", Some("0.3333333333")),
            (Divide, "2", "3", Some("0.6666666667")),
            (Divide, "-2", "3", Some("-0.6666666667")),
            (Divide, "1", "0", None),
            (Divide, "0", "7", Some("0")),
            (Divide, "0.0000000001", "2", Some("0.0000000001")),
            (Divide, "79228162514264337593543950335", "0.0000000000000000000000000001", None),
        ] {
            let value = arithmetic(op, &Value::Decimal(decimal(a)), &Value::Decimal(decimal(b)));
            let text = (!value.is_null()).then(|| value.to_string());
            assert_eq!(text.as_deref(), expected, "{a} {op:?} {b}");
        }
    }

    #[test]
    fn reads_decimals_strictly() {
        for text in ["", "-", ".", ".5", "5.", "+1", "1_000", "1e3", " 1", "1,5", "0x1", "１", "1.2.3"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        for text in ["0", "-0.10", "79228162514264337593543950335", "0.0000000000000000000000000001"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let magnitude = prop_oneof![0..=MAX_MANTISSA, MAX_MANTISSA - 9..=MAX_MANTISSA, 0..=9_u128];
        (magnitude, any::<bool>(), 0..=MAX_SCALE).prop_map(|(magnitude, negative, scale)| {
            let magnitude = magnitude as i128;
            Decimal::from_i128_with_scale(if negative { -magnitude } else { magnitude }, scale)
        })
    }

    proptest! {
        #[test]
        fn is_total_at_the_limits(a in any_decimal(), b in any_decimal()) {
            prop_assert_eq!(multiply(a, b), multiply(b, a));
            prop_assert_eq!(add(a, b), add(b, a));
            prop_assert_eq!(add(a, -b).map(negate), add(b, -a));
            prop_assert_eq!(divide(a, b).is_none() && !b.is_zero(), divide(-a, b).is_none() && !b.is_zero());
            // One is neutral up to the ten digits a quotient keeps.
            prop_assert_eq!(divide(a, Decimal::ONE), Some(round(a, QUOTIENT_DIGITS).normalize()));
            prop_assert_eq!(multiply(a, Decimal::ONE), Some(a));
            prop_assert_eq!(add(a, Decimal::ZERO), Some(a));
        }

        #[test]
        fn agrees_with_integers(a in -10_i64.pow(12)..10_i64.pow(12), b in -10_i64.pow(12)..10_i64.pow(12), s in 0_u32..6, t in 0_u32..6) {
            let (x, y) = (Decimal::new(a, s), Decimal::new(b, t));
            prop_assert_eq!(multiply(x, y).unwrap(), x * y);
            prop_assert_eq!(add(x, y).unwrap(), x + y);
            if b != 0 {
                let quotient = divide(x, y).unwrap();
                let error = (quotient * y - x).abs();
                prop_assert!(error * Decimal::TWO <= y.abs() * Decimal::new(1, 10), "{} / {} = {}", x, y, quotient);
            }
        }
    }
}
