//! All tenants of this process: opened on demand, kept in memory, brought up to date when another process publishes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;
use parking_lot::{Mutex, RwLock};
use trellis_metadata::document::DocumentSet;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::resolve::resolve;
use trellis_plan::Dialect;
use trellis_plan::tables::Layout;
use trellis_storage::{Pending, Storage, StorageOptions, TenantEntry, TenantHandle};
use uuid::Uuid;

use crate::Error;
use crate::caller::Caller;
use crate::publish;
use crate::records::{Authority, Transaction};
use crate::tenant::{Pinned, Tenant};
use crate::wake::Wake;

/// How often a write is tried when publishes overtake it; storage repeats one that has to give way to another write.
const ATTEMPTS: usize = 6;

pub struct Runtime {
    pub storage: Storage,
    /// Where writes tell of events that wait for workflows.
    pub wake: Arc<Wake>,
    /// Where writes tell of themselves to tenants somebody listens to.
    pub changes: Arc<Wake>,
    tenants: RwLock<HashMap<String, Arc<Tenant>>>,
}

impl Runtime {
    pub fn open(options: StorageOptions) -> Result<Arc<Self>, Error> {
        let storage = Storage::open(options)?;
        Ok(Arc::new(Self { storage, wake: Arc::default(), changes: Arc::default(), tenants: RwLock::default() }))
    }

    /// A new tenant with the platform objects only.
    pub fn create_tenant(&self, name: &str) -> Result<Arc<Tenant>, Error> {
        let name = Identifier::new(name).map_err(|error| Error::BadName(error.to_string()))?;
        self.storage.create_tenant(name.as_str())?;
        let tenant = self.tenant(name.as_str())?;
        publish::found(&tenant)?;
        Ok(tenant)
    }

    pub fn tenant(&self, name: &str) -> Result<Arc<Tenant>, Error> {
        if let Some(tenant) = self.tenants.read().get(name) {
            return Ok(tenant.clone());
        }
        if Identifier::new(name).is_err() {
            return Err(trellis_storage::Error::UnknownTenant.into());
        }
        let handle = self.storage.tenant(name)?;
        let pinned = read_pinned(&handle)?;
        let told = [self.wake.clone(), self.changes.clone()];
        let tenant = Arc::new(Tenant::new(name.to_owned(), handle, pinned, told, self.storage.control().clone()));
        Ok(self.tenants.write().entry(name.to_owned()).or_insert(tenant).clone())
    }

    /// Deletes a tenant with everything in it, for good. No other process may be serving it.
    pub fn delete_tenant(&self, name: &str) -> Result<(), Error> {
        self.tenants.write().remove(name);
        Ok(self.storage.delete_tenant(name)?)
    }

    pub fn tenants(&self) -> Result<Vec<TenantEntry>, Error> {
        Ok(self.storage.tenants()?)
    }

    /// Tenants in memory now.
    pub fn loaded(&self) -> Vec<Arc<Tenant>> {
        self.tenants.read().values().cloned().collect()
    }
}

fn read_pinned(handle: &TenantHandle) -> Result<Pinned, Error> {
    let (revision, layout, documents) = handle.read(publish::load)?;
    pinned_of(handle, revision, layout, documents)
}

fn pinned_of(handle: &TenantHandle, revision: u64, layout: Layout, documents: DocumentSet) -> Result<Pinned, Error> {
    let resolution = resolve(&documents, revision);
    let snapshot = resolution.snapshot.ok_or_else(|| {
        Error::Internal(format!(
            "the stored documents of {} do not resolve: {:?}",
            handle.name(),
            resolution.diagnostics.first()
        ))
    })?;
    let dialect = if handle.is_blocking() { Dialect::Postgres } else { Dialect::Sqlite };
    let layout = layout.with_types_of(&snapshot);
    Ok(Pinned::new(revision, Arc::new(snapshot), Arc::new(documents), layout, dialect))
}

/// What a transaction leaves to do after its commit.
#[derive(Default)]
struct Aftermath {
    /// An event was written that a workflow waits for.
    told: AtomicBool,
    /// Users, units or roles are not what they were.
    people: AtomicBool,
    /// Users whose sessions end.
    shut_out: Mutex<BTreeSet<Uuid>>,
}

/// The write itself is committed: what is left undone is no reason to call it failed.
fn warn_unless(ended: Result<u64, trellis_storage::Error>) {
    if let Err(error) = ended {
        tracing::warn!(%error, "cannot end the sessions of a member who is kept out");
    }
}

impl Tenant {
    /// Looks whether another process published, and follows. True when it did.
    pub fn refresh(&self) -> Result<bool, Error> {
        let current = self.pin().revision;
        let revision = self.handle.read::<_, Error>(|session| Ok(trellis_storage::version(session)?.0))?;
        if revision == current {
            return Ok(false);
        }
        self.swap(Arc::new(read_pinned(&self.handle)?));
        Ok(true)
    }

    /// What was published since, where this request was read by older documents.
    pub fn newer(&self, than: &Pinned) -> Result<Option<Arc<Pinned>>, Error> {
        self.refresh()?;
        Ok(Some(self.pin()).filter(|newest| newest.revision > than.revision))
    }

    /// Runs `job` in one write transaction as the caller, under the documents his request was read by: positions of
    /// objects and fields mean nothing in others. When the tenant was published meanwhile the answer is
    /// [`Error::Republished`] and the request has to be read again. The job may run more than once; only the last run
    /// counts.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        pinned: Arc<Pinned>,
        caller: Caller,
        authority: Authority,
        job: impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let (pending, aftermath) = self.submit(pinned, caller, authority, Arc::new(job));
        let done = pending.await?;
        for ended in self.follow_up(&aftermath) {
            warn_unless(ended.await);
        }
        Ok(done)
    }

    /// As [`Self::write`], waiting on the calling thread, for jobs that look up names as they run: after a publish they
    /// run again under the new documents.
    pub fn write_blocking<T: Send + 'static>(
        self: &Arc<Self>,
        caller: Caller,
        authority: Authority,
        job: impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let job = Arc::new(job);
        for _ in 1..ATTEMPTS {
            match self.attempt_blocking(caller.clone(), authority, job.clone()) {
                Err(Error::Republished) => {}
                done => return done,
            }
        }
        self.attempt_blocking(caller, authority, job)
    }

    fn attempt_blocking<T: Send + 'static>(
        self: &Arc<Self>,
        caller: Caller,
        authority: Authority,
        job: Arc<impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + Sync + 'static>,
    ) -> Result<T, Error> {
        let (pending, aftermath) = self.submit(self.pin(), caller, authority, job);
        let done = pending.wait()?;
        for ended in self.follow_up(&aftermath) {
            warn_unless(ended.wait());
        }
        Ok(done)
    }

    /// Only after the commit: before it there is nothing to see. What is still to be waited for is returned.
    fn follow_up(&self, aftermath: &Aftermath) -> Vec<Pending<u64, trellis_storage::Error>> {
        if aftermath.told.load(Ordering::Relaxed) {
            self.wake.poke(&self.name);
        }
        if aftermath.people.load(Ordering::Relaxed) {
            self.people_changed();
        }
        self.tell_listeners();
        let shut_out = std::mem::take(&mut *aftermath.shut_out.lock());
        let end = |user| self.control.revoke_member(self.handle.id(), user, Utc::now());
        shut_out.into_iter().map(end).collect()
    }

    /// The write on its way, and what is to be done once it is committed.
    fn submit<T: Send + 'static>(
        self: &Arc<Self>,
        pinned: Arc<Pinned>,
        caller: Caller,
        authority: Authority,
        job: Arc<impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + Sync + 'static>,
    ) -> (Pending<T, Error>, Arc<Aftermath>) {
        let tenant = self.clone();
        let caller = caller.under(&pinned);
        let aftermath = Arc::new(Aftermath::default());
        let leaves = aftermath.clone();
        let pending = self.handle.write_repeating(move |session| {
            if trellis_storage::version(session)?.0 != pinned.revision {
                // Read here, where waiting for the database is allowed.
                let (revision, layout, documents) = publish::load(session)?;
                tenant.swap(Arc::new(pinned_of(&tenant.handle, revision, layout, documents)?));
                return Err(Error::Republished);
            }
            let transaction = Transaction::new(session, &pinned, &caller, authority);
            let done = job(&transaction);
            leaves.told.store(transaction.has_told(), Ordering::Relaxed);
            *leaves.shut_out.lock() = transaction.take_shut_out();
            leaves.people.store(transaction.has_changed_people(), Ordering::Relaxed);
            done
        });
        (pending, aftermath)
    }
}
