//! Connections with the settings Trellis uses: write-ahead log, `synchronous = FULL`, checkpoints off the writer.

use std::cell::RefCell;
use std::path::Path;

use rusqlite::Connection;

pub fn writer(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

pub fn caretaker(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = FULL;")?;
    Ok(connection)
}

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Runs a read on the thread's own connection.
pub fn read<T>(file: &Path, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    READER.with_borrow_mut(|reader| {
        let connection = match reader {
            Some(connection) => connection,
            None => reader.insert(open_reader(file)?),
        };
        job(connection)
    })
}

fn open_reader(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA mmap_size = 268435456; PRAGMA cache_size = -1024; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}
