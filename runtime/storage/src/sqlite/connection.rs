//! How connections are opened, and what each kind may do.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::checkpoint;
use super::refusal::translate;
use crate::Error;

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 256;
/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);
/// How long a copy pauses where the database was busy.
const STEP: Duration = Duration::from_millis(5);
/// How many virtual machine steps pass between two looks at the limits.
const STRIDE: i32 = 1_000;

/// One connection with the limits its statements run under.
pub(super) struct Limited {
    pub connection: Connection,
    pub limits: Arc<Limits>,
}

pub(super) fn create(path: &Path) -> Result<(), Error> {
    let connection = Connection::open(path).map_err(translate)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(translate)
}

/// All pages in one step, so that a reader's view holds for the whole copy.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(translate)?;
    source.busy_timeout(BUSY).map_err(translate)?;
    let mut target = Connection::open(to).map_err(translate)?;
    let copied = Backup::new(&source, &mut target).and_then(|backup| backup.run_to_completion(i32::MAX, STEP, None));
    copied.map_err(translate)?;
    target.pragma_update(None, "journal_mode", "WAL").map_err(translate)
}

pub(super) fn reader(path: &Path) -> Result<Limited, Error> {
    let limited = open(path)?;
    limited
        .connection
        .execute_batch("PRAGMA mmap_size = 268435456; PRAGMA cache_size = -1024; PRAGMA query_only = ON;")
        .map_err(translate)?;
    Ok(limited)
}

/// For checkpoints only.
pub(super) fn caretaker(path: &Path) -> Result<Limited, Error> {
    let limited = open(path)?;
    limited.connection.busy_timeout(Duration::from_millis(200)).map_err(translate)?;
    limited.connection.execute_batch("PRAGMA synchronous = FULL;").map_err(translate)?;
    Ok(limited)
}

/// Checkpoints are left to their own thread, so that no write waits for one.
pub(super) fn writer(path: &Path) -> Result<Limited, Error> {
    let limited = open(path)?;
    limited
        .connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;
             PRAGMA cache_size = -8192;",
        )
        .map_err(translate)?;
    checkpoint::watch(&limited.connection);
    Ok(limited)
}

/// Foreign keys are off on every connection: references are the pipeline's rule, and a table rebuild must not cascade.
fn open(path: &Path) -> Result<Limited, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(translate)?;
    connection.busy_timeout(BUSY).map_err(translate)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;")
        .map_err(translate)?;
    let limits = Arc::new(Limits::default());
    let watched = Arc::clone(&limits);
    connection.progress_handler(STRIDE, Some(move || watched.spent())).map_err(translate)?;
    Ok(Limited { connection, limits })
}

/// When a statement has to stop: at an instant, or after so many steps. Zero means no limit.
#[derive(Default)]
pub(super) struct Limits {
    /// Nanoseconds since [`START`].
    deadline: AtomicU64,
    steps: AtomicI64,
    counted: AtomicBool,
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Limits {
    pub fn set_steps(&self, steps: Option<u64>) {
        self.counted.store(steps.is_some(), Ordering::Relaxed);
        self.steps.store(steps.unwrap_or_default() as i64, Ordering::Relaxed);
    }

    /// Gives the next statement `time`; none means as long as it takes.
    pub fn set_time(&self, time: Option<Duration>) {
        let end = time.map_or(0, |time| (START.elapsed() + time).as_nanos() as u64);
        self.deadline.store(end, Ordering::Relaxed);
    }

    pub fn out_of_steps(&self) -> bool {
        self.counted.load(Ordering::Relaxed) && self.steps.load(Ordering::Relaxed) < 0
    }

    fn spent(&self) -> bool {
        if self.counted.load(Ordering::Relaxed)
            && self.steps.fetch_sub(i64::from(STRIDE), Ordering::Relaxed) < i64::from(STRIDE)
        {
            return true;
        }
        let deadline = self.deadline.load(Ordering::Relaxed);
        deadline != 0 && START.elapsed().as_nanos() as u64 > deadline
    }
}
