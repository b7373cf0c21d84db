//! The pipeline's small reads and writes, each one kept statement.

use std::sync::Arc;

use trellis_metadata::predicate::{CompareOp, FieldPath, Operand, Predicate};
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, system_field};
use trellis_metadata::value::Value;
use trellis_plan::Statement;
use trellis_plan::records::Closure;
use trellis_plan::request::Trash;
use uuid::Uuid;

use super::image::{Image, SharedImage};
use super::transaction::Transaction;
use crate::Error;

impl Transaction<'_> {
    pub(super) fn insert(&self, object: ObjectIndex, image: &Image) -> Result<(), Error> {
        let statement = self.pinned.statements.insert(self.snapshot(), object)?;
        self.execute(&statement, &image.0).map(drop)
    }

    /// Writes `fields` of the image over the row that still has `version`.
    pub(super) fn update(
        &self,
        object: ObjectIndex,
        fields: &[FieldIndex],
        image: &Image,
        version: i64,
    ) -> Result<(), Error> {
        let statement = self.pinned.statements.update(self.snapshot(), object, fields)?;
        self.write_over(&statement, fields, image, version)
    }

    /// As [`Self::update`], of a row in the recycle bin; `fields` take it out of there.
    pub(super) fn unbin(
        &self,
        object: ObjectIndex,
        fields: &[FieldIndex],
        image: &Image,
        version: i64,
    ) -> Result<(), Error> {
        let statement = self.pinned.statements.restore(self.snapshot(), object, fields)?;
        self.write_over(&statement, fields, image, version)
    }

    fn write_over(
        &self,
        statement: &Statement,
        fields: &[FieldIndex],
        image: &Image,
        version: i64,
    ) -> Result<(), Error> {
        let mut slots: Vec<Value> = fields.iter().map(|field| image.get(*field).clone()).collect();
        slots.extend([Value::Id(image.id()), Value::Integer(version)]);
        demand_one(self.execute(statement, &slots)?, image)
    }

    pub(super) fn bin(&self, object: ObjectIndex, image: &Image, version: i64) -> Result<(), Error> {
        let statement = self.pinned.statements.delete(self.snapshot(), object)?;
        let fields =
            [system_field::DELETED_AT, system_field::UPDATED_AT, system_field::UPDATED_BY, system_field::VERSION];
        self.write_over(&statement, &fields, image, version)
    }

    /// Live records whose lookup `via` points at `id`, as this transaction sees them.
    pub fn referrers(&self, object: ObjectIndex, via: FieldIndex, id: Uuid) -> Result<Vec<SharedImage>, Error> {
        let statement = self.pinned.statements.referrers(self.snapshot(), object, via, Trash::Exclude)?;
        self.find_images(object, &statement, id)
    }

    /// What a statement about the record `id` finds, all columns of each.
    pub(super) fn find_images(
        &self,
        object: ObjectIndex,
        statement: &Statement,
        id: Uuid,
    ) -> Result<Vec<SharedImage>, Error> {
        let mut found = Vec::new();
        self.query(statement, &[Value::Id(id)], &mut |row| {
            found.push(Arc::new(Image::from_row(self.object(object), row)?));
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn child_exists(
        &self,
        object: ObjectIndex,
        via: FieldIndex,
        parent: Uuid,
        where_: &Predicate,
    ) -> Result<bool, Error> {
        let condition = Predicate::HasChild { object, via, where_: Box::new(where_.clone()) };
        let parent_object = self.snapshot().field(object, via).kind.relation().map(|relation| relation.target);
        let Some(parent_object) = parent_object else { return Ok(false) };
        let statement = trellis_plan::records::satisfies(
            self.snapshot(),
            self.pinned.dialect,
            parent_object,
            &condition,
            Trash::Exclude,
        )?;
        Ok(self.query(&statement, &[Value::Id(parent)], &mut |_| Ok(()))? > 0)
    }

    /// Ids of all live records of an object.
    pub(super) fn all_ids(&self, object: ObjectIndex) -> Result<Vec<Uuid>, Error> {
        self.ids_where(object, &Predicate::Always(true))
    }

    /// The live record whose field has this value.
    pub fn find_by(&self, object: ObjectIndex, field: FieldIndex, value: &Value) -> Result<Option<Uuid>, Error> {
        let path = FieldPath { object, steps: vec![field] };
        let condition =
            Predicate::Compare { left: Operand::Field(path), op: CompareOp::Eq, right: Operand::Value(value.clone()) };
        Ok(self.ids_where(object, &condition)?.into_iter().next())
    }

    /// The live record whose unique key has these values, whoever may see it.
    pub(super) fn find_by_key(
        &self,
        object: ObjectIndex,
        key: &[FieldIndex],
        values: &[Value],
    ) -> Result<Option<Uuid>, Error> {
        Ok(self.find_all_by_key(object, key, values)?.pop())
    }

    /// The live records that have these values, whoever may see them.
    pub(super) fn find_all_by_key(
        &self,
        object: ObjectIndex,
        key: &[FieldIndex],
        values: &[Value],
    ) -> Result<Vec<Uuid>, Error> {
        let statement = self.pinned.statements.find(self.snapshot(), object, key)?;
        self.find_ids(&statement, values)
    }

    pub(super) fn ids_where(&self, object: ObjectIndex, condition: &Predicate) -> Result<Vec<Uuid>, Error> {
        let statement = trellis_plan::records::ids(self.snapshot(), self.pinned.dialect, object, condition)?;
        self.find_ids(&statement, &[])
    }

    /// The ids a statement finds.
    pub(super) fn find_ids(&self, statement: &Statement, slots: &[Value]) -> Result<Vec<Uuid>, Error> {
        let mut ids = Vec::new();
        self.query(statement, slots, &mut |row| {
            ids.extend(row.cell(0, statement.columns[0])?.to_value().as_id());
            Ok(())
        })?;
        Ok(ids)
    }

    /// Takes the next number of a sequence.
    pub(super) fn take_number(&self, sequence: &str, period: &str) -> Result<i64, Error> {
        let statement = self.pinned.statements.sequence(self.snapshot())?;
        let mut number = None;
        self.query(
            &statement,
            &[Value::text(sequence), Value::text(""), Value::text(period), Value::Integer(1)],
            &mut |row| {
                number = row.cell(0, statement.columns[0])?.to_value().as_integer();
                Ok(())
            },
        )?;
        number.ok_or_else(|| Error::Internal("a sequence gave no number".into()))
    }

    pub(crate) fn in_closure(&self, tree: Closure, above: Uuid, below: Uuid) -> Result<bool, Error> {
        let statement = self.pinned.statements.is_above(self.snapshot(), tree)?;
        Ok(self.query(&statement, &[Value::Id(above), Value::Id(below)], &mut |_| Ok(()))? > 0)
    }
}

/// The row still had the version it was read with.
fn demand_one(count: u64, image: &Image) -> Result<(), Error> {
    if count == 1 { Ok(()) } else { Err(Error::Stale { current: image.version() }) }
}
