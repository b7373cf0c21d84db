//! Moves write-ahead logs back into their files, off the writers: one thread for the process.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::connection;
use super::file::Database;
use super::refusal::translate;
use crate::Error;

/// Log pages (4 KiB) that make a checkpoint worth its while.
const GROWN: i32 = 1_000;
/// Log pages at which the log is cut back to nothing, though that waits for readers.
const LARGE: i32 = 16_384;

thread_local! {
    /// Pages in the log after this thread's last commit.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Lets the writer's commits leave the size of the log behind.
pub(super) fn watch(connection: &Connection) {
    connection.wal_hook(Some(|_: &Wal, pages| {
        PAGES.set(pages);
        Ok(())
    }));
}

/// To be called on the writer's thread after each commit.
pub(super) fn committed(database: &Arc<Database>) {
    let pages = PAGES.replace(0);
    let asked_at = database.checkpoint_asked_at.load(Ordering::Relaxed);
    // Fewer than then: the log has begun anew.
    let grown = if pages < asked_at { pages } else { pages - asked_at };
    if grown < GROWN || database.checkpoint_due.swap(true, Ordering::AcqRel) {
        return;
    }
    database.checkpoint_asked_at.store(pages, Ordering::Relaxed);
    let asked = queue().is_some_and(|queue| queue.send((Arc::clone(database), pages)).is_ok());
    if !asked {
        database.checkpoint_due.store(false, Ordering::Release);
    }
}

type Request = (Arc<Database>, i32);

fn queue() -> Option<&'static Sender<Request>> {
    static QUEUE: OnceLock<Option<Sender<Request>>> = OnceLock::new();
    let start = || {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("trellis-checkpoint".into());
        thread.spawn(move || work(receiver)).ok().map(|_| sender)
    };
    QUEUE.get_or_init(start).as_ref()
}

fn work(requests: Receiver<Request>) {
    for (database, pages) in requests {
        database.checkpoint_due.store(false, Ordering::Release);
        if let Err(error) = checkpoint(&database, pages) {
            tracing::warn!(%error, "checkpoint failed; the next one makes up for it");
        }
    }
}

fn checkpoint(database: &Database, pages: i32) -> Result<(), Error> {
    let opened = connection::caretaker(&database.path)?;
    let mode = if pages >= LARGE { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
    opened.connection.query_row(mode, [], |_| Ok(())).map_err(translate)
}
