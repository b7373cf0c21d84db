//! What a form shows, to whom and when.

use super::{FieldIndex, ObjectIndex};
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::label::Label;

#[derive(Clone, Debug)]
pub struct Form {
    pub name: Identifier,
    pub object: ObjectIndex,
    pub label: Label,
    pub audience: Vec<Audience>,
    pub sections: Vec<FormSection>,
    pub actions: Vec<FormAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Desktop,
    Phone,
    Create,
    Edit,
}

#[derive(Clone, Debug)]
pub struct FormSection {
    pub label: Label,
    /// 1 to 4; phones always show one.
    pub columns: u8,
    pub visible_when: Option<Expression>,
    pub content: SectionContent,
}

#[derive(Clone, Debug)]
pub enum SectionContent {
    Fields(Vec<FormField>),
    LineItems(LineItems),
}

#[derive(Clone, Debug)]
pub struct FormField {
    pub field: FieldIndex,
    pub visible_when: Option<Expression>,
    pub required_when: Option<Expression>,
    pub readonly_when: Option<Expression>,
}

#[derive(Clone, Debug)]
pub struct LineItems {
    /// Position in [`Object::collections`].
    pub collection: usize,
    pub fields: Vec<FieldIndex>,
    /// Child fields whose sum is shown below the grid.
    pub totals: Vec<FieldIndex>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormAction {
    /// Every transition the actor may take now.
    AllTransitions,
    Transition(Identifier),
    Print,
    Edit,
    Delete,
}
