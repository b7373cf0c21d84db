//! Formulas and roll-ups: stored columns kept equal to a full recompute, in the transaction of the write.
//!
//! A record's own formulas are evaluated before it is written. What other records depend on it is settled afterwards:
//! a work list ordered by the snapshot's dependency order, each (record, field) computed once, whatever the path.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::evaluate;
use trellis_metadata::field_type::rich_text::SafeHtml;
use trellis_metadata::snapshot::{
    Dependent, Field, FieldIndex, FieldKind, Object, ObjectIndex, Rollup, RollupFunction, Route,
};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::draft::Draft;
use super::facts::{RecordFacts, Related};
use super::image::Image;
use super::sequence;
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
        if matches!(field.kind, FieldKind::Rollup(_)) {
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
        let object = tx.object(draft.object);
        let before = draft.before.as_deref();
        work.enqueue(tx, object, before, &draft.after, &|field| {
            draft.changed(field) || draft.kind != trellis_metadata::snapshot::ChangeKind::Update || draft.is_restore()
        })?;
        // In the bin nobody kept them up to date.
        if draft.is_restore() {
            let own = object.computed.iter().map(|field| (draft.object, *field));
            let item = |(object, field)| (tx.pinned.computed_position(object, field), object, field, draft.after.id());
            work.pending.extend(own.map(item));
        }
    }
    while let Some(item) = work.pending.pop_first() {
        recompute(tx, item, &mut work)?;
    }
    Ok(())
}

/// One computed field of one record, ordered by dependency.
type Item = (usize, ObjectIndex, FieldIndex, Uuid);

#[derive(Default)]
struct WorkList {
    pending: BTreeSet<Item>,
}

impl WorkList {
    /// Adds what depends on the changed fields of a record.
    fn enqueue(
        &mut self,
        tx: &Transaction<'_>,
        object: &Object,
        before: Option<&Image>,
        after: &Image,
        changed: &dyn Fn(FieldIndex) -> bool,
    ) -> Result<(), Error> {
        for dependent in object.dependents.iter().filter(|dependent| changed(dependent.on)) {
            let order = tx.pinned.computed_position(dependent.object, dependent.field);
            for id in reached(tx, dependent, before, after)? {
                self.pending.insert((order, dependent.object, dependent.field, id));
            }
        }
        Ok(())
    }
}

/// The records whose computed field a change feeds.
fn reached(
    tx: &Transaction<'_>,
    dependent: &Dependent,
    before: Option<&Image>,
    after: &Image,
) -> Result<Vec<Uuid>, Error> {
    match dependent.route {
        Route::Same => Ok(vec![after.id()]),
        Route::Target { via } => {
            let mut ids: Vec<Uuid> =
                before.into_iter().chain([after]).filter_map(|image| image.get(via).as_id()).collect();
            ids.dedup();
            Ok(ids)
        }
        Route::Referrers { via } => {
            Ok(tx.referrers(dependent.object, via, after.id())?.iter().map(|image| image.id()).collect())
        }
        Route::ReferrersTarget { object, lookup, via } => {
            let referrers = tx.referrers(object, lookup, after.id())?;
            Ok(referrers.iter().filter_map(|image| image.get(via).as_id()).collect())
        }
    }
}

fn recompute(tx: &Transaction<'_>, (_, object_index, field_index, id): Item, work: &mut WorkList) -> Result<(), Error> {
    let Some(current) = tx.lock(object_index, id)? else { return Ok(()) };
    let object = tx.object(object_index);
    let field = object.field(field_index);
    let value = match &field.kind {
        FieldKind::Rollup(rollup) => total(tx, object_index, field, rollup, id)?,
        FieldKind::AutoNumber { sequence } if current.get(field_index).is_null() => sequence::next(tx, *sequence)?,
        FieldKind::AutoNumber { .. } => return Ok(()),
        _ => formula(tx, object, field, None, &current),
    };
    tx.raise_failure()?;
    if current.get(field_index) == &value {
        return Ok(());
    }
    let mut next = (*current).clone();
    next.set(field_index, value.clone());
    tx.write_computed(object_index, field_index, &current, value)?;
    let next = Arc::new(next);
    tx.keep_original(object_index, current.clone());
    tx.remember(object_index, next.clone());
    work.enqueue(tx, object, Some(&current), &next, &|changed| changed == field_index)
}

/// What the roll-up of a record counts to now.
pub(super) fn total(
    tx: &Transaction<'_>,
    object: ObjectIndex,
    field: &Field,
    rollup: &Rollup,
    id: Uuid,
) -> Result<Value, Error> {
    let counted = tx.rollup(object, field.index, id)?;
    let is_nothing = counted.as_ref().is_some_and(Value::is_null);
    let value = match rollup.function {
        RollupFunction::Sum | RollupFunction::Count if is_nothing => empty_rollup(field),
        _ => fit(field, counted.unwrap_or_default()),
    };
    tx.mark_size((object, id, field.index), !is_nothing && value.is_null());
    Ok(value)
}

/// Computes a field of every live record anew, after a publish added it or changed its expression; numbers that were
/// given stay.
pub fn fill(tx: &Transaction<'_>, object_index: ObjectIndex, field_index: FieldIndex) -> Result<(), Error> {
    let order = tx.pinned.computed_position(object_index, field_index);
    for id in tx.all_ids(object_index)? {
        recompute(tx, (order, object_index, field_index, id), &mut WorkList::default())?;
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
