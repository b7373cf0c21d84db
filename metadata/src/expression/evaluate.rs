//! Evaluation: total, without side effects, linear in the size of the expression.

use super::{
    ArithmeticOp, CompareOp, Expr, Expression, Facts, compare, conjunction, contains, disjunction, function, number,
};
use crate::value::Value;

/// Longest text a regular expression is tried on, in bytes: with the bound on the pattern it bounds the time.
const MAX_MATCHED: usize = 10_000;

/// Null where the answer is unknown or cannot be computed.
pub fn evaluate(expression: &Expression, facts: &dyn Facts) -> Value {
    value_of(&expression.root, facts)
}

/// Unknown counts as no.
pub fn is_true(expression: &Expression, facts: &dyn Facts) -> bool {
    truth_of(&expression.root, facts) == Some(true)
}

/// Nothing but itself: for expressions without fields, actor and clock.
pub(super) fn value_of_constant(node: &Expr) -> Value {
    value_of(node, &Nothing)
}

fn truth_of(node: &Expr, facts: &dyn Facts) -> Option<bool> {
    match node {
        Expr::Present(root) => Some(facts.present(*root)),
        Expr::HasRole(role) => Some(facts.has_role(role)),
        Expr::Not(one) => truth_of(one, facts).map(|answer| !answer),
        Expr::And(all) => conjunction(all.iter().map(|one| truth_of(one, facts))),
        Expr::Or(any) => disjunction(any.iter().map(|one| truth_of(one, facts))),
        Expr::Compare(op, a, b) => compare(*op, &value_of(a, facts), &value_of(b, facts)),
        Expr::In(item, list) => {
            let item = value_of(item, facts);
            match &**list {
                Expr::List(items) => {
                    disjunction(items.iter().map(|one| compare(CompareOp::Eq, &item, &value_of(one, facts))))
                }
                other => match value_of(other, facts) {
                    Value::List(items) => contains(&items, &item),
                    _ => None,
                },
            }
        }
        Expr::IsPresent(one) => Some(!value_of(one, facts).is_null()),
        Expr::Matches(one, regex) => match value_of(one, facts) {
            Value::Text(text) if text.len() <= MAX_MATCHED => Some(regex.0.is_match(&text)),
            _ => None,
        },
        other => value_of(other, facts).as_bool(),
    }
}

fn value_of(node: &Expr, facts: &dyn Facts) -> Value {
    match node {
        Expr::Literal(value) => value.clone(),
        Expr::List(items) => Value::List(items.iter().map(|item| value_of(item, facts)).collect()),
        Expr::Field(root, path) => facts.field(*root, path),
        Expr::Actor(attribute) => facts.actor(*attribute),
        Expr::Today => Value::Date(facts.today()),
        Expr::Now => Value::DateTime(facts.now()),
        Expr::Negate(one) => match value_of(one, facts) {
            Value::Integer(n) => n.checked_neg().map(Value::Integer).unwrap_or_default(),
            Value::Decimal(d) => Value::Decimal(number::negate(d)),
            _ => Value::Null,
        },
        Expr::Arithmetic(op, a, b) => {
            let (left, right) = (value_of(a, facts), value_of(b, facts));
            let result = arithmetic(*op, &left, &right);
            if result.is_null() && is_computable(*op, &left, &right) {
                facts.overflowed();
            }
            result
        }
        Expr::If(condition, yes, no) => match truth_of(condition, facts) {
            Some(true) => value_of(yes, facts),
            Some(false) => value_of(no, facts),
            None => Value::Null,
        },
        Expr::Call(name, arguments) => {
            let values: Vec<Value> = arguments.iter().map(|argument| value_of(argument, facts)).collect();
            function::call(*name, &values)
        }
        Expr::Present(_)
        | Expr::HasRole(_)
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Compare(..)
        | Expr::In(..)
        | Expr::IsPresent(_)
        | Expr::Matches(..) => truth_of(node, facts).map(Value::Boolean).unwrap_or_default(),
    }
}

/// Two numbers that have a result, whether or not it can be kept.
fn is_computable(op: ArithmeticOp, left: &Value, right: &Value) -> bool {
    let divides = matches!(op, ArithmeticOp::Divide | ArithmeticOp::Modulo);
    match (left.as_decimal(), right.as_decimal()) {
        (Some(_), Some(right)) => !(divides && right.is_zero()),
        _ => false,
    }
}

/// Of numbers and dates.
fn arithmetic(op: ArithmeticOp, left: &Value, right: &Value) -> Value {
    let moved = |date, days: Option<i64>| days.and_then(|days| function::add_days(date, days)).map(Value::Date);
    match (op, left, right) {
        (ArithmeticOp::Add, Value::Date(date), Value::Integer(days))
        | (ArithmeticOp::Add, Value::Integer(days), Value::Date(date)) => moved(*date, Some(*days)).unwrap_or_default(),
        (ArithmeticOp::Subtract, Value::Date(date), Value::Integer(days)) => {
            moved(*date, days.checked_neg()).unwrap_or_default()
        }
        (ArithmeticOp::Subtract, Value::Date(a), Value::Date(b)) => Value::Integer((*a - *b).num_days()),
        _ => number::arithmetic(op, left, right),
    }
}

/// The facts of a constant: none.
struct Nothing;

impl Facts for Nothing {
    fn field(&self, _: super::Root, _: &super::FieldPath) -> Value {
        Value::Null
    }
    fn present(&self, _: super::Root) -> bool {
        false
    }
    fn actor(&self, _: super::ActorAttribute) -> Value {
        Value::Null
    }
    fn has_role(&self, _: &str) -> bool {
        false
    }
    fn today(&self) -> chrono::NaiveDate {
        chrono::NaiveDate::default()
    }
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::default()
    }
    fn in_scope(&self, _: crate::predicate::Scope) -> bool {
        false
    }
    fn has_child(
        &self,
        _: crate::snapshot::ObjectIndex,
        _: crate::snapshot::FieldIndex,
        _: &crate::predicate::Predicate,
    ) -> bool {
        false
    }
    fn parent(
        &self,
        _: crate::snapshot::FieldIndex,
        _: crate::snapshot::ObjectIndex,
        _: &crate::predicate::Predicate,
    ) -> bool {
        false
    }
    fn below(
        &self,
        _: crate::snapshot::FieldIndex,
        _: crate::snapshot::ObjectIndex,
        _: crate::snapshot::FieldIndex,
        _: &crate::predicate::Predicate,
    ) -> bool {
        false
    }
}
