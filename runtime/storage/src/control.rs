//! The control plane: which tenants there are, who may log in to which of them, and the installation's settings.
//!
//! It keeps password and token hashes as they are given; how they are made and compared is the engine's business.

mod accounts;
mod sessions;
mod settings;
mod tables;
mod tenants;

use std::path::{Path, PathBuf};

pub use accounts::{Account, Membership};
pub use sessions::{SessionKind, SessionRecord};

use crate::database::Database;
use crate::{Error, Pending, Session};

/// Typed functions over the control database. Finding reads at once; changing answers after the commit.
#[derive(Clone)]
pub struct Control {
    database: Database,
    /// Files are kept by name; this is where they are.
    data: PathBuf,
}

impl Control {
    pub(crate) fn open(database: Database, data: &Path) -> Result<Self, Error> {
        let control = Self { database, data: data.to_owned() };
        control.database.write(true, tables::create).wait()?;
        control.write(settings::fill).wait()?;
        Ok(control)
    }

    pub(crate) fn is_blocking(&self) -> bool {
        self.database.is_blocking()
    }

    fn read<T>(&self, job: impl FnOnce(&mut dyn Session) -> Result<T, Error>) -> Result<T, Error> {
        self.database.read(None, job)
    }

    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Session) -> Result<T, Error> + Send + 'static,
    ) -> Pending<T, Error> {
        self.database.write(false, job)
    }
}
