//! Create or update, decided by a declared unique key within the transaction of the write.
//!
//! Whether a record with the key is there is asked of all live records; one that the caller cannot see by that key
//! counts as absent, so that the insert is refused exactly as a plain create would be.

use std::collections::HashMap;

use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::RecordInput;
use uuid::Uuid;

use super::draft::Draft;
use super::image::Image;
use super::permit;
use super::prepare::rights_apply;
use super::save::{Change, Effect, Written};
use super::transaction::Transaction;
use crate::{Error, Finding, FindingCode};

/// A record to create unless one with the same key is there.
#[derive(Clone, Debug)]
pub struct Upsert {
    pub input: RecordInput,
    /// The fields of a declared unique key, or the id alone.
    pub key: Vec<FieldIndex>,
    pub resolution: Resolution,
    /// The version the caller read: then the record has to be there.
    pub expected: Option<i64>,
}

/// What happens to the record that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The fields given change.
    Merge,
    /// It stays as it is.
    Ignore,
}

pub(super) enum Decision {
    Do(Change),
    Ignore(Written),
    Refuse(Vec<Finding>),
}

/// The upserts of one request.
#[derive(Default)]
pub(super) struct Upserts {
    seen: Vec<(ObjectIndex, Vec<Value>, Uuid)>,
    /// Records created because nothing had their key, with that key.
    fresh: HashMap<Uuid, (Vec<FieldIndex>, Vec<Value>)>,
}

/// A record that has the key.
enum Holder {
    None,
    /// There, but not for this caller; or in the recycle bin, where its id stays taken.
    Hidden,
    Shown(Uuid, i64),
}

impl Upserts {
    pub fn decide(&mut self, tx: &Transaction<'_>, upsert: Upsert, pointer: &str) -> Result<Decision, Error> {
        let Upsert { mut input, key, resolution, expected } = upsert;
        let given = |field: &FieldIndex| match *field {
            system_field::ID => input.id.map(Value::Id),
            field => input.values.get(&field).cloned(),
        };
        let Some(values) = key.iter().map(given).collect::<Option<Vec<Value>>>() else {
            return Ok(Decision::Refuse(lacking(tx, &input, &key, pointer)));
        };
        // Nulls are all different.
        if values.iter().any(Value::is_null) {
            return Ok(Decision::Do(Change::Create(input)));
        }
        let repeated = self.seen.iter().find(|(object, seen, _)| *object == input.object && *seen == values);
        match (repeated, resolution) {
            (Some((_, _, id)), Resolution::Ignore) => return Ok(Decision::Ignore(ignored(*id, 0))),
            (Some(_), Resolution::Merge) => return Ok(Decision::Refuse(repeats(tx, &input, &key, pointer))),
            (None, _) => {}
        }
        let id = input.id;
        let fresh = *input.id.get_or_insert_with(Uuid::now_v7);
        self.seen.push((input.object, values.clone(), fresh));
        match holder(tx, input.object, &key, &values)? {
            Holder::None | Holder::Hidden if expected.is_some() => Err(Error::Stale { current: 0 }),
            Holder::None => {
                self.fresh.insert(fresh, (key, values));
                Ok(Decision::Do(Change::Create(input)))
            }
            Holder::Hidden => Ok(Decision::Do(Change::Create(input))),
            Holder::Shown(found, version) if resolution == Resolution::Ignore => {
                Ok(Decision::Ignore(ignored(found, version)))
            }
            Holder::Shown(found, _) if id.is_some_and(|id| id != found) => {
                Ok(Decision::Refuse(vec![Finding::new(format!("{pointer}/id"), FindingCode::Immutable)]))
            }
            Holder::Shown(found, _) => {
                input.id = Some(found);
                Ok(Decision::Do(Change::Update { id: found, expected, input }))
            }
        }
    }

    /// Another transaction wrote the key between the question and the insert: then this one starts over and finds it.
    pub fn is_overtaken(&self, tx: &Transaction<'_>, draft: &Draft, error: &Error) -> bool {
        let Error::Storage(trellis_storage::Error::Unique { index }) = error else { return false };
        let Some((key, values)) = self.fresh.get(&draft.after.id()) else { return false };
        // What runs before the save may have given the record another key than was asked about.
        let is_same = key.iter().zip(values).all(|(field, value)| draft.after.get(*field) == value);
        let object = tx.object(draft.object);
        is_same
            && match tx.pinned.layout.unique_index(index) {
                None => key.as_slice() == [system_field::ID],
                Some((_, unique)) => {
                    let named = |field: &FieldIndex| {
                        unique.columns.iter().any(|column| column.as_str() == object.field(*field).id.as_str())
                    };
                    unique.columns.len() == key.len() && key.iter().all(named)
                }
            }
    }
}

fn ignored(id: Uuid, version: i64) -> Written {
    Written { id, was: version, version, effect: Effect::Ignored }
}

fn holder(tx: &Transaction<'_>, object: ObjectIndex, key: &[FieldIndex], values: &[Value]) -> Result<Holder, Error> {
    let Some(found) = tx.find_by_key(object, key, values)? else { return Ok(Holder::None) };
    let Some(image) = tx.lock(object, found)? else { return Ok(Holder::Hidden) };
    let is_shown = shows(tx, object, key, &image)?;
    Ok(if is_shown { Holder::Shown(found, image.version()) } else { Holder::Hidden })
}

/// The caller could find the record by this key himself.
fn shows(tx: &Transaction<'_>, object: ObjectIndex, key: &[FieldIndex], image: &Image) -> Result<bool, Error> {
    if !rights_apply(tx) {
        return Ok(true);
    }
    for field in key {
        if !permit::reads(tx, tx.object(object), image, *field)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn findings(
    tx: &Transaction<'_>,
    input: &RecordInput,
    pointer: &str,
    fields: &[FieldIndex],
    code: &FindingCode,
) -> Vec<Finding> {
    let name = |field: &FieldIndex| tx.object(input.object).field(*field).name.as_str();
    fields.iter().map(|field| Finding::new(format!("{pointer}/{}", name(field)), code.clone())).collect()
}

/// A key is only looked for where the row holds all of it.
fn lacking(tx: &Transaction<'_>, input: &RecordInput, key: &[FieldIndex], pointer: &str) -> Vec<Finding> {
    let is_absent = |field: &FieldIndex| match *field {
        system_field::ID => input.id.is_none(),
        field => !input.values.contains_key(&field),
    };
    let absent: Vec<FieldIndex> = key.iter().copied().filter(is_absent).collect();
    findings(tx, input, pointer, &absent, &FindingCode::Required)
}

/// Two rows of one request with the same key have no order in which one could win.
fn repeats(tx: &Transaction<'_>, input: &RecordInput, key: &[FieldIndex], pointer: &str) -> Vec<Finding> {
    findings(tx, input, pointer, key, &FindingCode::NotUnique)
}
