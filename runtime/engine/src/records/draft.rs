//! A record about to be written: as it was, as it will be, and what the caller himself set.

use trellis_metadata::snapshot::{ChangeKind, FieldIndex, ObjectIndex, Verb, system_field};

use super::facts::{RecordFacts, Related};
use super::image::{Image, SharedImage};
use super::transaction::Transaction;

/// Fields that every write changes and that say nothing by themselves.
const STAMPS: [FieldIndex; 3] = [system_field::UPDATED_AT, system_field::UPDATED_BY, system_field::VERSION];

#[derive(Debug)]
pub struct Draft {
    pub object: ObjectIndex,
    pub kind: ChangeKind,
    pub before: Option<SharedImage>,
    pub after: Image,
    /// Fields the caller named; rights are checked for these.
    pub touched: Vec<FieldIndex>,
    /// Where the record stands in the request body: empty, or `/lines/0`.
    pub pointer: String,
    /// Follows from another write (cascade, set null); the caller's right to that one is enough.
    pub consequence: bool,
    /// The version the caller read; another one now refuses the write.
    pub expected: Option<i64>,
    /// Details of this record are written too: it moves on with them, so that two who edit them meet.
    pub details_change: bool,
}

impl Draft {
    /// As the runtime itself would make it, at nobody's word.
    pub fn new(
        object: ObjectIndex,
        kind: ChangeKind,
        before: Option<SharedImage>,
        after: Image,
        pointer: String,
    ) -> Self {
        Self {
            object,
            kind,
            before,
            after,
            touched: Vec::new(),
            pointer,
            consequence: false,
            expected: None,
            details_change: false,
        }
    }

    pub fn changed(&self, field: FieldIndex) -> bool {
        self.before.as_ref().is_none_or(|before| before.get(field) != self.after.get(field))
    }

    /// Fields that differ from before; all that hold a value for a new record.
    pub fn changes(&self) -> Vec<FieldIndex> {
        match &self.before {
            Some(before) => self.after.changes(before).collect(),
            None => (0..self.after.0.len()).map(FieldIndex).filter(|f| !self.after.get(*f).is_null()).collect(),
        }
    }

    /// What expressions about this write see.
    pub fn facts<'t, 'a>(&'t self, tx: &'t Transaction<'a>) -> RecordFacts<'t, 'a> {
        RecordFacts {
            transaction: tx,
            object: self.object,
            before: self.before.as_deref(),
            after: &self.after,
            related: Related::Current,
        }
    }

    /// What the change is about: [`Self::changes`] without the stamps of the write itself.
    pub fn substance(&self) -> Vec<FieldIndex> {
        let mut changes = self.changes();
        changes.retain(|field| !STAMPS.contains(field));
        changes
    }

    /// Here for its details alone: only its stamps move on, if anything does.
    pub fn is_idle(&self) -> bool {
        self.consequence && self.details_change && self.substance().is_empty()
    }

    /// The record comes out of the recycle bin: an update to all who watch, a deletion undone to those who judge.
    pub fn is_restore(&self) -> bool {
        self.kind == ChangeKind::Update && self.changed(system_field::DELETED_AT)
    }

    /// The right it takes. Who may delete may undo it.
    pub fn verb(&self) -> Verb {
        match self.kind {
            ChangeKind::Create => Verb::Create,
            ChangeKind::Update if self.is_restore() => Verb::Delete,
            ChangeKind::Update => Verb::Update,
            ChangeKind::Delete => Verb::Delete,
        }
    }

    pub fn field_pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }
}
