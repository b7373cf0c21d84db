//! The functions expressions may call, over values. Total: null or unfit arguments give null, and so does text longer
//! than [`MAX_TEXT`]. Knows no types of expressions; `call` has checked them.

use std::cmp::Ordering;

use chrono::{Datelike, Days, NaiveDate};
use rust_decimal::Decimal;

use super::{Function, geo, number};
use crate::value::Value;

/// Bytes of text an expression may produce.
pub(super) const MAX_TEXT: usize = 100_000;

pub(super) fn call(function: Function, arguments: &[Value]) -> Value {
    if function == Function::Coalesce {
        return arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or_default();
    }
    if arguments.iter().any(Value::is_null) {
        return Value::Null;
    }
    apply(function, arguments).unwrap_or_default()
}

fn apply(function: Function, arguments: &[Value]) -> Option<Value> {
    use Value::{Date, DateTime, Integer, List};
    let (first, second) = (arguments.first()?, arguments.get(1));
    match (function, first, second) {
        (Function::DaysBetween, Date(from), Some(Date(to))) => Some(Integer((*to - *from).num_days())),
        (Function::AddDays, Date(date), Some(Integer(days))) => add_days(*date, *days).map(Date),
        (Function::Date, Date(date), _) => Some(Date(*date)),
        (Function::Date, DateTime(at), _) => Some(Date(at.date_naive())),
        (Function::Date, Value::Text(text), _) => parse_date(text).map(Date),
        (Function::Decimal, Value::Text(text), _) => number::parse(text).map(Value::Decimal),
        (Function::Decimal, other, _) => other.as_decimal().map(Value::Decimal),
        (Function::Round, number, None) => i64::try_from(number::round(number.as_decimal()?, 0)).ok().map(Integer),
        (Function::Round, number, Some(Integer(digits))) => {
            Some(Value::Decimal(number::round(number.as_decimal()?, u32::try_from(*digits).ok()?)))
        }
        (Function::Abs, Integer(n), _) => n.checked_abs().map(Integer),
        (Function::Abs, Value::Decimal(d), _) => Some(Value::Decimal(d.abs())),
        (Function::Min, ..) => extreme(arguments, Ordering::Less),
        (Function::Max, ..) => extreme(arguments, Ordering::Greater),
        (Function::Size, Value::Text(text), _) => Some(Integer(text.chars().count() as i64)),
        (Function::Size, List(items), _) => Some(Integer(items.len() as i64)),
        (Function::Lower, Value::Text(text), _) => bounded(text.to_lowercase()),
        (Function::Upper, Value::Text(text), _) => bounded(text.to_uppercase()),
        (Function::Trim, Value::Text(text), _) => bounded(text.trim_matches(is_space)),
        (Function::Contains, Value::Text(text), Some(Value::Text(part))) => Some(text.contains(&**part).into()),
        (Function::StartsWith, Value::Text(text), Some(Value::Text(part))) => Some(text.starts_with(&**part).into()),
        (Function::EndsWith, Value::Text(text), Some(Value::Text(part))) => Some(text.ends_with(&**part).into()),
        (Function::Concat, ..) => concat(arguments),
        (Function::Text, value, _) => bounded(value.to_string()),
        (Function::Year, Date(date), _) => Some(Integer(date.year().into())),
        (Function::Month, Date(date), _) => Some(Integer(date.month().into())),
        (Function::Day, Date(date), _) => Some(Integer(date.day().into())),
        (Function::DistanceMetres, a, Some(b)) => Some(geo::distance_metres(a, b)),
        _ => None,
    }
}

/// Within the years that ISO text orders correctly.
pub(super) fn add_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let distance = Days::new(days.unsigned_abs());
    let moved = if days < 0 { date.checked_sub_days(distance) } else { date.checked_add_days(distance) }?;
    (1..=9999).contains(&moved.year()).then_some(moved)
}

/// Exactly `YYYY-MM-DD`.
pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == b'-' } else { c.is_ascii_digit() });
    let date: NaiveDate = if shape { text.parse().ok()? } else { return None };
    (date.year() >= 1).then_some(date)
}

fn extreme(values: &[Value], wanted: Ordering) -> Option<Value> {
    let mut best = values.first()?;
    for value in values {
        if value.compare(best)? == wanted {
            best = value;
        }
    }
    Some(best.clone())
}

fn concat(values: &[Value]) -> Option<Value> {
    let mut text = String::new();
    for value in values {
        text.push_str(value.as_text()?);
        if text.len() > MAX_TEXT {
            return None;
        }
    }
    bounded(text)
}

fn bounded(text: impl AsRef<str>) -> Option<Value> {
    (text.as_ref().len() <= MAX_TEXT).then(|| Value::text(text))
}

/// The spaces people type; a fixed list, so that every place that evaluates trims alike.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{a0}' || c == '\u{3000}'
}

/// Whole numbers as decimals, where an expression mixes both.
pub(super) fn widen(value: Value) -> Value {
    match value {
        Value::Integer(n) => Value::Decimal(Decimal::from(n)),
        other => other,
    }
}
