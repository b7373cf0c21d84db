//! One tenant in memory: where its data is, and what its documents resolve to at this moment.
//!
//! A request pins one [`Pinned`] and keeps it to its end; publish swaps the pointer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use parking_lot::RwLock;
use trellis_access::Profile;
use trellis_metadata::document::DocumentSet;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{ChangeKind, FieldIndex, ObjectIndex, Revision, Snapshot, Timing};
use trellis_plan::Dialect;
use trellis_plan::tables::Layout;
use trellis_storage::{Control, TenantHandle};

use crate::records::{Plans, Statements};
use crate::wake::Wake;

pub struct Tenant {
    pub name: String,
    pub handle: TenantHandle,
    pub(crate) wake: Arc<Wake>,
    /// Told of every write while somebody listens.
    changes: Arc<Wake>,
    listeners: AtomicUsize,
    /// Where the sessions of its members are.
    pub(crate) control: Control,
    /// Counts the changes to users, units and roles that this process made.
    people: AtomicU64,
    current: ArcSwap<Pinned>,
}

/// Everything that is fixed between two publishes.
pub struct Pinned {
    pub revision: Revision,
    pub snapshot: Arc<Snapshot>,
    pub documents: Arc<DocumentSet>,
    pub layout: Layout,
    pub dialect: Dialect,
    pub statements: Statements,
    pub plans: Plans,
    profiles: RwLock<HashMap<Vec<Identifier>, Arc<Profile>>>,
    /// Place of every computed field in the evaluation order.
    computed: HashMap<(ObjectIndex, FieldIndex), usize>,
    /// Changes that workflows wait for.
    awaited: HashSet<(ObjectIndex, ChangeKind)>,
}

impl Pinned {
    pub fn new(
        revision: Revision,
        snapshot: Arc<Snapshot>,
        documents: Arc<DocumentSet>,
        layout: Layout,
        dialect: Dialect,
    ) -> Self {
        let computed = snapshot.computed_order.iter().enumerate().map(|(place, field)| (*field, place)).collect();
        let statements = Statements::new(dialect);
        let after_commit = snapshot.workflows.iter().filter(|workflow| workflow.timing == Timing::AfterCommit);
        let awaited =
            after_commit.flat_map(|workflow| workflow.events.iter().map(|kind| (workflow.object, *kind))).collect();
        let (plans, profiles) = (Plans::default(), RwLock::default());
        Self { revision, snapshot, documents, layout, dialect, statements, plans, profiles, computed, awaited }
    }

    /// Does any workflow start after such a change is committed.
    pub fn is_awaited(&self, object: ObjectIndex, kind: ChangeKind) -> bool {
        self.awaited.contains(&(object, kind))
    }

    /// Inputs come before what is computed from them.
    pub fn computed_position(&self, object: ObjectIndex, field: FieldIndex) -> usize {
        self.computed.get(&(object, field)).copied().unwrap_or_default()
    }

    /// The compiled permissions of a role set; compiled once per publish.
    pub fn profile(&self, roles: &[Identifier]) -> Arc<Profile> {
        if let Some(profile) = self.profiles.read().get(roles) {
            return profile.clone();
        }
        let profile = Arc::new(Profile::compile(&self.snapshot, roles));
        self.profiles.write().entry(roles.to_vec()).or_insert(profile).clone()
    }
}

impl Tenant {
    /// `wake` is told of events that wait for workflows, `changes` of all that somebody listens to.
    pub(crate) fn new(
        name: String,
        handle: TenantHandle,
        pinned: Pinned,
        [wake, changes]: [Arc<Wake>; 2],
        control: Control,
    ) -> Self {
        let current = ArcSwap::from_pointee(pinned);
        let (people, listeners) = (AtomicU64::default(), AtomicUsize::default());
        Self { name, handle, wake, changes, listeners, control, people, current }
    }

    /// From now on [`Runtime::changes`](crate::Runtime::changes) is told of the writes of this process.
    pub fn listen(self: &Arc<Self>) -> Listening {
        self.listeners.fetch_add(1, Ordering::AcqRel);
        Listening(self.clone())
    }

    pub(crate) fn tell_listeners(&self) {
        if self.listeners.load(Ordering::Acquire) > 0 {
            self.changes.poke(&self.name);
        }
    }

    pub fn pin(&self) -> Arc<Pinned> {
        self.current.load_full()
    }

    /// Another number means that who somebody is, or what he may, can be different now.
    pub fn people(&self) -> u64 {
        self.people.load(Ordering::Acquire)
    }

    pub(crate) fn people_changed(&self) {
        self.people.fetch_add(1, Ordering::Release);
    }

    /// Makes `next` what later requests pin; an older revision never replaces a newer one.
    pub fn swap(&self, next: Arc<Pinned>) -> Arc<Pinned> {
        self.current.rcu(|current| if current.revision > next.revision { current.clone() } else { next.clone() });
        self.pin()
    }
}

/// Somebody listens to a tenant until this is dropped.
pub struct Listening(Arc<Tenant>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::AcqRel);
    }
}
