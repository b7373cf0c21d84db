//! What a write means for other records: referrers of a deleted record refuse, go along or let go; details take the
//! owner of their master. Works on all drafts of a request, the ones it adds included.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use trellis_metadata::snapshot::{ChangeKind, Collection, ObjectIndex, OnDelete, Verb, system_field};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::draft::Draft;
use super::image::SharedImage;
use super::prepare::{self, rights_apply};
use super::transaction::Transaction;
use crate::{Error, Finding, FindingCode};

/// Adds the drafts that follow from the ones there are. Those a caller asked for have been permitted before, so that a
/// refusal here tells nothing about records he may not touch.
pub fn follow(tx: &Transaction<'_>, drafts: &mut Vec<Draft>) -> Result<(), Error> {
    let open = (0..drafts.len()).collect();
    let places = drafts.iter().enumerate().map(|(at, draft)| ((draft.object, draft.after.id()), at)).collect();
    let mut spread = Spread { tx, drafts, open, places };
    while let Some(at) = spread.open.pop_front() {
        match spread.drafts[at].kind {
            ChangeKind::Delete => spread.release(at)?,
            ChangeKind::Update if changes_owner(&spread.drafts[at]) => spread.hand_over(at)?,
            ChangeKind::Create | ChangeKind::Update => {}
        }
    }
    spread.move_masters()
}

fn changes_owner(draft: &Draft) -> bool {
    draft.changed(system_field::OWNER_ID) || draft.changed(system_field::ORG_UNIT_ID)
}

struct Spread<'d, 't, 'a> {
    tx: &'t Transaction<'a>,
    drafts: &'d mut Vec<Draft>,
    /// Drafts whose consequences are still to be looked at.
    open: VecDeque<usize>,
    places: HashMap<(ObjectIndex, Uuid), usize>,
}

impl Spread<'_, '_, '_> {
    fn release(&mut self, at: usize) -> Result<(), Error> {
        let (object, id) = (self.drafts[at].object, self.drafts[at].after.id());
        let pointer = self.drafts[at].pointer.clone();
        for collection in &self.tx.object(object).collections {
            for referrer in self.tx.referrers(collection.object, collection.via, id)? {
                let known = self.places.get(&(collection.object, referrer.id())).copied();
                if known.is_some_and(|known| self.has_let_go(known, collection, id)) {
                    continue;
                }
                if collection.master_detail || collection.on_delete == OnDelete::Cascade {
                    self.delete(known, collection.object, referrer, &pointer);
                } else if collection.on_delete == OnDelete::SetNull {
                    let at = self.update(known, collection.object, referrer, &pointer);
                    self.set(at, |draft| draft.after.set(collection.via, Value::Null));
                } else {
                    return Err(in_use(self.tx, collection.object, pointer));
                }
            }
        }
        Ok(())
    }

    /// The other draft deletes the referrer or points it elsewhere already.
    fn has_let_go(&self, at: usize, collection: &Collection, id: Uuid) -> bool {
        let draft = &self.drafts[at];
        draft.kind == ChangeKind::Delete || draft.after.get(collection.via).as_id() != Some(id)
    }

    /// Details belong to whom their master belongs.
    fn hand_over(&mut self, at: usize) -> Result<(), Error> {
        let (object, id) = (self.drafts[at].object, self.drafts[at].after.id());
        let pointer = self.drafts[at].pointer.clone();
        let owned = [system_field::OWNER_ID, system_field::ORG_UNIT_ID];
        let values = owned.map(|field| (field, self.drafts[at].after.get(field).clone()));
        for collection in self.tx.object(object).collections.iter().filter(|collection| collection.master_detail) {
            for detail in self.tx.referrers(collection.object, collection.via, id)? {
                let known = self.places.get(&(collection.object, detail.id())).copied();
                if known.is_some_and(|known| self.has_let_go(known, collection, id)) {
                    continue;
                }
                let detail = self.update(known, collection.object, detail, &pointer);
                self.set(detail, |draft| {
                    for (field, value) in &values {
                        draft.after.set(*field, value.clone());
                    }
                });
                self.open.push_back(detail);
            }
        }
        Ok(())
    }

    /// A record moves on when its details do, and so does the one it is itself a detail of.
    fn move_masters(&mut self) -> Result<(), Error> {
        self.open = (0..self.drafts.len()).collect();
        while let Some(at) = self.open.pop_front() {
            for (object, id) in self.masters(at) {
                self.move_master(object, id, at)?;
            }
        }
        Ok(())
    }

    /// The record that this draft's is or was a detail of, where the draft changes anything.
    fn masters(&self, at: usize) -> Vec<(ObjectIndex, Uuid)> {
        let draft = &self.drafts[at];
        let object = self.tx.object(draft.object);
        let relation = object.master.and_then(|master| Some((master, object.field(master).kind.relation()?.target)));
        let Some((master, target)) = relation else { return Vec::new() };
        if draft.kind == ChangeKind::Update && !draft.details_change && draft.changes().is_empty() {
            return Vec::new();
        }
        let images = draft.before.as_deref().into_iter().chain([&draft.after]);
        let mut masters: Vec<_> = images.filter_map(|image| Some((target, image.get(master).as_id()?))).collect();
        masters.dedup();
        masters
    }

    fn move_master(&mut self, object: ObjectIndex, id: Uuid, at: usize) -> Result<(), Error> {
        let place = match self.places.get(&(object, id)) {
            Some(known) => *known,
            None => {
                // Gone in this request or before: nothing is left to move.
                let Some(record) = self.tx.lock(object, id)? else { return Ok(()) };
                let pointer = self.drafts[at].pointer.clone();
                self.update(None, object, record, &pointer)
            }
        };
        let master = &mut self.drafts[place];
        if master.kind == ChangeKind::Update && !std::mem::replace(&mut master.details_change, true) {
            self.open.push_back(place);
        }
        Ok(())
    }

    fn delete(&mut self, known: Option<usize>, object: ObjectIndex, record: SharedImage, pointer: &str) {
        let Some(at) = known else {
            let deletion = prepare::deletion(self.tx, object, record, pointer.to_owned());
            self.add(Draft { consequence: true, ..deletion });
            return;
        };
        // Nothing is left of what the request wanted of it.
        let draft = &self.drafts[at];
        let before = draft.before.clone().unwrap_or(record);
        let deletion = prepare::deletion(self.tx, object, before, draft.pointer.clone());
        self.drafts[at] = Draft { consequence: true, ..deletion };
        self.open.push_back(at);
    }

    /// The place of the draft that changes this record, made where there is none.
    fn update(&mut self, known: Option<usize>, object: ObjectIndex, record: SharedImage, pointer: &str) -> usize {
        if let Some(at) = known {
            return at;
        }
        self.tx.keep_original(object, record.clone());
        let after = (*record).clone();
        let draft = Draft::new(object, ChangeKind::Update, Some(record), after, pointer.to_owned());
        self.add(Draft { consequence: true, ..draft });
        self.drafts.len() - 1
    }

    fn set(&mut self, at: usize, change: impl FnOnce(&mut Draft)) {
        let draft = &mut self.drafts[at];
        change(draft);
        self.tx.remember(draft.object, Arc::new(draft.after.clone()));
    }

    fn add(&mut self, draft: Draft) {
        self.places.insert((draft.object, draft.after.id()), self.drafts.len());
        self.open.push_back(self.drafts.len());
        self.drafts.push(draft);
    }
}

/// The name of an object the caller may not read is not told.
fn in_use(tx: &Transaction<'_>, object: ObjectIndex, pointer: String) -> Error {
    let told = !rights_apply(tx) || tx.caller.profile.may(object, Verb::Read);
    let object = if told { tx.object(object).name.to_string() } else { "…".to_owned() };
    Error::Invalid(vec![Finding::new(pointer, FindingCode::InUse { object })])
}
