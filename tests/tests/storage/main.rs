//! The storage programme: the same steps on SQLite and on PostgreSQL.

mod control;
mod limits;
mod outbox;
mod place;
mod processes;
mod publish;
mod values;
mod writing;
