//! Why something could not be planned.

use trellis_metadata::snapshot::{FieldIndex, ObjectIndex};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The grant was given for another object or verb: a defect of the caller.
    #[error("the grant does not fit the request")]
    Grant,
    /// The caller may not see the field here; to be answered like a field that does not exist.
    #[error("unknown field")]
    HiddenField { object: ObjectIndex, field: FieldIndex },
    /// The caller may not see the object; to be answered like an object that does not exist.
    #[error("unknown object")]
    HiddenObject { object: ObjectIndex },
    /// The field is not a lookup.
    #[error("the field does not point at another object")]
    NotARelation { object: ObjectIndex, field: FieldIndex },
    /// Lists and structures have no order.
    #[error("the field has no order to sort by")]
    NotSortable { object: ObjectIndex, field: FieldIndex },
    /// The continuation does not fit the order keys.
    #[error("the continuation does not belong to this order")]
    Continuation,
    #[error("the pattern is longer than {max} characters or has more than {wildcards} wildcards")]
    Pattern { max: usize, wildcards: usize },
    #[error("the condition is nested too deeply or has too many parts")]
    TooComplex,
    /// The builder answered with something this crate did not put in: a defect.
    #[error("the statement could not be built")]
    Build,
}
