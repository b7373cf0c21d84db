//! Formulas and roll-ups: stored columns kept equal to a full recompute, in the transaction of the write.
//!
//! A record's own formulas are evaluated before it is written. What other records depend on it is settled afterwards:
//! a work list ordered by the snapshot's dependency order, each field computed once for all records that need it,
//! whatever the paths that lead to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::{Expression, evaluate};
use trellis_metadata::field_type::rich_text::SafeHtml;
use trellis_metadata::snapshot::{
    ChangeKind, Dependent, Field, FieldIndex, FieldKind, Object, ObjectIndex, Rollup, Route, system_field,
};
use trellis_metadata::value::Value;
use trellis_plan::records::Lock;
use uuid::Uuid;

use super::draft::Draft;
use super::facts::{RecordFacts, Related};
use super::image::{Image, SharedImage};
use super::sequence;
use super::sets::{AT_ONCE, Total};
use super::transaction::Transaction;
use crate::Error;

/// Digits of a decimal that fits a stored column.
const LARGEST: i128 = 999_999_999_999_999_999;

/// The value as the field's column can hold it: decimals rounded half away from zero to its scale, HTML cleaned; what
/// does not fit becomes null.
pub fn fit(field: &Field, value: Value) -> Value {
    match (field.column, value) {
        (ColumnKind::Decimal { scale }, value) => {
            value.as_decimal().map_or(Value::Null, |number| fit_decimal(number, scale))
        }
        (ColumnKind::Integer | ColumnKind::Duration, Value::Decimal(number)) if number.is_integer() => {
            number.try_into().map_or(Value::Null, |whole| fit(field, Value::Integer(whole)))
        }
        (ColumnKind::Text, Value::Text(text)) if matches!(field.kind, FieldKind::RichText(_)) => {
            Value::text(SafeHtml::clean(&text).as_str())
        }
        (ColumnKind::Text, Value::Text(text)) => Value::Text(text),
        (ColumnKind::Integer, value @ Value::Integer(_))
        | (ColumnKind::Duration, value @ Value::Integer(0..))
        | (ColumnKind::Boolean, value @ Value::Boolean(_))
        | (ColumnKind::Date, value @ Value::Date(_))
        | (ColumnKind::DateTime, value @ Value::DateTime(_))
        | (ColumnKind::Time, value @ Value::Time(_))
        | (ColumnKind::Id, value @ Value::Id(_))
        | (ColumnKind::Json, value @ (Value::Json(_) | Value::List(_))) => value,
        _ => Value::Null,
    }
}

fn fit_decimal(number: Decimal, scale: u8) -> Value {
    let mut rounded = number.round_dp_with_strategy(u32::from(scale), RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(u32::from(scale));
    if rounded.mantissa().abs() > LARGEST || rounded.scale() != u32::from(scale) {
        Value::Null
    } else {
        Value::Decimal(rounded)
    }
}

/// A new record has no children yet.
pub fn start_rollups(object: &Object, image: &mut Image) {
    for field in &object.fields {
        if let FieldKind::Rollup(rollup) = &field.kind
            && rollup.function.is_zero_of_nothing()
        {
            image.set(field.index, empty_rollup(field));
        }
    }
}

fn empty_rollup(field: &Field) -> Value {
    match field.column {
        ColumnKind::Decimal { scale } => Value::Decimal(Decimal::new(0, u32::from(scale))),
        _ => Value::Integer(0),
    }
}

/// Evaluates the record's own formulas in dependency order.
pub fn own_formulas(
    tx: &Transaction<'_>,
    object: &Object,
    before: Option<&Image>,
    image: &mut Image,
) -> Result<(), Error> {
    for index in &object.computed {
        let field = object.field(*index);
        if let FieldKind::Formula(_) = &field.kind {
            let value = formula(tx, object, field, before, image);
            image.set(*index, value);
        }
    }
    tx.raise_failure()
}

fn formula(tx: &Transaction<'_>, object: &Object, field: &Field, before: Option<&Image>, image: &Image) -> Value {
    let FieldKind::Formula(formula) = &field.kind else { return Value::Null };
    let facts = RecordFacts { transaction: tx, object: object.index, before, after: image, related: Related::Current };
    tx.take_overflow();
    let exact = evaluate(&formula.expression, &facts);
    let is_number = exact.as_decimal().is_some();
    let value = fit(field, exact);
    tx.mark_size((object.index, image.id(), field.index), tx.take_overflow() || (is_number && value.is_null()));
    value
}

/// Brings every computed field that depends on the written drafts up to date.
pub fn settle(tx: &Transaction<'_>, drafts: &[Draft]) -> Result<(), Error> {
    let mut work = WorkList::default();
    for draft in drafts {
        let change = Change { before: draft.before.as_deref(), after: &draft.after };
        // What refers to a record that comes or goes sees all of it come or go.
        let is_whole = draft.kind != ChangeKind::Update || draft.is_restore();
        for dependent in &tx.object(draft.object).dependents {
            if is_whole || draft.changed(dependent.on) {
                work.note(dependent, change);
            }
        }
        // In the bin nobody kept them up to date.
        if draft.is_restore() {
            for field in &tx.object(draft.object).computed {
                work.add(tx, draft.object, *field, [draft.after.id()]);
            }
        }
    }
    work.reach(tx)?;
    work.finish(tx)
}

#[derive(Clone, Copy)]
struct Change<'c> {
    before: Option<&'c Image>,
    after: &'c Image,
}

/// Records by the computed field they are to be computed for, inputs before users.
#[derive(Default)]
struct WorkList<'s> {
    pending: BTreeMap<(usize, ObjectIndex, FieldIndex), BTreeSet<Uuid>>,
    /// Where changes lead that nobody has followed yet: from these records, by this route.
    open: BTreeMap<&'s Dependent, BTreeSet<Uuid>>,
}

impl<'s> WorkList<'s> {
    fn add(
        &mut self,
        tx: &Transaction<'_>,
        object: ObjectIndex,
        field: FieldIndex,
        ids: impl IntoIterator<Item = Uuid>,
    ) {
        let order = tx.pinned.computed_position(object, field);
        self.pending.entry((order, object, field)).or_default().extend(ids);
    }

    /// Keeps where the change of a record leads for a dependent.
    fn note(&mut self, dependent: &'s Dependent, change: Change<'_>) {
        let Route { back, up } = &dependent.route;
        let starts = self.open.entry(dependent).or_default();
        match up {
            Some(up) if back.is_empty() => {
                let images = change.before.into_iter().chain([change.after]);
                starts.extend(images.filter_map(|image| image.get(*up).as_id()));
            }
            _ => {
                starts.insert(change.after.id());
            }
        }
    }

    /// Follows what was noted to the records that are to be computed, each hop by one statement for all of them.
    fn reach(&mut self, tx: &Transaction<'_>) -> Result<(), Error> {
        for (dependent, mut ids) in std::mem::take(&mut self.open) {
            let Route { back, up } = &dependent.route;
            for (at, hop) in back.iter().enumerate() {
                let wanted = up.filter(|_| at + 1 == back.len()).unwrap_or(system_field::ID);
                ids = tx.reach(*hop, wanted, &ids)?;
            }
            if !ids.is_empty() {
                self.add(tx, dependent.object, dependent.field, ids);
            }
        }
        Ok(())
    }

    fn finish(&mut self, tx: &Transaction<'s>) -> Result<(), Error> {
        while let Some(((_, object, field), ids)) = self.pending.pop_first() {
            let ids: Vec<Uuid> = ids.into_iter().collect();
            for some in ids.chunks(AT_ONCE) {
                self.recompute(tx, object, field, some)?;
            }
            self.reach(tx)?;
        }
        Ok(())
    }

    fn recompute(
        &mut self,
        tx: &Transaction<'s>,
        object_index: ObjectIndex,
        field_index: FieldIndex,
        ids: &[Uuid],
    ) -> Result<(), Error> {
        let object = tx.object(object_index);
        let current = tx.load_all(object_index, ids.iter().copied(), Lock::ForUpdate)?;
        let mut values = values(tx, object, object.field(field_index), &current)?;
        let mut moved = Vec::new();
        for image in current {
            let Some(value) = values.remove(&image.id()).filter(|value| value != image.get(field_index)) else {
                continue;
            };
            let mut next = (*image).clone();
            next.set(field_index, value.clone());
            moved.push((image.id(), value));
            for dependent in object.dependents.iter().filter(|dependent| dependent.on == field_index) {
                self.note(dependent, Change { before: Some(&image), after: &next });
            }
            tx.keep_original(object_index, image);
            tx.remember(object_index, Arc::new(next));
        }
        if moved.is_empty() { Ok(()) } else { tx.set_all(object_index, field_index, &moved) }
    }
}

/// What a computed field of these records comes to now; numbers that were given stay.
pub(super) fn values(
    tx: &Transaction<'_>,
    object: &Object,
    field: &Field,
    images: &[SharedImage],
) -> Result<HashMap<Uuid, Value>, Error> {
    let mut values = HashMap::with_capacity(images.len());
    match &field.kind {
        FieldKind::Rollup(rollup) => {
            let ids: Vec<Uuid> = images.iter().map(|image| image.id()).collect();
            let mut totals = tx.totals(object.index, (field.index, rollup.function), &ids)?;
            let total = |id| (id, total(tx, object, field, rollup, id, totals.remove(&id).unwrap_or_default()));
            values.extend(ids.into_iter().map(total));
        }
        FieldKind::AutoNumber { sequence } => {
            for image in images.iter().filter(|image| image.get(field.index).is_null()) {
                values.insert(image.id(), sequence::next(tx, *sequence)?);
            }
        }
        FieldKind::Formula(written) => {
            look_up(tx, &written.expression, images)?;
            values.extend(images.iter().map(|image| (image.id(), formula(tx, object, field, None, image))));
        }
        _ => {}
    }
    tx.raise_failure()?;
    Ok(values)
}

/// Reads what the paths of an expression cross, for all the records at once.
fn look_up(tx: &Transaction<'_>, expression: &Expression, images: &[SharedImage]) -> Result<(), Error> {
    for (_, path) in expression.paths() {
        let mut object = path.object;
        let mut here = images.to_vec();
        for step in &path.steps[..path.steps.len() - 1] {
            let Some(relation) = tx.snapshot().field(object, *step).kind.relation() else { break };
            object = relation.target;
            here = tx.load_all(object, here.iter().filter_map(|image| image.get(*step).as_id()), Lock::None)?;
        }
    }
    Ok(())
}

fn total(tx: &Transaction<'_>, object: &Object, field: &Field, rollup: &Rollup, id: Uuid, total: Total) -> Value {
    let is_nothing = matches!(total, Total::Nothing);
    let value = match total {
        Total::Nothing if rollup.function.is_zero_of_nothing() => empty_rollup(field),
        Total::Exact(value) => fit(field, value),
        Total::Nothing | Total::TooLarge => Value::Null,
    };
    tx.mark_size((object.index, id, field.index), !is_nothing && value.is_null());
    value
}

/// Computes a field of every live record anew, after a publish added it or changed its expression, and what depends on
/// it; numbers that were given stay.
pub fn fill(tx: &Transaction<'_>, object: ObjectIndex, field: FieldIndex) -> Result<(), Error> {
    for some in tx.all_ids(object)?.chunks(AT_ONCE) {
        let mut work = WorkList::default();
        work.add(tx, object, field, some.iter().copied());
        work.finish(tx)?;
        tx.forget_cached();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use trellis_metadata::snapshot::TextRule;

    use super::*;

    #[test]
    fn computed_values_are_made_to_fit() {
        let text = || FieldKind::RichText(TextRule::default());
        let rows = [
            (text(), ColumnKind::Text, Value::text("<p onclick=x>a</p><script>b</script>"), Value::text("<p>a</p>")),
            (FieldKind::Duration, ColumnKind::Duration, Value::Integer(90), Value::Integer(90)),
            (FieldKind::Duration, ColumnKind::Duration, Value::Decimal(Decimal::new(900, 1)), Value::Integer(90)),
            (FieldKind::Duration, ColumnKind::Duration, Value::Integer(-1), Value::Null),
            (FieldKind::Duration, ColumnKind::Duration, Value::Decimal(Decimal::new(-10, 1)), Value::Null),
            (FieldKind::Rating { max: 5 }, ColumnKind::Integer, Value::Integer(4), Value::Integer(4)),
        ];
        for (kind, column, computed, fitted) in rows {
            let field = Field::plain("sample", kind, column).unwrap();
            assert_eq!(fit(&field, computed), fitted);
        }
    }
}
