//! Names of a request to positions in the snapshot, for one caller.
//!
//! A name the caller may not see is answered with exactly the text of a name that does not exist, and is never
//! suggested.

use trellis_metadata::diagnostic::nearest;
use trellis_metadata::snapshot::{Field, FieldIndex, Object, ObjectIndex, Snapshot, Verb};
use trellis_plan::request::EmbedRelation;

use crate::Rights;
use crate::error_code::ErrorCode;
use crate::problem::FieldError;

/// One object as one caller sees it.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub snapshot: &'a Snapshot,
    pub rights: &'a dyn Rights,
    pub object: &'a Object,
}

impl<'a> Scope<'a> {
    /// `None` without the right to read the object.
    pub fn open(snapshot: &'a Snapshot, rights: &'a dyn Rights, object: &'a Object) -> Option<Self> {
        rights.may(object.index, Verb::Read).then_some(Self { snapshot, rights, object })
    }

    pub fn at(&self, object: ObjectIndex) -> Option<Self> {
        Self::open(self.snapshot, self.rights, self.snapshot.object(object))
    }

    pub fn can_read(&self, field: FieldIndex) -> bool {
        self.rights.covers(self.object.index, field, Verb::Read)
    }

    pub fn readable_fields(&self) -> impl Iterator<Item = &'a Field> {
        let (rights, object) = (self.rights, self.object);
        object.fields.iter().filter(move |field| rights.covers(object.index, field.index, Verb::Read))
    }

    pub fn find_field(&self, name: &str) -> Option<&'a Field> {
        self.object.field_by_name(name).filter(|field| self.can_read(field.index))
    }

    pub fn field(&self, name: &str, pointer: &str) -> Result<&'a Field, FieldError> {
        self.find_field(name).ok_or_else(|| {
            FieldError::new(ErrorCode::UnknownField, pointer)
                .with("object", &self.object.name)
                .with("name", name)
                .suggest(nearest(name, self.readable_fields().map(|field| field.name.as_str())))
        })
    }

    /// A lookup field or a child collection, with what lies behind it.
    pub fn relation(&self, name: &str, pointer: &str) -> Result<(EmbedRelation, Scope<'a>), FieldError> {
        self.lookup(name).or_else(|| self.children(name)).ok_or_else(|| {
            FieldError::new(ErrorCode::UnknownRelation, pointer)
                .with("object", &self.object.name)
                .with("name", name)
                .suggest(nearest(name, self.relation_names()))
        })
    }

    fn lookup(&self, name: &str) -> Option<(EmbedRelation, Scope<'a>)> {
        let field = self.find_field(name)?;
        let target = self.at(field.kind.relation()?.target)?;
        Some((EmbedRelation::One { via: field.index }, target))
    }

    /// Children are found by the value of their lookup, so that field must be readable too.
    fn children(&self, name: &str) -> Option<(EmbedRelation, Scope<'a>)> {
        let collection = self.object.collection(name)?;
        let child = self.at(collection.object)?;
        child.can_read(collection.via).then_some((EmbedRelation::Many { via: collection.via }, child))
    }

    fn relation_names(&self) -> Vec<&'a str> {
        let fields = self.readable_fields().map(|field| field.name.as_str());
        let lookups = fields.filter(|name| self.lookup(name).is_some());
        let collections = self.object.collections.iter().map(|collection| collection.name.as_str());
        lookups.chain(collections.filter(|name| self.children(name).is_some())).collect()
    }
}
