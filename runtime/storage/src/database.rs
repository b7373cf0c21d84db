//! One database a session can be opened on: a tenant's, or the control plane's.

use crate::job::job;
use crate::sqlite::File;
use crate::{Error, Pending, Session};

#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(File),
}

impl Database {
    pub fn is_blocking(&self) -> bool {
        match self {
            Database::Sqlite(_) => false,
        }
    }

    pub fn read<T, E: From<Error>>(
        &self,
        steps: Option<u64>,
        work: impl FnOnce(&mut dyn Session) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Database::Sqlite(file) => file.read(steps, work),
        }
    }

    pub fn write<T, E>(
        &self,
        exclusive: bool,
        work: impl FnOnce(&mut dyn Session) -> Result<T, E> + Send + 'static,
    ) -> Pending<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, pending) = job(work);
        match self {
            Database::Sqlite(file) => file.write(job, exclusive),
        }
        pending
    }
}
