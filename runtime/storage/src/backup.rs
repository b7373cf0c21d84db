//! Copies of the whole store, made while it is in use, and the way back from one.
//!
//! A copy has the form of a data folder. Each file in it is one consistent state of its database; the directory is
//! copied first, so that every tenant it names has its file. Only for SQLite: PostgreSQL has tools of its own.

use std::fs;
use std::path::Path;

use uuid::Uuid;

use crate::files::{FILES, Folder};
use crate::placement::TENANTS;
use crate::sqlite::File;
use crate::{Error, Placement, Storage, StorageOptions, TenantEntry};

pub(crate) const CONTROL_FILE: &str = "control.sqlite";

impl Storage {
    /// Copies everything into `folder`, which must not hold a store yet. Answers with the tenants copied.
    pub fn back_up(&self, folder: &Path) -> Result<Vec<TenantEntry>, Error> {
        let data = self.files()?;
        demand_free(&folder.join(CONTROL_FILE))?;
        fs::create_dir_all(folder.join(TENANTS)).map_err(unavailable)?;
        File::copy(&data.join(CONTROL_FILE), &folder.join(CONTROL_FILE))?;
        let copied = Storage::open(StorageOptions::new(folder))?.tenants()?;
        for tenant in &copied {
            copy_tenant(&tenant.placement, &data.join(TENANTS), &folder.join(TENANTS))?;
            copy_files(data, tenant.id, folder, tenant.id)?;
        }
        Ok(copied)
    }

    /// Takes one tenant of a copy into this store under `name`, with its members and those of their accounts that are
    /// not here yet.
    pub fn restore_tenant(&self, folder: &Path, tenant: &str, name: &str) -> Result<(), Error> {
        let data = self.files()?.to_owned();
        let source = Storage::open(StorageOptions::new(folder))?;
        let from = source.tenants()?.into_iter().find(|entry| entry.name == tenant).ok_or(Error::UnknownTenant)?;
        if self.tenants()?.iter().any(|entry| entry.name == name) {
            return Err(Error::TenantExists);
        }
        let id = Uuid::now_v7();
        let placement = Placement::file(&data, id);
        let (Placement::Sqlite(was), Placement::Sqlite(is)) = (&from.placement, &placement) else {
            return Err(Error::defect("a copy holds files only"));
        };
        File::copy(was, is)?;
        copy_files(folder, from.id, &data, id)?;
        let entry = TenantEntry { id, name: name.to_owned(), placement, ..from.clone() };
        self.control().insert_tenant(entry).wait()?;
        for (account, user) in source.control().members(from.id)? {
            self.control().take_in(account, id, user).wait()?;
        }
        Ok(())
    }

    fn files(&self) -> Result<&Path, Error> {
        if self.is_blocking() { Err(Error::NotInFiles) } else { Ok(self.data()) }
    }
}

/// Puts a copy where no store is yet.
pub fn restore(folder: &Path, data: &Path) -> Result<Vec<TenantEntry>, Error> {
    demand_free(&data.join(CONTROL_FILE))?;
    if !folder.join(CONTROL_FILE).is_file() {
        return Err(Error::NotACopy(folder.display().to_string()));
    }
    Storage::open(StorageOptions::new(folder))?.back_up(data)
}

fn copy_tenant(placement: &Placement, from: &Path, to: &Path) -> Result<(), Error> {
    let Placement::Sqlite(path) = placement else { return Err(Error::defect("a tenant of a file store is a file")) };
    let name = path.file_name().ok_or_else(|| Error::defect("a tenant's file has a name"))?;
    File::copy(&from.join(name), &to.join(name))
}

/// After the database, so that every file it names is there unless it was let go of since.
fn copy_files(from: &Path, tenant: Uuid, to: &Path, copy: Uuid) -> Result<(), Error> {
    Folder::new(from.join(FILES)).copy_tenant(tenant, &Folder::new(to.join(FILES)), copy)
}

fn demand_free(path: &Path) -> Result<(), Error> {
    if path.exists() { Err(Error::Occupied(path.display().to_string())) } else { Ok(()) }
}

fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(Box::new(error))
}
