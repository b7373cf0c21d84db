//! The HTTP surface and the command line, end to end: the real binary on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attachments;
mod authoring;
mod beside;
mod commands;
mod crowds;
mod documents;
mod doors;
mod error_codes;
mod figures;
mod following;
mod hostile;
mod limits;
mod long_queries;
mod malformed;
mod operating;
mod pages;
mod programme;
mod quarantine;
mod transcript;
mod transfer;
