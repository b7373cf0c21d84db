//! The storage programme: the same steps on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod control;
mod idempotency;
mod limits;
mod outbox;
mod place;
mod processes;
mod publish;
mod there_and_back;
mod values;
mod writing;
