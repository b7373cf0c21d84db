//! The record API over the example package: requests as data, answers compared with plain files.
//! `TRELLIS_UPDATE=1` rewrites the files.

#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "a test that cannot go on should stop")]

mod bodies;
mod cursors;
mod documents;
mod error_pages;
mod hidden;
mod print;
mod problems;
mod properties;
mod queries;
mod rows;
mod support;
