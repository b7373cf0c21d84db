//! Rows as RFC 4180 lines for spreadsheets.

use trellis_metadata::column::ColumnKind;
use trellis_plan::{Cell, CellError, Row};

use super::json::{write_json, write_plain};

#[derive(Clone, Debug)]
pub struct CsvWriter {
    names: Vec<String>,
    kinds: Vec<ColumnKind>,
}

impl CsvWriter {
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, ColumnKind)>) -> Self {
        let (names, kinds) = columns.into_iter().map(|(name, kind)| (name.to_owned(), kind)).unzip();
        Self { names, kinds }
    }

    pub fn header(&self, out: &mut Vec<u8>) {
        for (at, name) in self.names.iter().enumerate() {
            separate(at, out);
            text(name, out);
        }
        out.extend_from_slice(b"\r\n");
    }

    pub fn write(&self, row: &dyn Row, out: &mut Vec<u8>) -> Result<(), CellError> {
        for (index, kind) in self.kinds.iter().enumerate() {
            separate(index, out);
            match row.cell(index, *kind)? {
                Cell::Text(value) => text(value, out),
                Cell::Json(value) => text(&String::from_utf8_lossy(&plain_json(value)), out),
                other => write_plain(other, out),
            }
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }
}

fn plain_json(value: &str) -> Vec<u8> {
    let mut plain = Vec::with_capacity(value.len());
    write_json(value, &mut plain);
    plain
}

fn separate(at: usize, out: &mut Vec<u8>) {
    if at > 0 {
        out.push(b',');
    }
}

/// A text a spreadsheet would run as a formula is made harmless with a leading quote mark.
fn text(value: &str, out: &mut Vec<u8>) {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let needs_quotes = is_formula || value.contains(['"', ',', '\n', '\r']);
    if !needs_quotes {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    out.push(b'"');
    if is_formula {
        out.push(b'\'');
    }
    out.extend_from_slice(value.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}
