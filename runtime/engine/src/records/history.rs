//! What happened to a record, and what it was. A value is told only to who may read it in the record as it is now and
//! could read it in the record as it was then; computed values are no part of what was written, and left out of images.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use trellis_access::FieldMask;
use trellis_metadata::field_type;
use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, Verb, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::RecordInput;
use trellis_storage::{HistoryEntry, Session};
use uuid::Uuid;

use super::image::{Image, SharedImage};
use super::permit;
use super::prepare::rights_apply;
use super::save::Change;
use super::transaction::Transaction;
use crate::Error;

/// Entries that are walked through; what is older is not told.
const LONGEST: u64 = 10_000;
/// Entries fetched in one go: a page of the newest needs no more.
const BATCH: u64 = 100;

/// Some of a record's history, the newest first.
#[derive(Debug)]
pub struct Past {
    pub versions: Vec<Version>,
    /// There are older ones than this version.
    pub before: Option<i64>,
}

/// One write of the record.
#[derive(Debug)]
pub struct Version {
    pub version: i64,
    pub kind: String,
    pub at: DateTime<Utc>,
    pub actor: Option<Uuid>,
    pub changes: Vec<FieldChange>,
}

#[derive(Debug)]
pub struct FieldChange {
    pub field: FieldIndex,
    pub before: Kept,
    pub after: Kept,
}

/// A value of the past, as far as it is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    Shown(Value),
    Hidden,
}

/// The record as a version left it.
#[derive(Debug)]
pub struct PastImage {
    pub version: i64,
    pub at: Option<DateTime<Utc>>,
    pub actor: Option<Uuid>,
    pub image: Image,
    /// What of it is told.
    pub shown: FieldMask,
}

/// A page of the history: of the versions before `before`, `limit` at most.
pub fn versions(
    tx: &Transaction<'_>,
    object: &Object,
    id: Uuid,
    before: Option<i64>,
    limit: usize,
) -> Result<Past, Error> {
    let mut walk = Walk::start(tx, object, id)?;
    let mut past = Past { versions: Vec::new(), before: None };
    while let Some(step) = walk.step()? {
        if before.is_some_and(|before| step.version >= before) || step.changes.is_empty() {
            continue;
        }
        if past.versions.len() == limit {
            past.before = past.versions.last().map(|last| last.version);
            break;
        }
        past.versions.push(step);
    }
    Ok(past)
}

/// The record as it was at a version.
pub fn image_at(tx: &Transaction<'_>, object: &Object, id: Uuid, version: i64) -> Result<PastImage, Error> {
    let mut walk = Walk::start(tx, object, id)?;
    if version > walk.image.version() {
        return Err(Error::NotFound);
    }
    // What a write did not keep is as the newest one says.
    while walk.newest()?.is_some_and(|entry| entry.version > version.unsigned_abs()) {
        walk.step()?;
    }
    let newest = walk.newest()?.map(|entry| (entry.at, entry.actor));
    if newest.is_none() && version != walk.image.version() {
        return Err(Error::NotFound);
    }
    let (at, actor) = newest.map_or((None, None), |(at, actor)| (Some(at), actor));
    let told_then = walk.told(&walk.image)?;
    if told_then.is_empty() {
        return Err(Error::NotFound);
    }
    let kept = |field: &FieldIndex| {
        let (definition, is_id) = (object.field(*field), *field == system_field::ID);
        (is_id || is_told(*field)) && definition.history && !definition.kind.is_computed()
    };
    let told = walk.told_now.iter().filter(|field| told_then.contains(*field));
    let shown = told.filter(kept).collect();
    Ok(PastImage { version, at, actor, image: walk.image, shown })
}

/// The change that gives a live record its former values back: of the fields named, or of all, those that differ and
/// that the caller sees and may change.
pub fn revert(
    tx: &Transaction<'_>,
    object: ObjectIndex,
    id: Uuid,
    version: i64,
    fields: Option<&BTreeSet<FieldIndex>>,
    expected: Option<i64>,
) -> Result<Change, Error> {
    let object = tx.object(object);
    let current = tx.load(object.index, id)?.ok_or(Error::NotFound)?;
    let past = image_at(tx, object, id, version)?;
    let open = permit::allowed(tx, object, &current, Verb::Update)?;
    if open.is_empty() {
        return Err(Error::Forbidden("to change the record"));
    }
    let wanted = object.fields.iter().filter(|field| {
        let index = field.index;
        field.writable()
            && past.shown.contains(index)
            && open.contains(index)
            && fields.is_none_or(|fields| fields.contains(&index))
            && past.image.get(index) != current.get(index)
            && (!field.immutable || current.get(index).is_null())
    });
    let values: BTreeMap<FieldIndex, Value> =
        wanted.map(|field| (field.index, past.image.get(field.index).clone())).collect();
    let input = RecordInput { object: object.index, id: None, values, children: Vec::new() };
    Ok(Change::Update { id, expected, input })
}

/// Goes back through the history from what the record is now.
struct Walk<'t, 'a> {
    tx: &'t Transaction<'a>,
    object: &'t Object,
    told_now: FieldMask,
    image: Image,
    /// Fetched and not taken back yet, the oldest first.
    entries: Vec<HistoryEntry>,
    /// The oldest that was fetched.
    reached: Option<i64>,
    /// How many may still be fetched.
    left: u64,
}

impl<'t, 'a> Walk<'t, 'a> {
    fn start(tx: &'t Transaction<'a>, object: &'t Object, id: Uuid) -> Result<Self, Error> {
        let image = current(tx, object, id)?;
        let told_now = permit::shown(tx, object, &image)?;
        if told_now.is_empty() {
            return Err(Error::NotFound);
        }
        let image = (*image).clone();
        Ok(Self { tx, object, told_now, image, entries: Vec::new(), reached: None, left: LONGEST })
    }

    /// The newest write that is left.
    fn newest(&mut self) -> Result<Option<&HistoryEntry>, Error> {
        if self.entries.is_empty() && self.left > 0 {
            self.fetch()?;
        }
        Ok(self.entries.last())
    }

    fn fetch(&mut self) -> Result<(), Error> {
        let (object, id, limit) = (self.object.id.as_str(), self.image.id(), self.left.min(BATCH));
        let reached = self.reached;
        let fetch = |session: &mut dyn Session| Ok(trellis_storage::history(session, object, id, reached, limit)?);
        self.entries = self.tx.with_session(fetch)?;
        self.left = if (self.entries.len() as u64) < limit { 0 } else { self.left - limit };
        self.reached = self.entries.last().map(|entry| entry.seq);
        self.entries.reverse();
        Ok(())
    }

    fn told(&self, image: &Image) -> Result<FieldMask, Error> {
        permit::shown(self.tx, self.object, image)
    }

    /// The newest write that is left, taken back from the image.
    fn step(&mut self) -> Result<Option<Version>, Error> {
        self.newest()?;
        let Some(entry) = self.entries.pop() else { return Ok(None) };
        let before = values(self.object, entry.before.as_deref());
        let after = values(self.object, entry.after.as_deref());
        for (field, value) in &after {
            self.image.set(*field, value.clone());
        }
        let told_after = self.told(&self.image)?;
        let fields: BTreeSet<FieldIndex> = before.keys().chain(after.keys()).copied().collect();
        for field in &fields {
            self.image.set(*field, before.get(field).cloned().unwrap_or_default());
        }
        // Before it was made there was nothing to hide.
        let told_before = if entry.before.is_none() { told_after.clone() } else { self.told(&self.image)? };
        let kept = |values: &BTreeMap<FieldIndex, Value>, told: &FieldMask, field: FieldIndex| {
            if told.contains(field) {
                Kept::Shown(values.get(&field).cloned().unwrap_or_default())
            } else {
                Kept::Hidden
            }
        };
        let told = fields.into_iter().filter(|field| is_told(*field) && self.told_now.contains(*field));
        let changes = told.map(|field| FieldChange {
            field,
            before: kept(&before, &told_before, field),
            after: kept(&after, &told_after, field),
        });
        let changes = changes.filter(|change| (&change.before, &change.after) != (&Kept::Hidden, &Kept::Hidden));
        Ok(Some(Version {
            version: i64::try_from(entry.version).unwrap_or(i64::MAX),
            kind: entry.kind,
            at: entry.at,
            actor: entry.actor,
            changes: changes.collect(),
        }))
    }
}

/// The record, or as it lies in the bin for those who may bring it back.
fn current(tx: &Transaction<'_>, object: &Object, id: Uuid) -> Result<SharedImage, Error> {
    if let Some(image) = tx.load(object.index, id)? {
        return Ok(image);
    }
    let deleted = tx.deleted(object.index, id)?.ok_or(Error::NotFound)?;
    let told = !rights_apply(tx) || permit::permits(tx, object, &deleted, Verb::Delete)?;
    if told { Ok(deleted) } else { Err(Error::NotFound) }
}

/// Of the fields the runtime keeps itself, whose the record is; that it is in the bin or out of it.
fn is_told(field: FieldIndex) -> bool {
    let own = [system_field::OWNER_ID, system_field::ORG_UNIT_ID, system_field::DELETED_AT];
    field.0 >= system_field::COUNT || own.contains(&field)
}

/// Values kept by field id, as far as the fields still exist; null where one has changed its kind since.
fn values(object: &Object, text: Option<&str>) -> BTreeMap<FieldIndex, Value> {
    let Some(Json::Object(kept)) = text.and_then(|text| serde_json::from_str(text).ok()) else {
        return BTreeMap::new();
    };
    let value = |(id, json): (String, Json)| {
        let field = object.fields.iter().find(|field| field.id.as_str() == id)?;
        let value = Value::from_json(field.column, &json).unwrap_or_default();
        Some((field.index, field_type::from_stored(field, value)))
    };
    kept.into_iter().filter_map(value).collect()
}
