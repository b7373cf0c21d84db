//! The metadata language: documents, expressions, resolve stages, snapshot, diagnostics.
//!
//! Pure: text in, [`snapshot::Snapshot`] and diagnostics out. Knows no SQL, no HTTP, no async.

pub mod column;
pub mod diagnostic;
pub mod difference;
pub mod document;
pub mod expression;
pub mod field_type;
pub mod format;
pub mod identifier;
pub mod label;
pub mod media;
pub mod predicate;
pub mod resolve;
pub mod schema;
pub mod snapshot;
pub mod source;
pub mod value;
