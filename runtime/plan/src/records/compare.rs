//! Comparing typed terms so that both databases answer exactly as `Value::compare` does.
//!
//! Decimals are integers scaled by their column on SQLite, text has to be compared byte by byte on PostgreSQL, and
//! terms of different kinds have no order: comparing them is unknown.

use chrono::{Datelike, NaiveDate, SubsecRound};
use rust_decimal::{Decimal, RoundingStrategy};
use sea_query::{Alias, BinOper, CaseStatement, Expr, ExprTrait, IntoIden};
use trellis_metadata::column::{ColumnKind, DECIMAL_PRECISION};
use trellis_metadata::expression::{self, CompareOp};
use trellis_metadata::value::Value;

use super::lowering::{Lowering, always, any_of, unknown};
use crate::statement::{Dialect, Source};

/// One side of a comparison.
#[derive(Clone)]
pub(super) enum Term {
    Constant(Value),
    /// A column, sub-query or bind of a known kind.
    Known(Expr, ColumnKind),
}

impl Term {
    pub fn null(self) -> Expr {
        match self {
            Term::Constant(value) => always(value.is_null()),
            Term::Known(expr, _) => expr.is_null(),
        }
    }
}

impl Lowering<'_> {
    pub fn compare(&mut self, left: Term, op: CompareOp, right: Term) -> Expr {
        match (left, right) {
            (Term::Constant(a), Term::Constant(b)) => expression::compare(op, &a, &b).map_or_else(unknown, always),
            (Term::Constant(a), known) => self.compare(known, flip(op), Term::Constant(a)),
            (Term::Known(a, kind), Term::Constant(b)) => self.with_constant(a, kind, op, &b),
            (Term::Known(a, a_kind), Term::Known(b, b_kind)) => self.known(a, a_kind, op, b, b_kind),
        }
    }

    /// True when one item is equal, unknown when one might be.
    pub fn contains(&mut self, left: Term, items: Vec<Term>) -> Expr {
        let mut parts = Vec::new();
        let mut listed = Vec::new();
        let mut whole = None;
        for item in items {
            match (&left, &item) {
                (Term::Known(cell, kind), Term::Constant(value)) if *kind != ColumnKind::Json => {
                    match constant(*kind, value) {
                        Some(Fit::Exact(value)) => {
                            listed.push(self.bind(Source::Value(value), *kind));
                            whole = Some(cell.clone());
                        }
                        _ => parts.push(self.compare(left.clone(), CompareOp::Eq, item)),
                    }
                }
                _ => parts.push(self.compare(left.clone(), CompareOp::Eq, item)),
            }
        }
        match whole {
            Some(cell) if listed.len() > 1 => parts.push(cell.is_in(listed)),
            Some(cell) => parts.extend(listed.into_iter().map(|item| cell.clone().eq(item))),
            None => {}
        }
        any_of(parts)
    }

    fn with_constant(&mut self, cell: Expr, kind: ColumnKind, op: CompareOp, value: &Value) -> Expr {
        let Some(fit) = constant(kind, value) else { return unknown() };
        match fit {
            Fit::Exact(value) => {
                let bind = self.bind(Source::Value(value), kind);
                self.ordered(cell, kind, op, bind)
            }
            // The constant lies between two values the column can hold; the lower one decides.
            Fit::Above(floor) => match op {
                CompareOp::Eq => never(cell),
                CompareOp::Ne => ever(cell),
                CompareOp::Lt | CompareOp::Le => {
                    let bind = self.bind(Source::Value(floor), kind);
                    self.sortable(cell, kind).lte(bind)
                }
                CompareOp::Gt | CompareOp::Ge => {
                    let bind = self.bind(Source::Value(floor), kind);
                    self.sortable(cell, kind).gt(bind)
                }
            },
            Fit::TooLarge => match op {
                CompareOp::Ne | CompareOp::Lt | CompareOp::Le => ever(cell),
                CompareOp::Eq | CompareOp::Gt | CompareOp::Ge => never(cell),
            },
            Fit::TooSmall => match op {
                CompareOp::Ne | CompareOp::Gt | CompareOp::Ge => ever(cell),
                CompareOp::Eq | CompareOp::Lt | CompareOp::Le => never(cell),
            },
        }
    }

    fn known(&mut self, a: Expr, a_kind: ColumnKind, op: CompareOp, b: Expr, b_kind: ColumnKind) -> Expr {
        match (scale(a_kind), scale(b_kind)) {
            (Some(s), Some(t)) if self.dialect == Dialect::Sqlite && s < t => self.scaled(a, op, b, t - s),
            (Some(s), Some(t)) if self.dialect == Dialect::Sqlite && s > t => self.scaled(b, flip(op), a, s - t),
            (Some(_), Some(_)) => operate(a, op, b),
            (None, None) if a_kind == b_kind => self.ordered(a, a_kind, op, b),
            _ => unknown(),
        }
    }

    /// `coarse × 10^digits op fine` without overflow: by quotient, then remainder.
    fn scaled(&mut self, coarse: Expr, op: CompareOp, fine: Expr, digits: u8) -> Expr {
        let (zero, unit) = (self.integer(0), 10_i64.pow(u32::from(digits)));
        let (for_quotient, for_rest) = (self.integer(unit), self.integer(unit));
        let split = Expr::tuple([fine.clone().div(for_quotient), fine.modulo(for_rest)]);
        let compared = operate(Expr::tuple([coarse.clone(), zero]), op, split);
        match op {
            // (null, 0) = (1, 2) is false, because 0 is not 2; here it has to be unknown.
            CompareOp::Eq | CompareOp::Ne => CaseStatement::new().case(coarse.is_not_null(), compared).into(),
            _ => compared,
        }
    }

    fn ordered(&self, a: Expr, kind: ColumnKind, op: CompareOp, b: Expr) -> Expr {
        let ranged = !matches!(op, CompareOp::Eq | CompareOp::Ne);
        if ranged && kind == ColumnKind::Json {
            return unordered(a, op, b);
        }
        operate(if ranged { self.sortable(a, kind) } else { a }, op, b)
    }

    /// The expression under the order both databases share.
    pub fn sortable(&self, expr: Expr, kind: ColumnKind) -> Expr {
        if kind == ColumnKind::Text && self.dialect == Dialect::Postgres { bytewise(expr) } else { expr }
    }
}

pub(super) fn bytewise(expr: Expr) -> Expr {
    expr.binary(BinOper::Custom("COLLATE"), Expr::col(Alias::new("C").into_iden()))
}

/// Lists and structures are equal or have no order.
fn unordered(a: Expr, op: CompareOp, b: Expr) -> Expr {
    let when_equal = always(matches!(op, CompareOp::Le | CompareOp::Ge));
    CaseStatement::new().case(a.eq(b), when_equal).into()
}

fn operate(a: Expr, op: CompareOp, b: Expr) -> Expr {
    match op {
        CompareOp::Eq => a.eq(b),
        CompareOp::Ne => a.ne(b),
        CompareOp::Lt => a.lt(b),
        CompareOp::Le => a.lte(b),
        CompareOp::Gt => a.gt(b),
        CompareOp::Ge => a.gte(b),
    }
}

/// False, or unknown where the cell is null.
fn never(cell: Expr) -> Expr {
    cell.clone().ne(cell)
}

/// True, or unknown where the cell is null.
fn ever(cell: Expr) -> Expr {
    cell.clone().eq(cell)
}

fn flip(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}

/// How a constant meets the values a column can hold.
enum Fit {
    Exact(Value),
    /// Strictly between this value and the next.
    Above(Value),
    TooLarge,
    TooSmall,
}

/// `None` where the two kinds do not compare, or the constant is null.
///
/// Columns hold less than values can say: text without U+0000, years of four digits, whole microseconds, whole seconds
/// of a wall clock, 18 digits. A constant beyond that still has its place among what the column can hold.
fn constant(kind: ColumnKind, value: &Value) -> Option<Fit> {
    let same = || Some(Fit::Exact(value.clone()));
    match (kind, value) {
        (ColumnKind::Integer | ColumnKind::Duration | ColumnKind::Decimal { .. }, _) => {
            value.as_decimal().map(|number| fit(kind, number))
        }
        (ColumnKind::Text, Value::Text(text)) => match text.split_once('\0') {
            Some((before, _)) => Some(Fit::Above(Value::text(before))),
            None => same(),
        },
        (ColumnKind::Date, Value::Date(date)) => Some(in_years(*date, || Fit::Exact(value.clone()))),
        (ColumnKind::DateTime, Value::DateTime(instant)) => Some(in_years(instant.date_naive(), || {
            let whole = instant.trunc_subsecs(6);
            if whole == *instant { Fit::Exact(value.clone()) } else { Fit::Above(Value::DateTime(whole)) }
        })),
        (ColumnKind::Time, Value::Time(time)) => {
            let whole = time.trunc_subsecs(0);
            Some(if whole == *time { Fit::Exact(value.clone()) } else { Fit::Above(Value::Time(whole)) })
        }
        (ColumnKind::Boolean, Value::Boolean(_))
        | (ColumnKind::Id, Value::Id(_))
        | (ColumnKind::Json, Value::List(_) | Value::Json(_)) => same(),
        _ => None,
    }
}

fn in_years(date: NaiveDate, fit: impl FnOnce() -> Fit) -> Fit {
    match date.year() {
        ..1 => Fit::TooSmall,
        1..=9999 => fit(),
        _ => Fit::TooLarge,
    }
}

fn fit(kind: ColumnKind, number: Decimal) -> Fit {
    let (scale, low, high) = match kind {
        ColumnKind::Decimal { scale } => (u32::from(scale), 1 - DIGITS_END, DIGITS_END - 1),
        _ => (0, i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let number = number.normalize();
    let floor = number.round_dp_with_strategy(scale, RoundingStrategy::ToNegativeInfinity).normalize();
    let units = 10_i128.pow(scale - floor.scale()).checked_mul(floor.mantissa());
    match units {
        Some(units) if units > high => Fit::TooLarge,
        Some(units) if units >= low && floor == number => Fit::Exact(as_kind(floor, kind)),
        Some(units) if units >= low => Fit::Above(as_kind(floor, kind)),
        None if !number.is_sign_negative() => Fit::TooLarge,
        _ => Fit::TooSmall,
    }
}

/// Beyond what a decimal column holds, in units of its last place.
const DIGITS_END: i128 = 10_i128.pow(DECIMAL_PRECISION as u32);

fn as_kind(value: Decimal, kind: ColumnKind) -> Value {
    use rust_decimal::prelude::ToPrimitive;
    match kind {
        ColumnKind::Integer | ColumnKind::Duration => value.to_i64().map_or(Value::Null, Value::Integer),
        _ => Value::Decimal(value),
    }
}

/// Digits after the point of a number kind.
fn scale(kind: ColumnKind) -> Option<u8> {
    match kind {
        ColumnKind::Integer | ColumnKind::Duration => Some(0),
        ColumnKind::Decimal { scale } => Some(scale),
        _ => None,
    }
}
