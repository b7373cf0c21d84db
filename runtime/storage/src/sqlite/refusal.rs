//! SQLite's errors in the terms of [`Error`].

use rusqlite::{Connection, ErrorCode, ffi};

use crate::Error;
use crate::error::Refusal;

/// SQLite's messages hold names of tables, columns and indexes, never values.
pub(super) fn translate(error: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(failure, message) = error else { return other(error) };
    if failure.extended_code == ffi::SQLITE_ERROR && message.as_deref() == Some("integer overflow") {
        return Error::Overflow;
    }
    let kept = refusal(failure.extended_code, message.unwrap_or_default());
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy(kept.into()),
        ErrorCode::OperationInterrupted => Error::Deadline,
        ErrorCode::CannotOpen
        | ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::OutOfMemory
        | ErrorCode::NotADatabase
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::ReadOnly => Error::Unavailable(kept.into()),
        _ => of_statement(kept),
    }
}

fn other(error: rusqlite::Error) -> Error {
    match error {
        rusqlite::Error::SqlInputError { error, msg, .. } => of_statement(refusal(error.extended_code, msg)),
        _ => Error::Database(Refusal::boxed("rusqlite", "the driver refused the call")),
    }
}

fn refusal(code: i32, message: String) -> Refusal {
    Refusal { code: format!("sqlite {code}"), message }
}

/// What is wrong with the statement itself.
fn of_statement(kept: Refusal) -> Error {
    let names_nothing = ["no such column", "no such table"].iter().any(|start| kept.message.starts_with(start));
    if names_nothing { Error::Undefined(kept.into()) } else { Error::Database(kept.into()) }
}

/// As [`translate`], naming the index of a unique violation: SQLite names columns where the planner named an index.
pub(super) fn translate_on(connection: &Connection, error: rusqlite::Error) -> Error {
    match unique_index(connection, &error) {
        Some(index) => Error::Unique { index },
        None => translate(error),
    }
}

pub(super) fn is_interrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

fn unique_index(connection: &Connection, error: &rusqlite::Error) -> Option<String> {
    let rusqlite::Error::SqliteFailure(failure, Some(message)) = error else { return None };
    let named = message.strip_prefix("UNIQUE constraint failed: ")?;
    if let Some(index) = named.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        return Some(index.to_owned());
    }
    let table = named.split('.').next()?;
    if failure.extended_code == ffi::SQLITE_CONSTRAINT_PRIMARYKEY {
        return Some(format!("{table}_pkey"));
    }
    let columns: Vec<&str> = named.split(", ").filter_map(|column| column.split_once('.')).map(|(_, c)| c).collect();
    index_over(connection, table, &columns).ok().flatten().or_else(|| Some(named.to_owned()))
}

/// The unique index of `table` over exactly these columns.
fn index_over(connection: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<Option<String>> {
    let mut indexes = connection.prepare_cached(
        "SELECT list.name, (SELECT group_concat(info.name, ',') FROM pragma_index_info(list.name) AS info)
         FROM pragma_index_list(?1) AS list WHERE list.\"unique\" = 1",
    )?;
    let mut rows = indexes.query([table])?;
    let wanted = columns.join(",");
    while let Some(row) = rows.next()? {
        if row.get::<_, Option<String>>(1)?.as_deref() == Some(&wanted) {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}
