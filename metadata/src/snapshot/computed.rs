//! Formulas, roll-ups, and what has to be computed anew when a field changes.

use super::{FieldIndex, ObjectIndex};
use crate::expression::Expression;

/// A value computed on write from the record and the records its lookups point at, and stored.
#[derive(Clone, Debug)]
pub struct Formula {
    pub expression: Expression,
    /// Digits after the point for decimal results; rounded half away from zero.
    pub scale: u8,
}

#[derive(Clone, Debug)]
pub struct Rollup {
    /// The child object and its field that points here.
    pub object: ObjectIndex,
    pub via: FieldIndex,
    pub function: RollupFunction,
    /// The summed field; `None` for count.
    pub field: Option<FieldIndex>,
    /// Which children count, on the child as `record`.
    pub filter: Option<Expression>,
    pub scale: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollupFunction {
    Sum,
    Count,
}

/// `field` of `object` must be recomputed when `on` (a field of the object that holds this entry) changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dependent {
    pub on: FieldIndex,
    pub object: ObjectIndex,
    pub field: FieldIndex,
    pub route: Route,
}

/// How to get from a changed record to the records whose computed field it feeds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// The same record.
    Same,
    /// Records of the dependent object whose lookup `via` points at the changed record (formula up a lookup).
    Referrers { via: FieldIndex },
    /// The record that the changed record's field `via` points at, before and after the change (rollup).
    Target { via: FieldIndex },
    /// The records that the changed record's referrers point at: records of `object` whose `lookup` points at the changed
    /// record, followed along their `via` (a rollup whose filter looks one lookup up from the child).
    ReferrersTarget { object: ObjectIndex, lookup: FieldIndex, via: FieldIndex },
}
