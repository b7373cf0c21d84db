//! Numbers, texts, yes and no, null, exactly as written.

use cel::common::ast::{IdedExpr, LiteralValue};
use rust_decimal::Decimal;

use super::super::number;
use super::{Checker, Expr, Term, Type};
use crate::value::Value;

impl<'a> Checker<'a> {
    pub(super) fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Option<Term<'a>> {
        let offset = self.parsed.offset(node);
        let (value, kind) = match literal {
            LiteralValue::Null => (Value::Null, Type::Any),
            LiteralValue::Boolean(b) => (Value::Boolean(*b.inner()), Type::Boolean),
            LiteralValue::Int(n) => (Value::Integer(*n.inner()), Type::Integer),
            LiteralValue::String(text) => (Value::text(text.inner()), Type::Text),
            // The parser keeps a float; the digits are in the source.
            LiteralValue::Double(float) => match digits(self.parsed.token(node)) {
                Some(d) if float.is_sign_negative() => (Value::Decimal(number::negate(d)), Type::Decimal),
                Some(d) => (Value::Decimal(d), Type::Decimal),
                None => {
                    let help = "at most 28 digits are kept".to_owned();
                    return self.fail(offset, "invalid_literal", "The number has too many digits".to_owned(), help);
                }
            },
            LiteralValue::UInt(_) => {
                let help = "write the number without `u`".to_owned();
                return self.fail(
                    offset,
                    "not_supported",
                    "Unsigned numbers are not part of this language".to_owned(),
                    help,
                );
            }
            LiteralValue::Bytes(_) => {
                return self.fail(
                    offset,
                    "not_supported",
                    "Byte strings are not part of this language".to_owned(),
                    None,
                );
            }
        };
        Some(Term::new(offset, Expr::Literal(value), kind))
    }
}

/// `1.5`, `.5`, `1.5e3`: unsigned, as the token stands in the source.
fn digits(token: &str) -> Option<Decimal> {
    let Some((mantissa, exponent)) = token.split_once(['e', 'E']) else {
        return number::parse(&format!("{}{token}", if token.starts_with('.') { "0" } else { "" }));
    };
    let mantissa = digits(mantissa)?.normalize();
    let scale = i64::from(mantissa.scale()) - exponent.parse::<i64>().ok()?;
    if scale >= 0 {
        return Decimal::try_from_i128_with_scale(mantissa.mantissa(), u32::try_from(scale).ok()?).ok();
    }
    let power = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
    Decimal::try_from_i128_with_scale(mantissa.mantissa().checked_mul(power)?, 0).ok()
}
