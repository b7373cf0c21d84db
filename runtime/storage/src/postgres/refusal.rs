//! PostgreSQL's errors in the terms of [`Error`].

use sea_orm::{DbErr, RuntimeErr, sqlx};
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

use crate::Error;
use crate::error::Refusal;

pub(super) fn translate(error: DbErr) -> Error {
    match driver(&error) {
        Some(sqlx::Error::Database(refused)) => translate_refusal(refused.as_ref()),
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed,
        ) => unavailable(),
        _ if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => unavailable(),
        _ => Error::Database(Refusal::boxed("driver", "the driver refused the call")),
    }
}

/// The tables changed under a prepared statement.
pub(super) fn is_stale_plan(error: &DbErr) -> bool {
    matches!(driver(error), Some(sqlx::Error::Database(refused)) if is_stale(refused.as_ref()))
}

fn is_stale(refused: &dyn DatabaseError) -> bool {
    refused.code().as_deref() == Some("0A000") && refused.message().starts_with("cached plan")
}

fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// Messages may quote values, so they are kept only for errors in the statement itself, which name tables and columns.
fn translate_refusal(refused: &dyn DatabaseError) -> Error {
    let code = refused.code().unwrap_or_default().into_owned();
    let message = if code.starts_with("42") || code.starts_with("0A") { refused.message() } else { place(refused) };
    let kept = Refusal::boxed(code.clone(), message);
    match code.as_str() {
        "23505" => Error::Unique { index: unique_index(refused) },
        "40001" | "40P01" | "55P03" => Error::Busy(kept),
        _ if is_stale(refused) => Error::Busy(kept),
        "42703" | "42P01" => Error::Undefined(kept),
        "22003" => Error::Overflow,
        "57014" => Error::Deadline,
        _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => Error::Unavailable(kept),
        _ => Error::Database(kept),
    }
}

/// Primary keys bear several names here and none on SQLite; both answer with one.
fn unique_index(refused: &dyn DatabaseError) -> String {
    let (index, table) = (refused.constraint().unwrap_or_default(), refused.table().unwrap_or_default());
    let key = index.strip_prefix(table).is_some_and(|rest| rest == "_pkey" || rest == "_key");
    if key || index.starts_with("_pk_") { format!("{table}_pkey") } else { index.to_owned() }
}

fn place(refused: &dyn DatabaseError) -> &str {
    refused.try_downcast_ref::<PgDatabaseError>().and_then(|refused| refused.column().or(refused.table())).unwrap_or("")
}

fn unavailable() -> Error {
    Error::Unavailable(Refusal::boxed("connection", "no connection to the database"))
}
