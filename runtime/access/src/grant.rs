//! The answer of access: which rows, and which cells of them, for one verb on one object.
//!
//! Nothing reads or writes a record without a grant, and a grant can be built nowhere else. Rows of one rule and
//! fields of another never unite: every cell remembers which rules cover it.

use std::sync::Arc;

use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Verb};

use crate::field_mask::FieldMask;

/// One covering rule: these fields in these rows.
#[derive(Clone, Debug)]
pub struct Coverage {
    pub rows: Arc<Predicate>,
    /// Writes only: the record as it will be.
    pub rows_after: Arc<Predicate>,
    pub fields: FieldMask,
}

/// Permission for one verb on one object. Construct through [`crate::Profile::grant`] or [`Grant::system`].
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) object: ObjectIndex,
    pub(crate) verb: Verb,
    /// Any coverage's rows, denies already subtracted.
    pub(crate) rows: Arc<Predicate>,
    /// Fields at least one coverage names, denies subtracted.
    pub(crate) fields: FieldMask,
    pub(crate) coverages: Arc<[Coverage]>,
}

impl Grant {
    pub fn object(&self) -> ObjectIndex {
        self.object
    }

    pub fn verb(&self) -> Verb {
        self.verb
    }

    pub fn rows(&self) -> &Predicate {
        &self.rows
    }

    pub fn fields(&self) -> &FieldMask {
        &self.fields
    }

    pub fn coverages(&self) -> &[Coverage] {
        &self.coverages
    }

    pub fn covers(&self, field: FieldIndex) -> bool {
        self.fields.contains(field)
    }

    /// The condition under which this cell is visible, or `None` when every granted row shows it.
    pub fn mask(&self, field: FieldIndex) -> Option<Predicate> {
        if self.coverages.iter().all(|coverage| coverage.fields.contains(field)) {
            return None;
        }
        let covering = self.coverages.iter().filter(|coverage| coverage.fields.contains(field));
        Some(covering.fold(Predicate::Always(false), |any, coverage| any.or((*coverage.rows).clone())))
    }

    /// Everything on one object: for the runtime's own duties (roll-ups, sequences, seeds, restore), never for a
    /// caller's request.
    pub fn system(object: ObjectIndex, verb: Verb, field_count: usize) -> Self {
        let everything = Arc::new(Predicate::Always(true));
        let fields = FieldMask::all(field_count);
        let coverage = Coverage { rows: everything.clone(), rows_after: everything.clone(), fields: fields.clone() };
        Self { object, verb, rows: everything, fields, coverages: Arc::new([coverage]) }
    }
}
