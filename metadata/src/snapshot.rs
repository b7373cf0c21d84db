//! Everything resolved for one tenant at one revision: immutable, shared by `Arc`, swapped by publish.
//!
//! All references are positions ([`ObjectIndex`], [`FieldIndex`]) so that the request path never looks a name up
//! twice. A snapshot knows no SQL, no actor and no I/O. Only `resolve` builds one.

mod computed;
mod field;
mod form;
mod object;
mod option_set;
mod plain;
mod role;
mod sequence;
mod view;
mod workflow;

use std::collections::HashMap;
use std::sync::Arc;

pub use computed::*;
pub use field::*;
pub use form::*;
pub use object::*;
pub use option_set::*;
pub use role::*;
pub use sequence::*;
pub use view::*;
pub use workflow::*;

use crate::identifier::Identifier;
use crate::label::Label;

/// Position of an object in [`Snapshot::objects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectIndex(pub usize);

/// Position of a field in [`Object::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldIndex(pub usize);

/// Number of a published state of a tenant's documents; 0 before the first publish.
pub type Revision = u64;

#[derive(Debug, Default)]
pub struct Snapshot {
    pub revision: Revision,
    /// Platform objects (`user`, `org_unit`) first, then documents in name order.
    pub objects: Vec<Object>,
    pub sequences: Vec<Sequence>,
    pub forms: Vec<Form>,
    pub views: Vec<View>,
    pub workflows: Vec<Arc<Workflow>>,
    pub roles: Vec<Role>,
    pub sharing_rules: Vec<SharingRule>,
    pub restriction_rules: Vec<RestrictionRule>,
    pub seeds: Vec<Seed>,
    pub packages: Vec<PackageRef>,
    pub(crate) object_names: HashMap<Identifier, ObjectIndex>,
    /// Evaluation order of all stored formulas and rollups of all objects, inputs before users.
    pub computed_order: Vec<(ObjectIndex, FieldIndex)>,
}

#[derive(Clone, Debug)]
pub struct PackageRef {
    pub name: Identifier,
    pub version: String,
    pub label: Label,
}

#[derive(Clone, Debug)]
pub struct Seed {
    pub name: Identifier,
    pub object: ObjectIndex,
    /// The unique field rows are matched by, so that seeding twice changes nothing.
    pub key: FieldIndex,
    /// Field values as written; lookups by the target's external id or record name.
    pub rows: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Positions of the system fields: the same in every object.
pub mod system_field {
    use super::FieldIndex;
    pub const ID: FieldIndex = FieldIndex(0);
    pub const CREATED_AT: FieldIndex = FieldIndex(1);
    pub const CREATED_BY: FieldIndex = FieldIndex(2);
    pub const UPDATED_AT: FieldIndex = FieldIndex(3);
    pub const UPDATED_BY: FieldIndex = FieldIndex(4);
    pub const OWNER_ID: FieldIndex = FieldIndex(5);
    pub const ORG_UNIT_ID: FieldIndex = FieldIndex(6);
    pub const VERSION: FieldIndex = FieldIndex(7);
    pub const DELETED_AT: FieldIndex = FieldIndex(8);
    pub const COUNT: usize = 9;
}

/// Positions of the platform objects: the same in every snapshot.
pub mod platform_object {
    use super::ObjectIndex;
    pub const USER: ObjectIndex = ObjectIndex(0);
    pub const ORG_UNIT: ObjectIndex = ObjectIndex(1);
    pub const COUNT: usize = 2;
}

impl Snapshot {
    pub fn object(&self, index: ObjectIndex) -> &Object {
        &self.objects[index.0]
    }

    pub fn object_by_name(&self, name: &str) -> Option<&Object> {
        self.object_names.get(name).map(|index| self.object(*index))
    }

    pub fn field(&self, object: ObjectIndex, field: FieldIndex) -> &Field {
        &self.objects[object.0].fields[field.0]
    }

    pub fn role_by_name(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name.as_str() == name)
    }

    pub fn forms_of(&self, object: ObjectIndex) -> impl Iterator<Item = &Form> {
        self.forms.iter().filter(move |form| form.object == object)
    }

    pub fn views_of(&self, object: ObjectIndex) -> impl Iterator<Item = &View> {
        self.views.iter().filter(move |view| view.object == object)
    }

    /// The last field of a path.
    pub fn path_field(&self, path: &crate::expression::FieldPath) -> &Field {
        let mut object = path.object;
        for step in &path.steps[..path.steps.len() - 1] {
            if let Some(relation) = self.field(object, *step).kind.relation() {
                object = relation.target;
            }
        }
        self.field(object, path.steps[path.steps.len() - 1])
    }
}
