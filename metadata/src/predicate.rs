//! The small typed condition tree that filters, record rules and form conditions lower to.
//!
//! A predicate is three-valued exactly like SQL: comparing with null is unknown, and unknown selects nothing. It knows
//! positions in the snapshot and attributes of the actor; it knows no SQL and no policy.

mod holds;
mod like;

use std::sync::Arc;

use crate::expression::Root;
pub use crate::expression::{ActorAttribute, CompareOp, FieldPath};
use crate::identifier::Identifier;
use crate::snapshot::{FieldIndex, ObjectIndex};
use crate::value::Value;
pub use holds::holds;
pub(crate) use like::escape as escape_like;

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
    /// Text match of the whole value with `%` and `_`; `\` makes the next character of the pattern literal
    /// (`ESCAPE '\'`). Case-insensitive by simple case folding of ASCII when asked.
    Like {
        left: Operand,
        pattern: Arc<str>,
        case: Case,
    },
    /// A list field holds all of the codes; unknown when the field is null.
    Contains {
        left: Operand,
        codes: Vec<Arc<str>>,
    },
    /// A list field holds nothing but the codes; unknown when the field is null.
    Within {
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
    /// The live record that the lookup `via` of this one points at, or one above that by its lookup `above`, meets the
    /// condition. With the id as `via` it is this record that the way up begins with.
    Below {
        via: FieldIndex,
        object: ObjectIndex,
        above: FieldIndex,
        where_: Box<Predicate>,
    },
    /// Rows in the actor's organisational scope.
    Scope(Scope),
    /// The actor holds the role. The same for every row: a permission profile folds it to [`Predicate::Always`], and
    /// only folded predicates reach the planner.
    HasRole(Identifier),
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
    /// The truth value that is neither: selects nothing, and neither does its negation.
    pub fn unknown() -> Predicate {
        Predicate::Compare { left: Operand::Value(Value::Null), op: CompareOp::Eq, right: Operand::Value(Value::Null) }
    }

    /// Every field of this record that the condition reads, with repetitions. Conditions on other records
    /// (`HasChild`, `Parent`) start at those and are not looked into.
    pub fn paths(&self) -> impl Iterator<Item = (Root, &FieldPath)> {
        let mut open = vec![self];
        let mut operands: Vec<&Operand> = Vec::new();
        std::iter::from_fn(move || {
            loop {
                while let Some(operand) = operands.pop() {
                    if let Operand::Field(path) = operand {
                        return Some((Root::Record, path));
                    }
                }
                match open.pop()? {
                    Predicate::And(all) | Predicate::Or(all) => open.extend(all.iter().rev()),
                    Predicate::Not(one) => open.push(one),
                    Predicate::Compare { left, right, .. } => operands.extend([right, left]),
                    Predicate::In { left, items } => {
                        operands.extend(items.iter().rev());
                        operands.push(left);
                    }
                    Predicate::IsNull(left)
                    | Predicate::Like { left, .. }
                    | Predicate::Contains { left, .. }
                    | Predicate::Within { left, .. } => operands.push(left),
                    Predicate::Always(_)
                    | Predicate::HasChild { .. }
                    | Predicate::Parent { .. }
                    | Predicate::Below { .. }
                    | Predicate::Scope(_)
                    | Predicate::HasRole(_) => {}
                }
            }
        })
    }

    #[must_use]
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

    #[must_use]
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
