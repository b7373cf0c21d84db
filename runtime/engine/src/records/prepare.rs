//! From input to drafts: the records of one request with defaults, system fields, before-save rules and formulas in
//! place, not yet written.

use std::collections::HashSet;
use std::sync::Arc;

use trellis_metadata::expression::evaluate;
use trellis_metadata::snapshot::{ChangeKind, DefaultValue, FieldIndex, FieldKind, Object, ObjectIndex, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::RecordInput;
use uuid::Uuid;

use super::draft::Draft;
use super::facts::{RecordFacts, Related};
use super::image::{Image, SharedImage};
use super::transaction::{Authority, Transaction};
use super::{before_save, compute, permit, sequence};
use crate::{Error, Finding, FindingCode};

/// The drafts so far, and what is wrong with the rows themselves.
pub struct Prepared<'d> {
    pub drafts: &'d mut Vec<Draft>,
    pub amiss: &'d mut Vec<Finding>,
    seen: HashSet<(ObjectIndex, Uuid)>,
}

impl<'d> Prepared<'d> {
    pub fn new(drafts: &'d mut Vec<Draft>, amiss: &'d mut Vec<Finding>) -> Self {
        Self { drafts, amiss, seen: HashSet::new() }
    }

    /// A record is named once in a request: of two drafts one would undo the other.
    pub fn add(&mut self, draft: Draft) {
        let id = draft.after.id();
        if !self.seen.insert((draft.object, id)) {
            self.amiss.push(Finding::new(draft.field_pointer("id"), FindingCode::DuplicateId(id)));
        }
        self.drafts.push(draft);
    }
}

/// The record a nested row stands in, and the field that says so.
#[derive(Clone, Copy)]
pub struct Parent<'p> {
    image: &'p Image,
    via: FieldIndex,
}

/// A new record and its nested children, parents first.
pub fn create(
    tx: &Transaction<'_>,
    input: RecordInput,
    pointer: String,
    parent: Option<Parent<'_>>,
    drafts: &mut Prepared<'_>,
) -> Result<Uuid, Error> {
    let object = tx.object(input.object);
    let mut after = Image::empty(object);
    let id = input.id.unwrap_or_else(Uuid::now_v7);
    after.set(system_field::ID, Value::Id(id));
    stamp_new(tx, &mut after);
    if let Some(parent) = parent {
        after.set(parent.via, Value::Id(parent.image.id()));
    }
    let touched = input.values.keys().copied().collect();
    for (field, value) in input.values {
        after.set(field, value);
    }
    inherit_owner(tx, object, &mut after)?;
    fill_defaults(tx, object, &mut after)?;
    let mut draft = Draft { touched, ..Draft::new(input.object, ChangeKind::Create, None, after, pointer) };
    before_save::run(tx, &mut draft)?;
    sequence::number(tx, &mut draft.after, object)?;
    compute::start_rollups(object, &mut draft.after);
    compute::own_formulas(tx, object, None, &mut draft.after)?;
    let image: SharedImage = Arc::new(draft.after.clone());
    tx.remember(input.object, image.clone());
    let base = draft.pointer.clone();
    drafts.add(draft);
    children(tx, object, &image, input.children, &base, drafts)?;
    Ok(id)
}

/// A changed record and its nested children. `expected` is the version the caller read.
pub fn update(
    tx: &Transaction<'_>,
    id: Uuid,
    input: RecordInput,
    expected: Option<i64>,
    pointer: String,
    drafts: &mut Prepared<'_>,
) -> Result<(), Error> {
    let object = tx.object(input.object);
    let before = tx.lock(input.object, id)?.ok_or(Error::NotFound)?;
    if input.id.is_some_and(|given| given != id) {
        drafts.amiss.push(Finding::new(format!("{pointer}/id"), FindingCode::Immutable));
    }
    let mut after = (*before).clone();
    let touched = touched(tx, object, &before, &input)?;
    for (field, value) in input.values {
        after.set(field, value);
    }
    if object.master.is_some_and(|master| before.get(master) != after.get(master)) {
        inherit_owner(tx, object, &mut after)?;
    }
    let draft = Draft::new(input.object, ChangeKind::Update, Some(before.clone()), after, pointer);
    let mut draft = Draft { touched, expected, ..draft };
    // An unchanged record is left alone: who may not change it may still send its lines.
    if !draft.changes().is_empty() {
        before_save::run(tx, &mut draft)?;
        compute::own_formulas(tx, object, Some(&before), &mut draft.after)?;
    }
    let image: SharedImage = Arc::new(draft.after.clone());
    tx.keep_original(input.object, before);
    tx.remember(input.object, image.clone());
    let base = draft.pointer.clone();
    drafts.add(draft);
    children(tx, object, &image, input.children, &base, drafts)
}

/// The fields whose change, or whose sameness, the caller must be allowed to bring about: a value that is there already
/// is nothing to ask about only where he can see it, else he could try values until one is accepted.
fn touched(
    tx: &Transaction<'_>,
    object: &Object,
    before: &Image,
    input: &RecordInput,
) -> Result<Vec<FieldIndex>, Error> {
    let same = |field: FieldIndex| before.get(field) == &input.values[&field];
    if !input.values.keys().any(|field| same(*field)) {
        return Ok(input.values.keys().copied().collect());
    }
    let shown = permit::shown(tx, object, before)?;
    Ok(input.values.keys().copied().filter(|field| !same(*field) || !shown.contains(*field)).collect())
}

fn children(
    tx: &Transaction<'_>,
    parent_object: &Object,
    parent: &SharedImage,
    inputs: Vec<(usize, Vec<trellis_plan::request::ChildInput>)>,
    base: &str,
    drafts: &mut Prepared<'_>,
) -> Result<(), Error> {
    for (collection, rows) in inputs {
        let collection = &parent_object.collections[collection];
        for (position, mut row) in rows.into_iter().enumerate() {
            let pointer = format!("{base}/{}/{position}", collection.name);
            row.record.values.remove(&collection.via);
            let existing = match row.record.id {
                Some(id) => existing_child(tx, collection.object, collection.via, id, parent.id())?,
                None => None,
            };
            match existing {
                Some(child) if row.delete => drafts.add(deletion(tx, collection.object, child, pointer)),
                Some(child) => update(tx, child.id(), row.record, None, pointer, drafts)?,
                None if row.delete => {
                    drafts.amiss.push(Finding::new(format!("{pointer}/id"), FindingCode::UnknownReference));
                }
                None => {
                    create(tx, row.record, pointer, Some(Parent { image: parent, via: collection.via }), drafts)?;
                }
            }
        }
    }
    Ok(())
}

/// The live child with this id, when it belongs to this parent. Another parent's child is as good as missing, and its
/// id is then refused as taken when the row is inserted.
fn existing_child(
    tx: &Transaction<'_>,
    object: ObjectIndex,
    via: FieldIndex,
    id: Uuid,
    parent: Uuid,
) -> Result<Option<SharedImage>, Error> {
    Ok(tx.lock(object, id)?.filter(|child| child.get(via).as_id() == Some(parent)))
}

pub fn deletion(tx: &Transaction<'_>, object: ObjectIndex, before: SharedImage, pointer: String) -> Draft {
    let mut after = (*before).clone();
    after.set(system_field::DELETED_AT, Value::DateTime(tx.caller.now));
    tx.keep_original(object, before.clone());
    // Whatever else the request does can no longer refer to it.
    tx.forget(object, before.id());
    Draft::new(object, ChangeKind::Delete, Some(before), after, pointer)
}

fn stamp_new(tx: &Transaction<'_>, image: &mut Image) {
    let actor = &tx.caller.actor;
    image.set(system_field::CREATED_AT, Value::DateTime(tx.caller.now));
    image.set(system_field::CREATED_BY, Value::Id(actor.user));
    image.set(system_field::UPDATED_AT, Value::DateTime(tx.caller.now));
    image.set(system_field::UPDATED_BY, Value::Id(actor.user));
    image.set(system_field::OWNER_ID, Value::Id(actor.user));
    image.set(system_field::ORG_UNIT_ID, actor.org_unit.map_or(Value::Null, Value::Id));
    image.set(system_field::VERSION, Value::Integer(1));
}

/// A master_detail child takes owner and unit from its parent.
pub(super) fn inherit_owner(tx: &Transaction<'_>, object: &Object, image: &mut Image) -> Result<(), Error> {
    let Some(master) = object.master else { return Ok(()) };
    let (Some(id), Some(relation)) = (image.get(master).as_id(), object.field(master).kind.relation()) else {
        return Ok(());
    };
    if let Some(parent) = tx.load(relation.target, id)? {
        image.set(system_field::OWNER_ID, parent.get(system_field::OWNER_ID).clone());
        image.set(system_field::ORG_UNIT_ID, parent.get(system_field::ORG_UNIT_ID).clone());
    }
    Ok(())
}

fn fill_defaults(tx: &Transaction<'_>, object: &Object, image: &mut Image) -> Result<(), Error> {
    for field in &object.fields {
        let Some(default) = &field.default else { continue };
        if !image.get(field.index).is_null() {
            continue;
        }
        let value = match default {
            DefaultValue::Value(value) => value.clone(),
            DefaultValue::Expression(expression) => {
                let facts = RecordFacts {
                    transaction: tx,
                    object: object.index,
                    before: None,
                    after: image,
                    related: Related::Current,
                };
                compute::fit(field, evaluate(expression, &facts))
            }
        };
        image.set(field.index, value);
    }
    tx.raise_failure()
}

/// Is this the number a sequence gives, not the caller.
pub fn is_auto_number(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::AutoNumber { .. })
}

/// Whether rights are asked at all.
pub fn rights_apply(tx: &Transaction<'_>) -> bool {
    tx.authority == Authority::Caller
}
