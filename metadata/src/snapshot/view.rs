//! What a list shows.

use super::{FieldIndex, ObjectIndex};
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::label::Label;
use crate::predicate::Predicate;

#[derive(Clone, Debug)]
pub struct View {
    pub name: Identifier,
    pub object: ObjectIndex,
    pub label: Label,
    pub columns: Vec<FieldIndex>,
    pub filter: Option<Predicate>,
    pub sort: Vec<SortKey>,
    pub color_rules: Vec<ColorRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    pub field: FieldIndex,
    pub descending: bool,
}

#[derive(Clone, Debug)]
pub struct ColorRule {
    pub when: Expression,
    pub color: String,
}
