//! The one intermediate form that REST, forms, import, workflow and plugins lower to.
//!
//! Names are already resolved to positions and refused where the caller may not see them; planning still demands the
//! grant and checks again.

use std::collections::BTreeMap;

use trellis_metadata::predicate::{CompareOp, FieldPath, Operand, Predicate};
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, system_field};
use trellis_metadata::value::Value;
use uuid::Uuid;

mod totals;

pub use totals::{
    Bucket, Having, MAX_DIGITS, MAX_GROUPS, Measure, TotalColumn, TotalOrder, TotalSource, TotalsRequest,
};

/// Read rows of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectRequest {
    pub object: ObjectIndex,
    pub columns: Vec<SelectColumn>,
    pub embeds: Vec<Embed>,
    pub filter: Predicate,
    /// The id is always appended as the last key, so that order is total.
    pub order: Vec<OrderKey>,
    /// At most [`MAX_LIMIT`].
    pub limit: u32,
    /// At most [`MAX_OFFSET`].
    pub offset: u32,
    /// Values of the order keys (then the id) of the last row of the page before.
    pub after: Option<Vec<Value>>,
    pub trash: Trash,
}

impl SelectRequest {
    /// The same, of this record alone.
    #[must_use]
    pub fn only(self, id: Uuid) -> Self {
        let (left, right) = (self.id(), Operand::Value(Value::Id(id)));
        self.and(Predicate::Compare { left, op: CompareOp::Eq, right })
    }

    /// The same, of these records alone.
    #[must_use]
    pub fn among(self, ids: &[Uuid]) -> Self {
        let (left, items) = (self.id(), ids.iter().map(|id| Operand::Value(Value::Id(*id))).collect());
        self.and(Predicate::In { left, items })
    }

    fn id(&self) -> Operand {
        Operand::Field(FieldPath { object: self.object, steps: vec![system_field::ID] })
    }

    fn and(mut self, named: Predicate) -> Self {
        self.filter = Predicate::And(vec![named, self.filter]);
        self
    }
}

pub const DEFAULT_LIMIT: u32 = 100;
pub const MAX_LIMIT: u32 = 1_000;
pub const MAX_OFFSET: u32 = 10_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trash {
    /// Live records only.
    #[default]
    Exclude,
    Only,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectColumn {
    pub field: FieldIndex,
    /// The name in the answer: the field's, or the caller's alias.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderKey {
    pub field: FieldIndex,
    pub descending: bool,
    pub nulls: Nulls,
}

/// Where nulls sort; the default follows PostgREST: last ascending, first descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

/// A related object inside each row, read through its own grant by a second statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Embed {
    pub name: String,
    pub relation: EmbedRelation,
    /// `limit` counts per parent row for collections.
    pub request: Box<SelectRequest>,
    /// `lines(count())`: only how many there are, under this name.
    pub count: Option<String>,
    /// `!inner`: parents without a match are left out.
    pub inner: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedRelation {
    /// One record: this row's lookup `via`.
    One { via: FieldIndex },
    /// Many records: those whose lookup `via` points at this row.
    Many { via: FieldIndex },
}

/// A write of one record, children included; the pipeline in `engine` carries it out.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordInput {
    pub object: ObjectIndex,
    /// Chosen by the client on create, else minted.
    pub id: Option<Uuid>,
    /// Typed and range-checked by the field types; computed and system fields never appear.
    pub values: BTreeMap<FieldIndex, Value>,
    /// `{ "lines": [ … ] }`: position in `Object::collections` → the rows to write.
    pub children: Vec<(usize, Vec<ChildInput>)>,
}

/// A nested row: with an id it updates that child, without it creates one; children not named stay as they are
/// unless `delete` is set.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildInput {
    pub record: RecordInput,
    pub delete: bool,
}
