//! The record API over the example package: requests as data, answers compared with plain files.
//! `TRELLIS_UPDATE=1` rewrites the files.

mod bodies;
mod cursors;
mod documents;
mod error_pages;
mod hidden;
mod print;
mod properties;
mod queries;
mod rows;
mod support;
