//! The whole store: the control plane and the tenants' databases.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{SubsecRound, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::backend::Backend;
use crate::control::Control;
use crate::files::{self, FILES, Folder, Incoming, Store};
use crate::{Error, TenantEntry, TenantHandle, system};

#[derive(Clone, Debug)]
pub struct StorageOptions {
    /// Where the SQLite files live; made when missing. Unused with a `database_url`.
    pub data: PathBuf,
    /// A PostgreSQL URL; none means SQLite.
    pub database_url: Option<String>,
    /// What one statement of a read may take.
    pub read_deadline: Duration,
    /// What one statement of a write may take; schema changes take as long as they need.
    pub write_deadline: Duration,
    /// PostgreSQL connections.
    pub connections: u32,
}

impl StorageOptions {
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            database_url: None,
            read_deadline: Duration::from_secs(5),
            write_deadline: Duration::from_secs(30),
            connections: 16,
        }
    }

    #[must_use]
    pub fn with_database_url(mut self, url: Option<String>) -> Self {
        self.database_url = url;
        self
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    backend: Backend,
    control: Control,
    files: Arc<dyn Store>,
    tenants: Mutex<HashMap<Uuid, TenantHandle>>,
}

impl Storage {
    /// Opens the store, making what is missing. Blocks; not for async tasks.
    pub fn open(options: StorageOptions) -> Result<Self, Error> {
        let backend = Backend::open(options)?;
        let control = Control::open(backend.control()?, backend.data())?;
        let files = Arc::new(Folder::new(backend.data().join(FILES)));
        Ok(Self(Arc::new(Inner { backend, control, files, tenants: Mutex::default() })))
    }

    /// Accounts, memberships, sessions and settings.
    pub fn control(&self) -> &Control {
        &self.0.control
    }

    /// The bytes of files.
    pub fn file_store(&self) -> &Arc<dyn Store> {
        &self.0.files
    }

    /// Begins to take a file in.
    pub fn receive(&self) -> Result<Incoming, Error> {
        Incoming::begin(&self.data().join(FILES))
    }

    /// Removes what has been coming in since before a moment, and so will not be whole any more.
    pub fn clear_incoming(&self, before: std::time::SystemTime) -> Result<(), Error> {
        files::clear_incoming(&self.data().join(FILES), before)
    }

    /// Makes an empty tenant at revision 0. Blocks.
    pub fn create_tenant(&self, name: &str) -> Result<TenantHandle, Error> {
        check_name(name)?;
        if self.0.control.find_tenant(name)?.is_some() {
            return Err(Error::TenantExists);
        }
        let id = Uuid::now_v7();
        let placement = self.0.backend.place(id);
        let created_at = Utc::now().trunc_subsecs(6);
        let entry = TenantEntry { id, name: name.to_owned(), created_at, placement };
        self.0.backend.make(&entry.placement)?;
        // Last, so that a name in the directory always has a database behind it.
        match self.0.control.insert_tenant(entry.clone()).wait() {
            Ok(()) => self.handle(entry),
            Err(Error::Unique { .. }) => Err(Error::TenantExists),
            Err(error) => Err(error),
        }
    }

    /// Deletes a tenant with everything in it, for good. Accounts stay: they may belong to others too.
    pub fn delete_tenant(&self, name: &str) -> Result<(), Error> {
        let entry = self.0.control.find_tenant(name)?.ok_or(Error::UnknownTenant)?;
        // First, so that a name in the directory always has a database behind it.
        self.0.control.remove_tenant(entry.id).wait()?;
        self.0.tenants.lock().remove(&entry.id);
        self.0.backend.unmake(&entry.placement)?;
        self.0.files.remove_tenant(entry.id)
    }

    pub fn tenant(&self, name: &str) -> Result<TenantHandle, Error> {
        let entry = self.0.control.find_tenant(name)?.ok_or(Error::UnknownTenant)?;
        self.handle(entry)
    }

    pub fn tenant_by_id(&self, id: Uuid) -> Result<TenantHandle, Error> {
        if let Some(tenant) = self.0.tenants.lock().get(&id) {
            return Ok(tenant.clone());
        }
        let entry = self.0.control.find_tenant_by_id(id)?.ok_or(Error::UnknownTenant)?;
        self.handle(entry)
    }

    /// Every tenant by name.
    pub fn tenants(&self) -> Result<Vec<TenantEntry>, Error> {
        self.0.control.tenants()
    }

    pub(crate) fn data(&self) -> &std::path::Path {
        self.0.backend.data()
    }

    /// True where reads and the control functions wait for the network: call them only where blocking is allowed.
    pub fn is_blocking(&self) -> bool {
        self.0.control.is_blocking()
    }

    /// One handle per tenant, so that all its users share one writer.
    fn handle(&self, entry: TenantEntry) -> Result<TenantHandle, Error> {
        if let Some(tenant) = self.0.tenants.lock().get(&entry.id) {
            return Ok(tenant.clone());
        }
        let (id, database) = (entry.id, self.0.backend.database(&entry.placement)?);
        let tenant = TenantHandle::new(entry, database);
        system::complete(&tenant)?;
        Ok(self.0.tenants.lock().entry(id).or_insert(tenant).clone())
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let head = name.bytes().next().is_some_and(plain);
    let tail = name.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_');
    if head && tail && name.len() <= 63 { Ok(()) } else { Err(Error::TenantName(name.to_owned())) }
}
