//! What evaluation may ask about the world: one record, its previous state, the actor, the clock.
//!
//! The engine answers from rows and sessions, tests from maps. Evaluation itself reads nothing else.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ActorAttribute, FieldPath, Root};
use crate::predicate::{self, Predicate};
use crate::snapshot::{FieldIndex, ObjectIndex};
use crate::value::Value;

pub trait Facts {
    /// The value at the end of the path; null where a lookup on the way is null or its record is gone.
    fn field(&self, root: Root, path: &FieldPath) -> Value;
    /// Is there such a record at all.
    fn present(&self, root: Root) -> bool;
    fn actor(&self, attribute: ActorAttribute) -> Value;
    fn has_role(&self, role: &str) -> bool;
    /// The date in the actor's zone.
    fn today(&self) -> NaiveDate;
    fn now(&self) -> DateTime<Utc>;
    /// Is the record in this organisational scope of the actor.
    fn in_scope(&self, scope: predicate::Scope) -> bool;
    /// Does a live record of `object` whose `via` points at this record meet the condition.
    fn has_child(&self, object: ObjectIndex, via: FieldIndex, where_: &Predicate) -> bool;
    /// A result was too large for any number we keep, so that it is null: for those who must not take that for nothing.
    fn overflowed(&self) {}
    /// Does the live record this one's `via` points at meet the condition.
    fn parent(&self, via: FieldIndex, object: ObjectIndex, where_: &Predicate) -> bool;
    /// Does that record meet it, or a live one on the way up from it by `above`.
    fn below(&self, via: FieldIndex, object: ObjectIndex, above: FieldIndex, where_: &Predicate) -> bool;
}
