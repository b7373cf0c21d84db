//! Which column kinds turn into which with every value kept.

use trellis_metadata::column::{ColumnKind, DECIMAL_PRECISION};

/// How the values of a column become values of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// Integer and decimal: the digits after the point change from `from` to `to`.
    Rescale { from: u8, to: u8 },
    /// The canonical text of the value.
    Print,
}

/// `None` where a conversion would guess (text to number, a date to an instant in some zone) or lose its meaning.
pub fn conversion(from: ColumnKind, to: ColumnKind) -> Option<Conversion> {
    match (from, to) {
        (ColumnKind::Integer | ColumnKind::Decimal { .. }, ColumnKind::Integer | ColumnKind::Decimal { .. }) => {
            let (from, to) = (scale(from), scale(to));
            // Beyond these the powers below leave 64 bits; field types never ask for them.
            (from <= DECIMAL_PRECISION && to <= DECIMAL_PRECISION).then_some(Conversion::Rescale { from, to })
        }
        (ColumnKind::Integer | ColumnKind::Decimal { .. } | ColumnKind::Date | ColumnKind::Time, ColumnKind::Text) => {
            Some(Conversion::Print)
        }
        _ => None,
    }
}

/// Digits after the point.
pub fn scale(kind: ColumnKind) -> u8 {
    if let ColumnKind::Decimal { scale } = kind { scale } else { 0 }
}

/// 10^`digits`; callers keep `digits` within [`DECIMAL_PRECISION`].
pub fn power(digits: u8) -> i64 {
    10_i64.saturating_pow(u32::from(digits))
}
