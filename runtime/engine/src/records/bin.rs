//! The recycle bin. A record comes back with what went in with it, through the pipeline like any other write; it leaves
//! for good with everything that could only come back with it.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use trellis_metadata::snapshot::{
    ChangeKind, Collection, FieldIndex, Object, ObjectIndex, OnDelete, Verb, system_field,
};
use trellis_metadata::value::Value;
use trellis_plan::records::Lock;
use trellis_plan::request::Trash;
use uuid::Uuid;

use super::draft::Draft;
use super::image::{Image, SharedImage};
use super::prepare::{self, Prepared, rights_apply};
use super::save::{Change, save};
use super::transaction::Transaction;
use super::{before_save, compute, journal, permit};
use crate::Error;

impl Transaction<'_> {
    /// The record in the bin.
    pub fn deleted(&self, object: ObjectIndex, id: Uuid) -> Result<Option<SharedImage>, Error> {
        self.load_deleted(object, id, Lock::None)
    }

    /// The record in the bin, locked against other writers.
    pub fn lock_deleted(&self, object: ObjectIndex, id: Uuid) -> Result<Option<SharedImage>, Error> {
        self.load_deleted(object, id, Lock::ForUpdate)
    }

    fn load_deleted(&self, object: ObjectIndex, id: Uuid, lock: Lock) -> Result<Option<SharedImage>, Error> {
        let statement = self.pinned.statements.load(self.snapshot(), object, lock, Trash::Only)?;
        Ok(self.find_images(object, &statement, id)?.pop())
    }

    fn deleted_referrers(&self, object: ObjectIndex, via: FieldIndex, id: Uuid) -> Result<Vec<SharedImage>, Error> {
        let statement = self.pinned.statements.referrers(self.snapshot(), object, via, Trash::Only)?;
        self.find_images(object, &statement, id)
    }
}

/// A record in the bin that belongs to another one there.
struct Gone {
    object: ObjectIndex,
    image: SharedImage,
    pointer: String,
}

/// Which of the records below count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Together {
    /// Those of the same deletion.
    Then,
    /// All that cannot come back without it.
    Ever,
}

/// The record and what lies below it in the bin, masters first.
fn below(
    tx: &Transaction<'_>,
    object: ObjectIndex,
    root: SharedImage,
    pointer: String,
    together: Together,
) -> Result<Vec<Gone>, Error> {
    let moment = root.get(system_field::DELETED_AT).clone();
    let mut seen = HashSet::from([(object, root.id())]);
    let mut set = vec![Gone { object, image: root, pointer }];
    let mut at = 0;
    while let Some(Gone { object, image, pointer }) = set.get(at) {
        let (id, pointer) = (image.id(), pointer.clone());
        for collection in tx.object(*object).collections.iter().filter(|collection| goes_along(collection)) {
            for image in tx.deleted_referrers(collection.object, collection.via, id)? {
                let counts = together == Together::Ever || *image.get(system_field::DELETED_AT) == moment;
                if counts && seen.insert((collection.object, image.id())) {
                    let pointer = pointer_below(tx, &pointer, collection, image.id());
                    set.push(Gone { object: collection.object, image, pointer });
                }
            }
        }
        at += 1;
    }
    Ok(set)
}

fn goes_along(collection: &Collection) -> bool {
    collection.master_detail || collection.on_delete == OnDelete::Cascade
}

/// Records the caller may not read are not named.
fn pointer_below(tx: &Transaction<'_>, above: &str, collection: &Collection, id: Uuid) -> String {
    let told = !rights_apply(tx) || tx.caller.profile.may(collection.object, Verb::Read);
    if told { format!("{above}/{}/{id}", collection.name) } else { above.to_owned() }
}

/// Drafts that bring the record back, and with it what the same deletion took.
pub fn restore(
    tx: &Transaction<'_>,
    (object, id): (ObjectIndex, Uuid),
    expected: Option<i64>,
    pointer: String,
    drafts: &mut Prepared<'_>,
) -> Result<(), Error> {
    let root = tx.lock_deleted(object, id)?.ok_or(Error::NotFound)?;
    let set = below(tx, object, root, pointer, Together::Then)?;
    // Each may refer to another one of them.
    for gone in &set {
        tx.keep_original(gone.object, gone.image.clone());
        tx.remember(gone.object, Arc::new(alive(&gone.image)));
    }
    let mut expected = Some(expected);
    for gone in set {
        let asked = expected.take();
        let draft = returning(tx, gone)?;
        drafts.add(Draft { consequence: asked.is_none(), expected: asked.flatten(), ..draft });
    }
    Ok(())
}

fn alive(image: &Image) -> Image {
    let mut after = image.clone();
    after.set(system_field::DELETED_AT, Value::Null);
    after
}

fn returning(tx: &Transaction<'_>, gone: Gone) -> Result<Draft, Error> {
    let object = tx.object(gone.object);
    let mut after = alive(&gone.image);
    let_go(tx, object, &mut after)?;
    prepare::inherit_owner(tx, object, &mut after)?;
    let mut draft = Draft::new(gone.object, ChangeKind::Update, Some(gone.image.clone()), after, gone.pointer);
    before_save::run(tx, &mut draft)?;
    compute::own_formulas(tx, object, Some(&gone.image), &mut draft.after)?;
    tx.remember(gone.object, Arc::new(draft.after.clone()));
    Ok(draft)
}

/// What was deleted meanwhile is let go of where its deletion would have done so; elsewhere it is missed.
fn let_go(tx: &Transaction<'_>, object: &Object, image: &mut Image) -> Result<(), Error> {
    for field in object.fields.iter().filter(|field| field.writable()) {
        let Some(relation) = field.kind.relation().filter(|relation| relation.on_delete == OnDelete::SetNull) else {
            continue;
        };
        if let Some(id) = image.get(field.index).as_id()
            && tx.load(relation.target, id)?.is_none()
        {
            image.set(field.index, Value::Null);
        }
    }
    Ok(())
}

/// Takes the record, its details, what cascades from it, and their history away for good. A live one is deleted first.
pub fn purge(tx: &Transaction<'_>, object: ObjectIndex, id: Uuid, expected: Option<i64>) -> Result<u64, Error> {
    let live = tx.lock(object, id)?;
    let image = match &live {
        Some(image) => image.clone(),
        None => tx.lock_deleted(object, id)?.ok_or(Error::NotFound)?,
    };
    administers(tx, object, &image)?;
    match expected {
        Some(expected) if expected != image.version() => return Err(Error::Stale { current: image.version() }),
        _ => {}
    }
    let root = if live.is_some() {
        save(tx, Change::Delete { object, id, expected: None })?;
        tx.lock_deleted(object, id)?.ok_or(Error::NotFound)?
    } else {
        image
    };
    let set = below(tx, object, root, String::new(), Together::Ever)?;
    for gone in &set {
        let statement = tx.pinned.statements.purge(tx.snapshot(), gone.object)?;
        tx.execute(&statement, &[Value::Id(gone.image.id())])?;
        journal::forget(tx, gone.object, &gone.image)?;
        let (record, now) = (gone.image.id(), tx.caller.now);
        tx.with_session(|session| Ok(trellis_storage::files::abandon_files(session, record, now)?))?;
    }
    Ok(set.len() as u64)
}

fn administers(tx: &Transaction<'_>, object: ObjectIndex, image: &Image) -> Result<(), Error> {
    let object = tx.object(object);
    if !rights_apply(tx) || permit::permits(tx, object, image, Verb::Administer)? {
        Ok(())
    } else if permit::permits(tx, object, image, Verb::Read)? {
        Err(Error::Forbidden("to remove the record for good"))
    } else {
        Err(Error::NotFound)
    }
}

/// Takes away for good what was deleted before a moment, `limit` records at most and what belongs to them.
pub fn purge_before(
    tx: &Transaction<'_>,
    object: ObjectIndex,
    moment: DateTime<Utc>,
    limit: u64,
) -> Result<u64, Error> {
    let statement = trellis_plan::records::deleted_before(tx.snapshot(), tx.pinned.dialect, object, limit)?;
    let ids = tx.find_ids(&statement, &[Value::DateTime(moment)])?;
    for id in &ids {
        match purge(tx, object, *id, None) {
            // Went with one before it.
            Err(Error::NotFound) => {}
            done => drop(done?),
        }
    }
    Ok(ids.len() as u64)
}
