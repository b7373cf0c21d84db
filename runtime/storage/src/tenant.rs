//! One tenant's database, as the engine holds it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::database::Database;
use crate::{Error, Pending, Placement, Session};

/// A line of the tenant directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantEntry {
    pub id: Uuid,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub placement: Placement,
}

/// Cheap to clone; all clones share one writer.
#[derive(Clone)]
pub struct TenantHandle {
    entry: Arc<TenantEntry>,
    database: Database,
    /// What each read may take, where anything is to be counted.
    steps: Option<u64>,
}

impl TenantHandle {
    pub(crate) fn new(entry: TenantEntry, database: Database) -> Self {
        Self { entry: Arc::new(entry), database, steps: None }
    }

    pub fn id(&self) -> Uuid {
        self.entry.id
    }

    pub fn name(&self) -> &str {
        &self.entry.name
    }

    pub fn entry(&self) -> &TenantEntry {
        &self.entry
    }

    /// True where [`read`](Self::read) waits for the network: then it may only be called where blocking is allowed.
    pub fn is_blocking(&self) -> bool {
        self.database.is_blocking()
    }

    /// Runs `job` on one consistent, read-only view.
    pub fn read<T, E: From<Error>>(&self, job: impl FnOnce(&mut dyn Session) -> Result<T, E>) -> Result<T, E> {
        self.database.read(self.steps, job)
    }

    /// The same tenant, where each read is stopped with [`Error::Budget`] after about `steps` virtual machine steps, so
    /// that a request thread can try first and hand a long read to a thread that may take its time. Only SQLite counts.
    #[must_use]
    pub fn bounded(&self, steps: u64) -> Self {
        Self { steps: Some(steps), ..self.clone() }
    }

    /// Runs `job` in a transaction and answers after the commit; an `Err` gives back everything the job wrote.
    ///
    /// The job must not wait for another write of the same tenant. [`Error::Busy`] means that the same job may
    /// succeed when run again: on PostgreSQL transactions are serializable and may have to give way.
    pub fn write<T, E>(&self, job: impl FnOnce(&mut dyn Session) -> Result<T, E> + Send + 'static) -> Pending<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.database.write(false, job)
    }

    /// As [`write`](Self::write) for a job that can start over: where it has to give way to another transaction it is
    /// run again, several times, before [`Error::Busy`] is answered.
    pub fn write_repeating<T, E>(
        &self,
        job: impl FnMut(&mut dyn Session) -> Result<T, E> + Send + 'static,
    ) -> Pending<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.database.write_repeating(job)
    }

    /// As [`write`](Self::write), with no other write beside it and no time limit: schema changes.
    pub fn write_exclusive<T, E>(
        &self,
        job: impl FnOnce(&mut dyn Session) -> Result<T, E> + Send + 'static,
    ) -> Pending<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.database.write(true, job)
    }
}
