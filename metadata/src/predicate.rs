//! The small typed condition tree that filters, record rules and form conditions lower to.
//!
//! A predicate is three-valued exactly like SQL: comparing with null is unknown, and unknown selects nothing. It knows
//! positions in the snapshot and attributes of the actor; it knows no SQL and no policy.

use std::sync::Arc;

pub use crate::expression::{ActorAttribute, CompareOp, FieldPath};
use crate::snapshot::{FieldIndex, ObjectIndex};
use crate::value::Value;

/// A condition on one record of a known object.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Everything (`true`) or nothing (`false`).
    Always(bool),
    Compare {
        left: Operand,
        op: CompareOp,
        right: Operand,
    },
    In {
        left: Operand,
        items: Vec<Operand>,
    },
    /// Null test; never unknown.
    IsNull(Operand),
    /// Text match with `%` and `_`; case-insensitive by simple case folding of ASCII when asked.
    Like {
        left: Operand,
        pattern: Arc<str>,
        case: Case,
    },
    /// A multi_choice field holds all of the codes.
    Contains {
        left: Operand,
        codes: Vec<Arc<str>>,
    },
    And(Vec<Predicate>),
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    /// At least one live child record (its `via` field points here) meets the condition.
    HasChild {
        object: ObjectIndex,
        via: FieldIndex,
        where_: Box<Predicate>,
    },
    /// The live record that the lookup `via` of this one points at meets the condition; false when there is none.
    Parent {
        via: FieldIndex,
        object: ObjectIndex,
        where_: Box<Predicate>,
    },
    /// Rows in the actor's organisational scope.
    Scope(Scope),
    /// The actor holds the role. The same for every row: a permission profile folds it to [`Predicate::Always`], and
    /// only folded predicates reach the planner.
    HasRole(crate::identifier::Identifier),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Sensitive,
    Insensitive,
}

/// Organisational row scopes; each reads only `owner_id` and `org_unit_id` of the record and the actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `owner_id` is the actor.
    Own,
    /// `owner_id` is the actor or someone below him in the manager chain.
    Subordinates,
    /// `org_unit_id` is the actor's unit.
    Unit,
    /// `org_unit_id` is the actor's unit or one below it in the tree.
    UnitAndBelow,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Field(FieldPath),
    Value(Value),
    Actor(ActorAttribute),
    /// The date in the actor's zone.
    Today,
    Now,
}

impl Predicate {
    pub fn and(self, other: Predicate) -> Predicate {
        match (self, other) {
            (Predicate::Always(true), p) | (p, Predicate::Always(true)) => p,
            (Predicate::Always(false), _) | (_, Predicate::Always(false)) => Predicate::Always(false),
            (Predicate::And(mut all), Predicate::And(more)) => {
                all.extend(more);
                Predicate::And(all)
            }
            (Predicate::And(mut all), p) => {
                all.push(p);
                Predicate::And(all)
            }
            (a, b) => Predicate::And(vec![a, b]),
        }
    }

    pub fn or(self, other: Predicate) -> Predicate {
        match (self, other) {
            (Predicate::Always(false), p) | (p, Predicate::Always(false)) => p,
            (Predicate::Always(true), _) | (_, Predicate::Always(true)) => Predicate::Always(true),
            (Predicate::Or(mut any), p) => {
                any.push(p);
                Predicate::Or(any)
            }
            (a, b) => Predicate::Or(vec![a, b]),
        }
    }
}
