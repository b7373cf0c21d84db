//! The metadata language: documents, expressions, resolve stages, snapshot, diagnostics.
//!
//! Pure: text in, [`snapshot::Snapshot`] and diagnostics out. Knows no SQL, no HTTP, no async.

pub mod column;
pub mod diagnostic;
pub mod expression;
pub mod identifier;
pub mod label;
pub mod predicate;
pub mod snapshot;
pub mod value;
