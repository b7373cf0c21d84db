//! Predicates decided in memory, three-valued exactly as SQL decides them. Knows no database.

use super::{Operand, Predicate, like};
use crate::expression::{Facts, Root, compare, conjunction, contains, disjunction};
use crate::value::Value;

/// `None` is SQL's unknown.
pub fn holds(predicate: &Predicate, facts: &dyn Facts) -> Option<bool> {
    match predicate {
        Predicate::Always(answer) => Some(*answer),
        Predicate::Compare { left, op, right } => compare(*op, &read(left, facts), &read(right, facts)),
        Predicate::In { left, items } => {
            let items: Vec<Value> = items.iter().map(|item| read(item, facts)).collect();
            contains(&items, &read(left, facts))
        }
        Predicate::IsNull(operand) => Some(read(operand, facts).is_null()),
        Predicate::Like { left, pattern, case } => {
            read(left, facts).as_text().map(|text| like::matches(text, pattern, *case))
        }
        Predicate::Contains { left, codes } => match read(left, facts) {
            Value::List(items) => Some(codes.iter().all(|code| items.iter().any(|item| item.as_text() == Some(code)))),
            _ => None,
        },
        Predicate::Within { left, codes } => match read(left, facts) {
            Value::List(items) => Some(items.iter().all(|item| codes.iter().any(|code| item.as_text() == Some(code)))),
            _ => None,
        },
        Predicate::And(all) => conjunction(all.iter().map(|one| holds(one, facts))),
        Predicate::Or(any) => disjunction(any.iter().map(|one| holds(one, facts))),
        Predicate::Not(one) => holds(one, facts).map(|answer| !answer),
        Predicate::HasChild { object, via, where_ } => Some(facts.has_child(*object, *via, where_)),
        Predicate::Parent { via, object, where_ } => Some(facts.parent(*via, *object, where_)),
        Predicate::Below { via, object, above, where_ } => Some(facts.below(*via, *object, *above, where_)),
        Predicate::Scope(scope) => Some(facts.in_scope(*scope)),
        Predicate::HasRole(role) => Some(facts.has_role(role.as_str())),
    }
}

fn read(operand: &Operand, facts: &dyn Facts) -> Value {
    match operand {
        Operand::Field(path) => facts.field(Root::Record, path),
        Operand::Value(value) => value.clone(),
        Operand::Actor(attribute) => facts.actor(*attribute),
        Operand::Today => Value::Date(facts.today()),
        Operand::Now => Value::DateTime(facts.now()),
    }
}
