//! Record requests to statements, layouts to migrations, for SQLite and PostgreSQL. Opens no connection.
//!
//! Only this crate builds SQL, and only with sea-query values and validated identifiers.

pub mod dialect;
mod error;
pub mod records;
pub mod request;
pub mod row;
pub mod statement;
pub mod tables;

pub use error::Error;
pub use row::{Cell, CellError, Row};
pub use statement::{Arguments, Bind, Dialect, Source, Statement};

// The words of statements and rows, so that storage needs no crate but this one.
pub use trellis_metadata::column::{ColumnKind, DECIMAL_PRECISION};
pub use trellis_metadata::value::Value;
