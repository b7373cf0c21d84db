//! One schema as a place to read and write in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};

use super::pool::Pool;
use super::refusal::translate;
use super::session::{PostgresSession, overtaken};
use crate::job::Job;
use crate::{Error, Session};

#[derive(Clone)]
pub(crate) struct Schema(Arc<Shared>);

struct Shared {
    pool: Arc<Pool>,
    place: Place,
    guard: Guard,
    /// Held by the one write that tries again.
    again: Mutex<()>,
}

/// What a session needs to know of its schema.
pub(super) struct Place {
    pub name: String,
    /// Part of every statement's text, so that connections prepare anew after the tables changed under them.
    pub generation: AtomicU32,
}

/// What keeps schema changes and writes apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Lock the tenant's `_state`: a table lock is taken before the transaction's view of the data is fixed, which an
    /// advisory lock is not.
    State,
    /// Nothing to lock yet, or only single statements: the control plane, and a tenant in the making.
    Setup,
}

#[derive(Clone, Copy)]
enum Mode {
    Read,
    Write(Wait),
    Exclusive,
}

/// How long a write waits for a row that another holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// Until it is rather to start over: long before the database would look for a deadlock.
    Briefly,
    /// As long as the statement may take.
    Long,
}

/// In milliseconds; a deadlock is looked for after a second.
const BRIEFLY: u32 = 100;

/// How one try of a write ended.
enum Outcome {
    /// Committed, or rolled back because the job said so.
    Kept,
    /// Another transaction came first.
    GaveWay,
    Failed(Error),
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        if matches!(error, Error::Busy(_)) { Outcome::GaveWay } else { Outcome::Failed(error) }
    }
}

/// Tries of a job that may be repeated.
const ATTEMPTS: u32 = 20;

/// How long a job is tried; a deadlock alone takes the database a second to see.
const PATIENCE: Duration = Duration::from_secs(10);

/// Those who met on one row must not meet again: a random wait below one that doubles, up to an eighth of a
/// second.
fn pause(attempt: u32) {
    let longest = Duration::from_micros(500) * 2_u32.pow(attempt.min(8));
    std::thread::sleep(longest.mul_f32(rand::random()));
}

impl Schema {
    /// `name` is ours: letters, digits and underscores.
    pub fn new(pool: &Arc<Pool>, name: &str, guard: Guard) -> Self {
        let place = Place { name: name.to_owned(), generation: AtomicU32::new(0) };
        Self(Arc::new(Shared { pool: Arc::clone(pool), place, guard, again: Mutex::default() }))
    }

    pub fn read<T, E: From<Error>>(&self, job: impl FnOnce(&mut dyn Session) -> Result<T, E>) -> Result<T, E> {
        let handle = self.0.pool.handle();
        // A panic in the job drops the transaction, which needs the runtime to give its connection back.
        let _entered = handle.enter();
        let transaction = handle.block_on(self.0.begin(Mode::Read))?;
        let mut session = PostgresSession::new(&transaction, handle, &self.0.place);
        let answer = job(&mut session);
        // Nothing was written; if this fails the connection is broken and the pool drops it.
        let _ = handle.block_on(transaction.rollback());
        answer
    }

    pub fn write(&self, job: Box<dyn Job>, exclusive: bool) {
        let shared = Arc::clone(&self.0);
        let mode = if exclusive { Mode::Exclusive } else { Mode::Write(Wait::Long) };
        self.0.pool.take_turn(move || shared.run(job, mode));
    }
}

impl Shared {
    fn run(&self, mut job: Box<dyn Job>, mode: Mode) {
        let (started, mut queued) = (Instant::now(), None);
        for attempt in 1.. {
            let is_first = queued.is_none() && job.may_repeat();
            let mode = match mode {
                Mode::Write(_) if is_first => Mode::Write(Wait::Briefly),
                mode => mode,
            };
            match self.try_once(&mut *job, mode) {
                Outcome::GaveWay if attempt < ATTEMPTS && started.elapsed() < PATIENCE && job.may_repeat() => {
                    match queued {
                        // Those who met once go on one by one, or most of their work would be done in vain.
                        None => queued = self.again.try_lock_for(PATIENCE.saturating_sub(started.elapsed())),
                        // It met a first try, or another process.
                        Some(_) => pause(attempt),
                    }
                }
                Outcome::GaveWay => return job.answer(Some(overtaken())),
                Outcome::Kept => return job.answer(None),
                Outcome::Failed(error) => return job.answer(Some(error)),
            }
        }
    }

    fn try_once(&self, job: &mut dyn Job, mode: Mode) -> Outcome {
        let handle = self.pool.handle();
        let transaction = match handle.block_on(self.begin(mode)) {
            Ok(transaction) => transaction,
            Err(error) => return error.into(),
        };
        let mut session = PostgresSession::new(&transaction, handle, &self.place);
        let keep = job.run(&mut session);
        let refused = session.refusal();
        let ended = match (refused, keep) {
            (None, true) => handle.block_on(transaction.commit()).map_err(translate),
            (refused, _) => {
                // If this fails the connection is broken and the pool drops it.
                let _ = handle.block_on(transaction.rollback());
                refused.map_or(Ok(()), Err)
            }
        };
        if matches!(mode, Mode::Exclusive) {
            // Whoever prepared a statement meanwhile did so on the old tables.
            self.place.generation.fetch_add(1, Ordering::Relaxed);
        }
        ended.map_or_else(Outcome::from, |()| Outcome::Kept)
    }

    async fn begin(&self, mode: Mode) -> Result<DatabaseTransaction, Error> {
        let transaction = self.pool.connection.begin().await.map_err(translate)?;
        transaction.execute_unprepared(&self.prologue(mode)).await.map_err(translate)?;
        Ok(transaction)
    }

    /// Sent as one message. Tenant writes are serializable, as they are on SQLite by nature: rules that look at other
    /// rows hold without every rule having to think of locks.
    fn prologue(&self, mode: Mode) -> String {
        let schema = &self.place.name;
        let milliseconds = |time: Duration| time.as_millis();
        let path = format!("SET LOCAL search_path TO \"{schema}\"");
        let (isolation, timeout, lock) = match (mode, self.guard) {
            (Mode::Read, _) => ("REPEATABLE READ, READ ONLY", milliseconds(self.pool.read_deadline), String::new()),
            (Mode::Write(wait), Guard::State) => {
                let mut lock = "; LOCK TABLE \"_state\" IN ROW SHARE MODE".to_owned();
                if wait == Wait::Briefly {
                    lock.push_str(&format!("; SET LOCAL lock_timeout = {BRIEFLY}"));
                }
                ("SERIALIZABLE", milliseconds(self.pool.write_deadline), lock)
            }
            (Mode::Write(_), Guard::Setup) => ("READ COMMITTED", milliseconds(self.pool.write_deadline), String::new()),
            (Mode::Exclusive, Guard::State) => {
                ("READ COMMITTED", 0, "; LOCK TABLE \"_state\" IN EXCLUSIVE MODE".to_owned())
            }
            (Mode::Exclusive, Guard::Setup) => {
                let lock = format!("; SELECT pg_advisory_xact_lock(7305011); CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
                ("READ COMMITTED", 0, lock)
            }
        };
        format!("SET TRANSACTION ISOLATION LEVEL {isolation}; {path}; SET LOCAL statement_timeout = {timeout}{lock}")
    }
}
