//! What a caller could do with a record now, asked ahead so that pages offer what works. The pipeline asks again.

use trellis_access::FieldMask;
use trellis_metadata::expression::is_true;
use trellis_metadata::predicate::holds;
use trellis_metadata::snapshot::{FieldIndex, Object, Transition, Verb};
use trellis_metadata::value::Value;

use super::check::may_take;
use super::facts::{RecordFacts, Related};
use super::image::Image;
use super::prepare::rights_apply;
use super::transaction::Transaction;
use crate::Error;

/// May the caller do this with the record as it is.
pub fn permits(tx: &Transaction<'_>, object: &Object, image: &Image, verb: Verb) -> Result<bool, Error> {
    let Some(grant) = tx.caller.profile.grant(object.index, verb) else { return Ok(false) };
    let facts =
        RecordFacts { transaction: tx, object: object.index, before: None, after: image, related: Related::Current };
    let permitted = grant.coverages().iter().any(|coverage| holds(&coverage.rows, &facts) == Some(true));
    tx.raise_failure()?;
    Ok(permitted)
}

/// May the caller read this field of the record as it is: one rule must cover both.
pub fn reads(tx: &Transaction<'_>, object: &Object, image: &Image, field: FieldIndex) -> Result<bool, Error> {
    let Some(grant) = tx.caller.profile.grant(object.index, Verb::Read) else { return Ok(false) };
    let facts =
        RecordFacts { transaction: tx, object: object.index, before: None, after: image, related: Related::Current };
    let mut covering = grant.coverages().iter().filter(|coverage| coverage.fields.contains(field));
    let readable = covering.any(|coverage| holds(&coverage.rows, &facts) == Some(true));
    tx.raise_failure()?;
    Ok(readable)
}

/// The cells of this record, as it was before the transaction, that the caller may read.
pub fn shown(tx: &Transaction<'_>, object: &Object, image: &Image) -> Result<FieldMask, Error> {
    allowed(tx, object, image, Verb::Read)
}

/// The cells of this record that the caller may do this with.
pub fn allowed(tx: &Transaction<'_>, object: &Object, image: &Image, verb: Verb) -> Result<FieldMask, Error> {
    if !rights_apply(tx) {
        return Ok(FieldMask::all(object.fields.len()));
    }
    let mut shown = FieldMask::default();
    let Some(grant) = tx.caller.profile.grant(object.index, verb) else { return Ok(shown) };
    let facts =
        RecordFacts { transaction: tx, object: object.index, before: None, after: image, related: Related::Original };
    for coverage in grant.coverages().iter().filter(|coverage| holds(&coverage.rows, &facts) == Some(true)) {
        shown.union(&coverage.fields);
    }
    tx.raise_failure()?;
    Ok(shown)
}

/// Transitions the caller may take from the record's state.
pub fn transitions<'s>(tx: &Transaction<'_>, object: &'s Object, image: &Image) -> Result<Vec<&'s Transition>, Error> {
    let Some(machine) = &object.state_machine else { return Ok(Vec::new()) };
    let Some(from) = image.get(machine.field).as_text() else { return Ok(Vec::new()) };
    let leaving = machine.transitions.iter().filter(|transition| transition.from.iter().any(|state| &**state == from));
    let mut open = Vec::new();
    for transition in leaving {
        if may_move(tx, object, image, machine.field, transition)? {
            open.push(transition);
        }
    }
    Ok(open)
}

fn may_move(
    tx: &Transaction<'_>,
    object: &Object,
    image: &Image,
    field: FieldIndex,
    transition: &Transition,
) -> Result<bool, Error> {
    let Some(grant) = tx.caller.profile.grant(object.index, Verb::Update) else { return Ok(false) };
    if !transition.roles.is_empty() && !may_take(tx, &transition.roles) {
        return Ok(false);
    }
    let mut moved = image.clone();
    moved.set(field, Value::Text(transition.to.clone()));
    let now =
        RecordFacts { transaction: tx, object: object.index, before: None, after: image, related: Related::Current };
    let then = RecordFacts { before: Some(image), after: &moved, ..now };
    let permitted = grant.coverages().iter().any(|coverage| {
        coverage.fields.contains(field)
            && holds(&coverage.rows, &now) == Some(true)
            && holds(&coverage.rows_after, &then) == Some(true)
    }) && transition.when.as_ref().is_none_or(|when| is_true(when, &then));
    tx.raise_failure()?;
    Ok(permitted)
}
