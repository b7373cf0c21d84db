//! Settles what a predicate says about the actor's roles, and the constants that follow from it.
//!
//! Unknown can only come from a row, so folding a role test keeps three-valued logic exact.

use trellis_metadata::predicate::Predicate;

/// The predicate without role tests.
pub(crate) fn fold(predicate: &Predicate, has_role: &dyn Fn(&str) -> bool) -> Predicate {
    match predicate {
        Predicate::HasRole(name) => Predicate::Always(has_role(name.as_str())),
        Predicate::And(all) => {
            all.iter().map(|part| fold(part, has_role)).fold(Predicate::Always(true), Predicate::and)
        }
        Predicate::Or(any) => any.iter().map(|part| fold(part, has_role)).fold(Predicate::Always(false), Predicate::or),
        Predicate::Not(inner) => not(fold(inner, has_role)),
        Predicate::HasChild { object, via, where_ } => match fold(where_, has_role) {
            Predicate::Always(false) => Predicate::Always(false),
            where_ => Predicate::HasChild { object: *object, via: *via, where_: where_.into() },
        },
        Predicate::Parent { via, object, where_ } => match fold(where_, has_role) {
            Predicate::Always(false) => Predicate::Always(false),
            where_ => Predicate::Parent { via: *via, object: *object, where_: where_.into() },
        },
        Predicate::Below { via, object, above, where_ } => match fold(where_, has_role) {
            Predicate::Always(false) => Predicate::Always(false),
            where_ => Predicate::Below { via: *via, object: *object, above: *above, where_: where_.into() },
        },
        other => other.clone(),
    }
}

pub(crate) fn not(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Always(constant) => Predicate::Always(!constant),
        Predicate::Not(inner) => *inner,
        other => Predicate::Not(Box::new(other)),
    }
}
