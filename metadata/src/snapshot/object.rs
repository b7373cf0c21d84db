//! One object as resolved: what its table, its API and its pages are made from.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Dependent, Field, FieldIndex, ObjectIndex, OnDelete};
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::label::{Label, Locale};

/// One object: a table, an API collection, a set of pages.
#[derive(Debug)]
pub struct Object {
    pub index: ObjectIndex,
    /// Immutable identity; also the table name.
    pub id: Identifier,
    pub name: Identifier,
    pub label: Label,
    pub layer: Layer,
    /// System fields first (see [`system_field`]), then by `order`.
    pub fields: Vec<Field>,
    pub(crate) field_names: HashMap<Identifier, FieldIndex>,
    /// The field a person knows a record by.
    pub record_name: FieldIndex,
    /// The master_detail field of a child object.
    pub master: Option<FieldIndex>,
    /// Child collections, by the name this object sees them under.
    pub collections: Vec<Collection>,
    pub unique_keys: Vec<UniqueKey>,
    pub indexes: Vec<Index>,
    pub validation_rules: Vec<ValidationRule>,
    pub state_machine: Option<StateMachine>,
    pub admin_access: AdminAccess,
    /// Field history is kept.
    pub history: bool,
    pub retention: Retention,
    pub search: Vec<FieldIndex>,
    /// Computed fields of this object in evaluation order.
    pub computed: Vec<FieldIndex>,
    /// Computed fields (here or elsewhere) that must be recomputed when a field of this object changes.
    pub dependents: Vec<Dependent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Platform,
    Package,
    Tenant,
}

/// Days that things are kept; for ever where not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// A deleted record, in the recycle bin.
    pub deleted_days: Option<u32>,
    /// Former values.
    pub history_days: Option<u32>,
}

/// May the built-in `tenant_admin` role read the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdminAccess {
    #[default]
    All,
    None,
}

/// The far side of a relation: children of this object.
#[derive(Clone, Debug)]
pub struct Collection {
    pub name: Identifier,
    pub object: ObjectIndex,
    /// The field of `object` that points here.
    pub via: FieldIndex,
    pub on_delete: OnDelete,
    pub master_detail: bool,
}

#[derive(Clone, Debug)]
pub struct UniqueKey {
    pub name: Identifier,
    pub fields: Vec<FieldIndex>,
    /// Also usable for upsert.
    pub external_id: bool,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub fields: Vec<FieldIndex>,
}

#[derive(Clone, Debug)]
pub struct ValidationRule {
    pub name: Identifier,
    pub invalid_when: Expression,
    /// Where the message is shown; the record when absent.
    pub field: Option<FieldIndex>,
    pub message: Label,
}

#[derive(Clone, Debug)]
pub struct StateMachine {
    pub field: FieldIndex,
    pub transitions: Vec<Transition>,
}

#[derive(Clone, Debug)]
pub struct Transition {
    pub name: Identifier,
    pub from: Vec<Arc<str>>,
    pub to: Arc<str>,
    pub label: Label,
    pub when: Option<Expression>,
    /// Role names, any of which may take it; empty = everyone who may update the field.
    pub roles: Vec<Identifier>,
}

impl Object {
    pub fn field(&self, index: FieldIndex) -> &Field {
        &self.fields[index.0]
    }

    /// By current name, former name or id.
    pub fn field_by_name(&self, name: &str) -> Option<&Field> {
        self.field_names.get(name).map(|index| self.field(*index))
    }

    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.name.as_str() == name)
    }

    pub fn label(&self, locale: Locale) -> String {
        self.label.or_name(locale, self.name.as_str())
    }
}
