//! The record API as functions from request to request-form and from rows to bytes.
//!
//! Text and rights in, [`trellis_plan::request`] forms out; rows in, JSON, CSV and problem bodies out. Knows no HTTP
//! library, no status line and no database.

mod error_code;
pub mod openapi;
pub mod prefer;
mod problem;
pub mod rest;
mod rights;
pub mod typescript;

pub use error_code::{Class, ErrorCode};
pub use problem::{FieldError, Occurrence, Problem};
pub use rights::Rights;
