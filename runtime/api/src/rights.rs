//! What a caller may name. Rows are not decided here: planning demands the grant itself.

use trellis_access::{FieldMask, Grant, Profile};
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Verb};

/// The field sets of one caller, per object and verb.
pub trait Rights {
    /// The fields at least one rule covers for `verb`; `None` without any right, which the caller must not be able to
    /// tell from an object that does not exist.
    fn fields(&self, object: ObjectIndex, verb: Verb) -> Option<&FieldMask>;

    fn may(&self, object: ObjectIndex, verb: Verb) -> bool {
        self.fields(object, verb).is_some()
    }

    fn covers(&self, object: ObjectIndex, field: FieldIndex, verb: Verb) -> bool {
        self.fields(object, verb).is_some_and(|mask| mask.contains(field))
    }
}

impl Rights for Profile {
    fn fields(&self, object: ObjectIndex, verb: Verb) -> Option<&FieldMask> {
        self.grant(object, verb).map(Grant::fields)
    }
}
