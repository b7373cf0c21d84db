//! Records as somebody sees them: through the read gate, with the cells his rights leave.

use std::collections::BTreeMap;

use trellis_metadata::predicate::{CompareOp, FieldPath, Operand, Predicate};
use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, Verb, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::{MAX_LIMIT, SelectColumn, SelectRequest, Trash};
use uuid::Uuid;

use crate::records::{Reader, Transaction};
use crate::{Caller, Error};

/// Somebody looking, inside a transaction that is open already.
pub struct Look<'l, 'a> {
    pub tx: &'l Transaction<'a>,
    pub caller: &'l Caller,
}

/// The readable cells of one record; a field that no right covers has none.
pub struct Seen {
    pub id: Uuid,
    pub cells: BTreeMap<FieldIndex, Value>,
}

impl Look<'_, '_> {
    pub fn record(&self, object: ObjectIndex, id: Uuid, fields: &[FieldIndex]) -> Result<Option<Seen>, Error> {
        let found = self.list(object, equals(object, system_field::ID, Value::Id(id)), fields)?;
        Ok(found.into_iter().next())
    }

    /// Records that meet the condition, oldest first.
    pub fn list(&self, object: ObjectIndex, filter: Predicate, fields: &[FieldIndex]) -> Result<Vec<Seen>, Error> {
        let object = self.tx.object(object);
        let Some(grant) = self.caller.profile.grant(object.index, Verb::Read) else { return Ok(Vec::new()) };
        let mut columns: Vec<FieldIndex> = fields.iter().copied().filter(|field| grant.covers(*field)).collect();
        columns.sort_unstable();
        columns.dedup();
        let request = request(object, &columns, filter);
        let reader = Reader::new(self.tx.pinned, self.caller);
        let page = self.tx.with_session(|session| reader.list(session, &request))?;
        let seen = page.rows.iter().map(|row| {
            let cells = columns.iter().zip(&page.plan.columns).map(|(field, column)| (*field, row.value(column.index)));
            Some(Seen { id: row.value(page.plan.id).as_id()?, cells: cells.collect() })
        });
        Ok(seen.flatten().collect())
    }
}

fn request(object: &Object, columns: &[FieldIndex], filter: Predicate) -> SelectRequest {
    let named = |field: &FieldIndex| SelectColumn { field: *field, name: object.field(*field).name.to_string() };
    SelectRequest {
        object: object.index,
        columns: columns.iter().map(named).collect(),
        embeds: Vec::new(),
        filter,
        order: Vec::new(),
        limit: MAX_LIMIT,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    }
}

pub fn equals(object: ObjectIndex, field: FieldIndex, value: Value) -> Predicate {
    let field = Operand::Field(FieldPath { object, steps: vec![field] });
    match value {
        Value::Null => Predicate::IsNull(field),
        value => Predicate::Compare { left: field, op: CompareOp::Eq, right: Operand::Value(value) },
    }
}
