//! A whole record in memory: one value per field of its object, by position.

use std::sync::Arc;

use trellis_metadata::field_type;
use trellis_metadata::snapshot::{Field, FieldIndex, Object, system_field};
use trellis_metadata::value::Value;
use trellis_plan::Row;
use uuid::Uuid;

use crate::Error;

#[derive(Clone, Debug, PartialEq)]
pub struct Image(pub Vec<Value>);

impl Image {
    pub fn empty(object: &Object) -> Self {
        Self(vec![Value::Null; object.fields.len()])
    }

    /// Reads a row whose columns are the object's fields in order.
    pub fn from_row(object: &Object, row: &dyn Row) -> Result<Self, Error> {
        let cell =
            |(i, field): (usize, &Field)| Ok(field_type::from_stored(field, row.cell(i, field.column)?.to_value()));
        let cells = object.fields.iter().enumerate().map(cell);
        Ok(Self(cells.collect::<Result<_, Error>>()?))
    }

    /// Reads what the journal wrote: canonical JSON by field id. Fields that have gone or changed their kind since are
    /// null.
    pub fn from_journal(object: &Object, json: &serde_json::Value) -> Self {
        let value = |field: &Field| {
            let written = Value::from_json(field.column, json.get(field.id.as_str())?)?;
            Some(field_type::from_stored(field, written))
        };
        Self(object.fields.iter().map(|field| value(field).unwrap_or_default()).collect())
    }

    pub fn get(&self, field: FieldIndex) -> &Value {
        &self.0[field.0]
    }

    pub fn set(&mut self, field: FieldIndex, value: Value) {
        self.0[field.0] = value;
    }

    pub fn id(&self) -> Uuid {
        self.get(system_field::ID).as_id().unwrap_or_default()
    }

    pub fn version(&self) -> i64 {
        self.get(system_field::VERSION).as_integer().unwrap_or_default()
    }

    /// Fields whose value differs.
    pub fn changes<'a>(&'a self, before: &'a Image) -> impl Iterator<Item = FieldIndex> + 'a {
        self.0.iter().zip(&before.0).enumerate().filter(|(_, (a, b))| a != b).map(|(i, _)| FieldIndex(i))
    }
}

pub type SharedImage = Arc<Image>;
