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
    /// The child's field; `None` for count.
    pub field: Option<FieldIndex>,
    /// Which children count, on the child as `record`.
    pub filter: Option<Expression>,
    /// Digits after the point of a decimal result; an average is rounded to them, half away from zero.
    pub scale: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollupFunction {
    Sum,
    Count,
    Min,
    Max,
    Avg,
}

impl RollupFunction {
    /// What nothing adds up to is zero; of nothing there is no smallest, largest or average.
    pub fn is_zero_of_nothing(self) -> bool {
        matches!(self, RollupFunction::Sum | RollupFunction::Count)
    }
}

/// `field` of `object` must be recomputed when `on` (a field of the object that holds this entry) changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dependent {
    pub on: FieldIndex,
    pub object: ObjectIndex,
    pub field: FieldIndex,
    pub route: Route,
}

/// How to get from a changed record to the records whose computed field it feeds: back along lookups to those that look
/// at it, then, for a rollup, up to those they are children of. Nowhere is the same record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Route {
    /// First the lookup that points at the changed record, then the one that points at what was found, and so on.
    pub back: Vec<Hop>,
    /// The field that points at the parent; without any way back, before the change and after it.
    pub up: Option<FieldIndex>,
}

/// Records of an object, by the lookup of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hop {
    pub object: ObjectIndex,
    pub lookup: FieldIndex,
}
