//! One database file: its path, its limits and the way to its writer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use super::writer::Writer;
use super::{connection, readers};
use crate::job::Job;
use crate::{Error, Session};

#[derive(Clone)]
pub(crate) struct File(Arc<Shared>);

struct Shared {
    database: Arc<Database>,
    writer: Writer,
}

/// What readers, writer and checkpoints need to know of a file.
pub(crate) struct Database {
    /// Tells files apart in the threads' caches, even when a path is used again.
    pub number: u64,
    pub path: PathBuf,
    pub read_deadline: Duration,
    pub write_deadline: Duration,
    /// A checkpoint is asked for and not begun.
    pub checkpoint_due: AtomicBool,
    /// Pages in the log when the last one was asked for.
    pub checkpoint_asked_at: AtomicI32,
}

impl File {
    /// The file must exist; it is opened when first used.
    pub fn new(path: &Path, read_deadline: Duration, write_deadline: Duration) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let database = Arc::new(Database {
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            path: path.to_owned(),
            read_deadline,
            write_deadline,
            checkpoint_due: AtomicBool::new(false),
            checkpoint_asked_at: AtomicI32::new(0),
        });
        let writer = Writer::new(Arc::clone(&database));
        Self(Arc::new(Shared { database, writer }))
    }

    /// Makes an empty database in write-ahead mode.
    pub fn create(path: &Path) -> Result<(), Error> {
        connection::create(path)
    }

    /// Copies one consistent state of a database, whoever writes to it meanwhile, into a file that is not there yet.
    pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
        connection::copy(from, to)
    }

    /// Removes the database and the log beside it.
    pub fn remove(path: &Path) -> Result<(), Error> {
        for suffix in ["-wal", "-shm", ""] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::Unavailable(Box::new(error)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub fn read<T, E: From<Error>>(
        &self,
        steps: Option<u64>,
        job: impl FnOnce(&mut dyn Session) -> Result<T, E>,
    ) -> Result<T, E> {
        readers::read(&self.0.database, steps, job)
    }

    pub fn write(&self, job: Box<dyn Job>, exclusive: bool) {
        self.0.writer.submit(job, exclusive);
    }
}
