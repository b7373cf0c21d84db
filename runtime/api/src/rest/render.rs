//! Rows straight to bytes: JSON, CSV and the range line. No tree is built, no value is converted on the way.

mod csv;
mod json;
mod shape;

pub use csv::CsvWriter;
pub use json::{RecordWriter, write_text};
pub use shape::{Shape, content_range, negotiate};
