//! What keeping computed values true asks of the database, for many records by one statement.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{FieldIndex, Hop, ObjectIndex, RollupFunction};
use trellis_metadata::value::Value;
use trellis_plan::Row;
use trellis_plan::records::{IdSlots, Lock};
use uuid::Uuid;

use super::image::{Image, SharedImage};
use super::transaction::Transaction;
use crate::Error;

/// Records of one statement.
pub(super) const AT_ONCE: usize = 512;

/// A roll-up over the children that count, before it is made to fit its column.
#[derive(Debug, Default)]
pub(super) enum Total {
    /// No child counts, or none has a value.
    #[default]
    Nothing,
    Exact(Value),
    /// Larger than any number we keep.
    TooLarge,
}

impl Transaction<'_> {
    /// The live ones of these records as this transaction sees them; those it has not met yet are read at once.
    pub(super) fn load_all(
        &self,
        object: ObjectIndex,
        ids: impl IntoIterator<Item = Uuid>,
        lock: Lock,
    ) -> Result<Vec<SharedImage>, Error> {
        let ids: BTreeSet<Uuid> = ids.into_iter().collect();
        let unknown: Vec<Uuid> = ids.iter().copied().filter(|id| !self.has_met(object, *id)).collect();
        for some in unknown.chunks(AT_ONCE) {
            let slots = IdSlots::for_count(some.len());
            let statement = self.pinned.statements.load_all(self.snapshot(), object, lock, slots)?;
            for id in some {
                self.forget(object, *id);
            }
            self.query(&statement, &slots.fill(some), &mut |row| {
                self.remember(object, Arc::new(Image::from_row(self.object(object), row)?));
                Ok(())
            })?;
        }
        Ok(ids.into_iter().filter_map(|id| self.met(object, id)).collect())
    }

    /// What `wanted` is of the live records that point at these by the hop.
    pub(super) fn reach(&self, hop: Hop, wanted: FieldIndex, ids: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, Error> {
        let mut found = BTreeSet::new();
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        for some in ids.chunks(AT_ONCE) {
            let slots = IdSlots::for_count(some.len());
            let statement = self.pinned.statements.reach(self.snapshot(), hop, wanted, slots)?;
            found.extend(self.find_ids(&statement, &slots.fill(some))?);
        }
        Ok(found)
    }

    /// The roll-up of each of these records; those that are missing in the answer have nothing that counts.
    pub(super) fn totals(
        &self,
        object: ObjectIndex,
        (field, function): (FieldIndex, RollupFunction),
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Total>, Error> {
        let slots = IdSlots::for_count(ids.len());
        let statement = self.pinned.statements.rollup(self.snapshot(), object, field, slots)?;
        let mut totals = HashMap::new();
        let asked = self.query(&statement, &slots.fill(ids), &mut |row| {
            if let Some(id) = row.cell(0, statement.columns[0])?.to_value().as_id() {
                let number = |index: usize| number(row, index, &statement.columns);
                let total = match (function, number(1)) {
                    (RollupFunction::Avg, Total::Exact(sum)) => average(&sum, number(2)),
                    (_, total) => total,
                };
                totals.insert(id, total);
            }
            Ok(())
        });
        match asked {
            // Of many, the others are still to be answered.
            Err(Error::Storage(trellis_storage::Error::Overflow)) if ids.len() > 1 => {
                for id in ids {
                    totals.extend(self.totals(object, (field, function), &[*id])?);
                }
            }
            Err(Error::Storage(trellis_storage::Error::Overflow)) => {
                totals.extend(ids.iter().map(|id| (*id, Total::TooLarge)));
            }
            asked => drop(asked?),
        }
        Ok(totals)
    }

    /// Sets a computed field of many records; their versions and the journal stay as they are.
    pub(super) fn set_all(
        &self,
        object: ObjectIndex,
        field: FieldIndex,
        values: &[(Uuid, Value)],
    ) -> Result<(), Error> {
        let pairs = IdSlots::for_count(values.len());
        let statement = self.pinned.statements.set_all(self.snapshot(), object, field, pairs)?;
        let padded = values.iter().chain(values.last().into_iter().cycle()).take(pairs.len());
        let slots: Vec<Value> = padded.flat_map(|(id, value)| [Value::Id(*id), value.clone()]).collect();
        // One that has gone meanwhile: what was read here is no longer so.
        if self.execute(&statement, &slots)? == values.len() as u64 { Ok(()) } else { Err(self.give_way()) }
    }
}

fn number(row: &dyn Row, index: usize, kinds: &[ColumnKind]) -> Total {
    match row.cell(index, kinds[index]).map(trellis_plan::Cell::to_value) {
        Err(_) => Total::TooLarge,
        Ok(Value::Null) => Total::Nothing,
        Ok(value) => Total::Exact(value),
    }
}

/// Not rounded to the field's digits yet.
fn average(sum: &Value, count: Total) -> Total {
    let Total::Exact(count) = count else { return count };
    let average = sum.as_decimal().zip(count.as_decimal()).and_then(|(sum, count)| sum.checked_div(count));
    average.map_or(Total::TooLarge, |average| Total::Exact(Value::Decimal(average)))
}
