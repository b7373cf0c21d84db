//! One database a session can be opened on: a tenant's, or the control plane's.

use crate::job::{Job, once, repeating};
use crate::postgres::Schema;
use crate::sqlite::File;
use crate::{Error, Pending, Session};

#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(File),
    Postgres(Schema),
}

impl Database {
    pub fn is_blocking(&self) -> bool {
        matches!(self, Database::Postgres(_))
    }

    /// `steps` bound the read where the database counts them.
    pub fn read<T, E: From<Error>>(
        &self,
        steps: Option<u64>,
        work: impl FnOnce(&mut dyn Session) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Database::Sqlite(file) => file.read(steps, work),
            Database::Postgres(schema) => schema.read(work),
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
        let (job, pending) = once(work);
        self.submit(job, exclusive);
        pending
    }

    /// As a shared [`write`](Self::write), run again where it has to give way to another.
    pub fn write_repeating<T, E>(
        &self,
        work: impl FnMut(&mut dyn Session) -> Result<T, E> + Send + 'static,
    ) -> Pending<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, pending) = repeating(work);
        self.submit(job, false);
        pending
    }

    fn submit(&self, job: Box<dyn Job>, exclusive: bool) {
        match self {
            Database::Sqlite(file) => file.write(job, exclusive),
            Database::Postgres(schema) => schema.write(job, exclusive),
        }
    }
}
