//! One write transaction as the pipeline sees it: typed loads with a cache, journal rows, and the caller's identity.
//!
//! Records written in this transaction are read back from the cache, so a child sees its unsaved parent. Evaluation of
//! expressions cannot fail by design; a storage failure met on the way is kept in `failure` and raised afterwards.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, Snapshot};
use trellis_metadata::value::Value;
use trellis_plan::records::Lock;
use trellis_plan::request::Trash;
use trellis_plan::{Row, Statement};
use trellis_storage::Session;
use uuid::Uuid;

use super::image::SharedImage;
use crate::Error;
use crate::caller::Caller;
use crate::tenant::Pinned;

/// Who stands behind a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// A caller's request: every permission, transition and read-only rule applies.
    Caller,
    /// The runtime itself (seeds, workflows acting as the system): rules of the data apply, rights do not.
    System,
}

pub struct Transaction<'a> {
    session: RefCell<&'a mut dyn Session>,
    pub pinned: &'a Pinned,
    pub caller: &'a Caller,
    pub authority: Authority,
    /// How many workflow steps deep this write is; 0 for a person's.
    pub depth: u32,
    /// Events of this transaction start workflows.
    starts_workflows: Cell<bool>,
    /// An event was written that a workflow waits for.
    told: Cell<bool>,
    /// Users, units or roles were written.
    people: Cell<bool>,
    /// Users who are kept out from now on.
    shut_out: RefCell<BTreeSet<Uuid>>,
    /// The tenant may be left without an administrator.
    is_abandoned: Cell<bool>,
    images: RefCell<HashMap<(ObjectIndex, Uuid), Option<SharedImage>>>,
    /// Records as they were before this transaction touched them.
    originals: RefCell<HashMap<(ObjectIndex, Uuid), SharedImage>>,
    failure: RefCell<Option<Error>>,
    /// An evaluation met a number that is too large to keep.
    overflowed: Cell<bool>,
    /// Computed cells whose value is too large, and so null.
    too_large: RefCell<BTreeSet<(ObjectIndex, Uuid, FieldIndex)>>,
}

impl<'a> Transaction<'a> {
    pub fn new(session: &'a mut dyn Session, pinned: &'a Pinned, caller: &'a Caller, authority: Authority) -> Self {
        Self {
            session: RefCell::new(session),
            pinned,
            caller,
            authority,
            depth: 0,
            starts_workflows: Cell::new(true),
            told: Cell::new(false),
            people: Cell::new(false),
            shut_out: RefCell::default(),
            is_abandoned: Cell::new(false),
            images: RefCell::default(),
            originals: RefCell::default(),
            failure: RefCell::default(),
            overflowed: Cell::new(false),
            too_large: RefCell::default(),
        }
    }

    #[must_use]
    pub fn at_depth(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }

    /// What is written from here on starts no workflow: loading of data whose story is over.
    pub fn start_no_workflows(&self) {
        self.starts_workflows.set(false);
    }

    pub(super) fn starts_workflows(&self) -> bool {
        self.starts_workflows.get()
    }

    pub(super) fn tell(&self) {
        self.told.set(true);
    }

    /// Was an event written that a workflow waits for.
    pub(crate) fn has_told(&self) -> bool {
        self.told.get()
    }

    pub(crate) fn change_people(&self) {
        self.people.set(true);
    }

    /// Is who somebody is, or what he may, different after the commit.
    pub(crate) fn has_changed_people(&self) -> bool {
        self.people.get()
    }

    pub(super) fn shut_out(&self, user: Uuid) {
        self.shut_out.borrow_mut().insert(user);
    }

    pub(super) fn are_shut_out(&self) -> Vec<Uuid> {
        self.shut_out.borrow().iter().copied().collect()
    }

    /// From here on the last administrator may go too.
    pub fn abandon(&self) {
        self.is_abandoned.set(true);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned.get()
    }

    /// Whose sessions and tokens end with the commit.
    pub(crate) fn take_shut_out(&self) -> BTreeSet<Uuid> {
        self.shut_out.take()
    }

    /// Goes on in the same database transaction as somebody else. What the two have read is kept apart: write through
    /// one of them only.
    pub fn acting_as<T>(
        &self,
        caller: &Caller,
        authority: Authority,
        depth: u32,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut session = self.session.borrow_mut();
        let acting = Transaction::new(&mut **session, self.pinned, caller, authority).at_depth(depth);
        acting.starts_workflows.set(self.starts_workflows.get());
        let done = job(&acting)?;
        acting.raise_failure()?;
        self.told.set(self.told.get() || acting.told.get());
        self.people.set(self.people.get() || acting.people.get());
        self.shut_out.borrow_mut().append(&mut acting.take_shut_out());
        Ok(done)
    }

    pub fn snapshot(&self) -> &'a Snapshot {
        &self.pinned.snapshot
    }

    pub fn object(&self, index: ObjectIndex) -> &'a Object {
        self.pinned.snapshot.object(index)
    }

    /// The live record as this transaction sees it.
    pub fn load(&self, object: ObjectIndex, id: Uuid) -> Result<Option<SharedImage>, Error> {
        self.load_with(object, id, Lock::None)
    }

    /// The live record, locked against other writers until the transaction ends.
    pub fn lock(&self, object: ObjectIndex, id: Uuid) -> Result<Option<SharedImage>, Error> {
        self.load_with(object, id, Lock::ForUpdate)
    }

    fn load_with(&self, object: ObjectIndex, id: Uuid, lock: Lock) -> Result<Option<SharedImage>, Error> {
        if let Some(known) = self.images.borrow().get(&(object, id)) {
            return Ok(known.clone());
        }
        let statement = self.pinned.statements.load(&self.pinned.snapshot, object, lock, Trash::Exclude)?;
        let found = self.find_images(object, &statement, id)?.pop();
        self.images.borrow_mut().insert((object, id), found.clone());
        Ok(found)
    }

    /// Is it known here already whether there is such a live record.
    pub(super) fn has_met(&self, object: ObjectIndex, id: Uuid) -> bool {
        self.images.borrow().contains_key(&(object, id))
    }

    /// The live record, where it is known here already.
    pub(super) fn met(&self, object: ObjectIndex, id: Uuid) -> Option<SharedImage> {
        self.images.borrow().get(&(object, id)).cloned().flatten()
    }

    /// Makes `image` what later loads of this transaction see.
    pub fn remember(&self, object: ObjectIndex, image: SharedImage) {
        self.images.borrow_mut().insert((object, image.id()), Some(image));
    }

    pub fn forget(&self, object: ObjectIndex, id: Uuid) {
        self.images.borrow_mut().insert((object, id), None);
    }

    /// Drops the cache, for passes over many records.
    pub fn forget_cached(&self) {
        self.images.borrow_mut().clear();
        self.originals.borrow_mut().clear();
    }

    pub fn keep_original(&self, object: ObjectIndex, image: SharedImage) {
        self.originals.borrow_mut().entry((object, image.id())).or_insert(image);
    }

    /// The record before this transaction touched it, else as it is.
    pub fn original(&self, object: ObjectIndex, id: Uuid) -> Result<Option<SharedImage>, Error> {
        if let Some(original) = self.originals.borrow().get(&(object, id)) {
            return Ok(Some(original.clone()));
        }
        self.load(object, id)
    }

    /// For the runtime's own tables.
    pub fn with_session<T>(&self, run: impl FnOnce(&mut dyn Session) -> Result<T, Error>) -> Result<T, Error> {
        run(&mut **self.session.borrow_mut())
    }

    /// Runs `job` behind a mark. What it refuses is taken back, and the transaction can go on; a failure of the storage
    /// ends it.
    pub fn attempt<T>(&self, job: impl FnOnce() -> Result<T, Error>) -> Result<Result<T, Error>, Error> {
        self.with_session(|session| Ok(session.savepoint()?))?;
        let done = job().and_then(|done| self.raise_failure().map(|()| done));
        match done {
            Ok(done) => {
                self.with_session(|session| Ok(session.release_savepoint()?))?;
                Ok(Ok(done))
            }
            Err(error @ (Error::Storage(_) | Error::Internal(_))) => Err(error),
            Err(refused) => {
                self.forget_attempt()?;
                Ok(Err(refused))
            }
        }
    }

    /// Runs `job` and takes back all it wrote.
    pub fn taken_back<T>(&self, job: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.with_session(|session| Ok(session.savepoint()?))?;
        let done = job()?;
        self.forget_attempt()?;
        Ok(done)
    }

    fn forget_attempt(&self) -> Result<(), Error> {
        self.with_session(|session| Ok(session.rollback_to_savepoint()?))?;
        self.forget_cached();
        self.too_large.take();
        self.failure.take();
        Ok(())
    }

    pub fn query(
        &self,
        statement: &Statement,
        slots: &[Value],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let mut failure = None;
        let count = self.session.borrow_mut().query(statement, &self.caller.arguments(slots), &mut |row| {
            if let (None, Err(error)) = (&failure, each(row)) {
                failure = Some(error);
            }
            Ok(())
        })?;
        failure.map_or(Ok(count), Err)
    }

    pub fn execute(&self, statement: &Statement, slots: &[Value]) -> Result<u64, Error> {
        Ok(self.session.borrow_mut().execute(statement, &self.caller.arguments(slots))?)
    }

    pub(super) fn note_overflow(&self) {
        self.overflowed.set(true);
    }

    /// Was a number too large since this was last asked.
    pub(super) fn take_overflow(&self) -> bool {
        self.overflowed.replace(false)
    }

    /// Whether the computed cell holds its value or null for one that is too large.
    pub(super) fn mark_size(&self, cell: (ObjectIndex, Uuid, FieldIndex), is_too_large: bool) {
        if is_too_large {
            self.too_large.borrow_mut().insert(cell);
        } else if !self.too_large.borrow().is_empty() {
            self.too_large.borrow_mut().remove(&cell);
        }
    }

    pub(super) fn too_large(&self) -> BTreeSet<(ObjectIndex, Uuid, FieldIndex)> {
        self.too_large.take()
    }

    /// What was read here has been overtaken: the transaction ends with this error and runs again.
    pub(super) fn give_way(&self) -> Error {
        self.session.borrow_mut().give_way().into()
    }

    /// Keeps the first failure met inside an evaluation.
    pub fn note_failure(&self, error: Error) {
        self.failure.borrow_mut().get_or_insert(error);
    }

    /// Raises what [`Self::note_failure`] kept.
    pub fn raise_failure(&self) -> Result<(), Error> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }
}
