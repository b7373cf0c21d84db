//! Objects and snapshots put together by hand: what generators and tests need without writing documents.
//!
//! Nothing is checked here; `resolve` is the way from documents.

use std::collections::HashMap;

use super::{
    AdminAccess, Field, FieldIndex, FieldKind, Layer, Object, ObjectIndex, OnDelete, Origin, Relation, Retention,
    Snapshot, platform_object,
};
use crate::column::ColumnKind;
use crate::identifier::{Identifier, InvalidIdentifier};
use crate::label::Label;

impl Field {
    /// A user field with this column and nothing promised.
    pub fn plain(name: &str, kind: FieldKind, column: ColumnKind) -> Result<Self, InvalidIdentifier> {
        let name = Identifier::new(name)?;
        Ok(Self {
            index: FieldIndex(0),
            id: name.clone(),
            name,
            aliases: Vec::new(),
            label: Label::Missing,
            help: Label::Missing,
            kind,
            column,
            required: false,
            default: None,
            unique: false,
            external_id: false,
            indexed: false,
            immutable: false,
            history: true,
            origin: Origin::User,
        })
    }

    fn system(name: &str, kind: FieldKind, column: ColumnKind) -> Result<Self, InvalidIdentifier> {
        Ok(Self { origin: Origin::System, ..Self::plain(name, kind, column)? })
    }
}

impl Object {
    /// The system fields, then these.
    pub fn plain(index: ObjectIndex, name: &str, own: Vec<Field>) -> Result<Self, InvalidIdentifier> {
        let name = Identifier::new(name)?;
        let mut fields = system_fields()?;
        fields.extend(own);
        for (position, field) in fields.iter_mut().enumerate() {
            field.index = FieldIndex(position);
        }
        let field_names: HashMap<_, _> = fields.iter().map(|field| (field.name.clone(), field.index)).collect();
        let master = fields.iter().find(|field| matches!(field.kind, FieldKind::MasterDetail(_)));
        Ok(Self {
            index,
            id: name.clone(),
            name,
            label: Label::Missing,
            layer: Layer::Tenant,
            record_name: FieldIndex(0),
            master: master.map(|field| field.index),
            fields,
            field_names,
            collections: Vec::new(),
            unique_keys: Vec::new(),
            indexes: Vec::new(),
            validation_rules: Vec::new(),
            state_machine: None,
            admin_access: AdminAccess::All,
            history: false,
            retention: Retention::default(),
            search: Vec::new(),
            computed: Vec::new(),
            dependents: Vec::new(),
        })
    }
}

impl Snapshot {
    /// Objects alone, each at its own position.
    pub fn plain(objects: Vec<Object>) -> Self {
        let object_names = objects.iter().map(|object| (object.name.clone(), object.index)).collect();
        Self { objects, object_names, ..Self::default() }
    }
}

fn system_fields() -> Result<Vec<Field>, InvalidIdentifier> {
    let collection = Identifier::new("records")?;
    let to = |target| Relation { target, collection: collection.clone(), on_delete: OnDelete::Restrict };
    let user = || FieldKind::User(to(platform_object::USER));
    let unit = FieldKind::Lookup(to(platform_object::ORG_UNIT));
    let whole = FieldKind::Integer { min: None, max: None };
    Ok(vec![
        Field::system("id", FieldKind::Id, ColumnKind::Id)?,
        Field::system("created_at", FieldKind::DateTime, ColumnKind::DateTime)?,
        Field::system("created_by", user(), ColumnKind::Id)?,
        Field::system("updated_at", FieldKind::DateTime, ColumnKind::DateTime)?,
        Field::system("updated_by", user(), ColumnKind::Id)?,
        Field::system("owner_id", user(), ColumnKind::Id)?,
        Field::system("org_unit_id", unit, ColumnKind::Id)?,
        Field::system("version", whole, ColumnKind::Integer)?,
        Field::system("deleted_at", FieldKind::DateTime, ColumnKind::DateTime)?,
    ])
}
