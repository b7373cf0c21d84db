//! The read connections each thread keeps, most recently used last.
//!
//! A connection is taken out while a job runs, so a read inside a read gets another, and a panic simply drops it.

use std::cell::RefCell;

use super::connection::{self, Limited};
use super::file::Database;
use super::refusal::translate;
use super::session::SqliteSession;
use crate::{Error, Session};

/// Open files cost descriptors and page cache, so a thread keeps only so many.
const KEPT: usize = 128;

thread_local! {
    static READERS: RefCell<Vec<(u64, Limited)>> = const { RefCell::new(Vec::new()) };
}

/// Runs `job` on one snapshot of the file. `steps` bounds the whole job.
pub(super) fn read<T, E: From<Error>>(
    database: &Database,
    steps: Option<u64>,
    job: impl FnOnce(&mut dyn Session) -> Result<T, E>,
) -> Result<T, E> {
    let reader = take(database)?;
    reader.limits.set_steps(steps);
    run(&reader, "BEGIN")?;
    let mut session = SqliteSession::new(&reader, Some(database.read_deadline));
    let answer = job(&mut session);
    reader.limits.set_steps(None);
    // A connection that cannot end its transaction is closed instead of kept.
    if run(&reader, "ROLLBACK").is_ok() {
        keep(database.number, reader);
    }
    answer
}

fn run(reader: &Limited, sql: &str) -> Result<(), Error> {
    let mut statement = reader.connection.prepare_cached(sql).map_err(translate)?;
    statement.execute([]).map(drop).map_err(translate)
}

fn take(database: &Database) -> Result<Limited, Error> {
    let kept = READERS.with_borrow_mut(|readers| {
        let position = readers.iter().position(|(number, _)| *number == database.number)?;
        Some(readers.remove(position).1)
    });
    kept.map_or_else(|| connection::reader(&database.path), Ok)
}

fn keep(number: u64, reader: Limited) {
    READERS.with_borrow_mut(|readers| {
        if readers.iter().any(|(kept, _)| *kept == number) {
            return;
        }
        if readers.len() >= KEPT {
            readers.remove(0);
        }
        readers.push((number, reader));
    });
}
