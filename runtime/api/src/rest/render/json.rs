//! One row as one JSON object.
//!
//! Decimals are strings: a JSON number would be rounded to a float by most readers.

use std::io::Write as _;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::field_type::duration;
use trellis_plan::{Cell, CellError, Row};

/// Writes rows of one shape. Made once per request.
#[derive(Clone, Debug)]
pub struct RecordWriter {
    /// `"name":` of every column one after the other, ready to copy.
    keys: Vec<u8>,
    columns: Vec<Column>,
    /// `"lines":`, ready to copy.
    embeds: Vec<Vec<u8>>,
    strip_nulls: bool,
}

#[derive(Clone, Debug)]
struct Column {
    /// Where its key ends; it begins where the one before ends.
    end: usize,
    kind: ColumnKind,
}

impl RecordWriter {
    /// Columns in the order of the row's cells.
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, ColumnKind)>) -> Self {
        let mut keys = Vec::with_capacity(512);
        let column = |(name, kind)| {
            write_key(name, &mut keys);
            Column { end: keys.len(), kind }
        };
        let columns = columns.into_iter().map(column).collect();
        Self { keys, columns, embeds: Vec::new(), strip_nulls: false }
    }

    /// Names of the embeds whose bytes [`RecordWriter::write`] is handed, in order.
    #[must_use]
    pub fn embeds<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.embeds = names.into_iter().map(key).collect();
        self
    }

    /// Leaves members that are null out (`nulls=stripped`).
    #[must_use]
    pub fn strip_nulls(mut self, strip: bool) -> Self {
        self.strip_nulls = strip;
        self
    }

    /// Appends one object. `embeds` are finished JSON texts; an absent one is written as null.
    pub fn write(&self, row: &dyn Row, embeds: &[&[u8]], out: &mut Vec<u8>) -> Result<(), CellError> {
        let mut separator = b'{';
        let mut start = 0;
        for (index, column) in self.columns.iter().enumerate() {
            let key = &self.keys[std::mem::replace(&mut start, column.end)..column.end];
            let cell = row.cell(index, column.kind)?;
            if self.strip_nulls && cell == Cell::Null {
                continue;
            }
            out.push(separator);
            separator = b',';
            out.extend_from_slice(key);
            write_cell(cell, out);
        }
        for (index, key) in self.embeds.iter().enumerate() {
            let bytes = embeds.get(index).copied().unwrap_or(b"null");
            if self.strip_nulls && bytes == b"null" {
                continue;
            }
            out.push(separator);
            separator = b',';
            out.extend_from_slice(key);
            out.extend_from_slice(bytes);
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
        Ok(())
    }
}

fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    write_key(name, &mut key);
    key
}

fn write_key(name: &str, out: &mut Vec<u8>) {
    write_text(name, out);
    out.push(b':');
}

/// The canonical JSON of one cell.
pub fn write_cell(cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Boolean(true) => out.extend_from_slice(b"true"),
        Cell::Boolean(false) => out.extend_from_slice(b"false"),
        Cell::Integer(n) => out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes()),
        Cell::Text(text) => write_text(text, out),
        Cell::Json(text) => write_json(text, out),
        other => {
            out.push(b'"');
            write_plain(other, out);
            out.push(b'"');
        }
    }
}

/// Texts that need no escaping; shared with CSV.
pub(super) fn write_plain(cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Decimal(number) => print(number, out),
        Cell::Date(date) => write_date(date, out),
        Cell::DateTime(at) => write_instant(at, out),
        Cell::Time(time) => write_time(time.hour(), time.minute(), time.second(), out),
        Cell::Id(id) => {
            let mut buffer = uuid::Uuid::encode_buffer();
            out.extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
        }
        Cell::Duration(seconds) => out.extend_from_slice(duration::iso_text(seconds).as_bytes()),
        Cell::Integer(n) => out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes()),
        Cell::Boolean(b) => print(b, out),
        Cell::Null | Cell::Text(_) | Cell::Json(_) => {}
    }
}

fn print(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{value}");
}

/// `2026-03-01`, digit by digit: formatting machinery would cost more than the rest of the row.
fn write_date(date: NaiveDate, out: &mut Vec<u8>) {
    let Some(year) = u32::try_from(date.year()).ok().filter(|year| *year <= 9999) else {
        return print(date, out);
    };
    write_pair(year / 100, out);
    write_pair(year % 100, out);
    out.push(b'-');
    write_pair(date.month(), out);
    out.push(b'-');
    write_pair(date.day(), out);
}

/// RFC 3339 in UTC with as many digits below the second as are needed, in threes.
fn write_instant(at: DateTime<Utc>, out: &mut Vec<u8>) {
    write_date(at.date_naive(), out);
    out.push(b'T');
    write_time(at.hour(), at.minute(), at.second(), out);
    match at.timestamp_subsec_micros() {
        0 => {}
        micros => {
            out.push(b'.');
            write_triple(micros / 1_000, out);
            if micros % 1_000 != 0 {
                write_triple(micros % 1_000, out);
            }
        }
    }
    out.push(b'Z');
}

fn write_time(hour: u32, minute: u32, second: u32, out: &mut Vec<u8>) {
    write_pair(hour, out);
    out.push(b':');
    write_pair(minute, out);
    out.push(b':');
    write_pair(second, out);
}

fn write_pair(number: u32, out: &mut Vec<u8>) {
    out.push(b'0' + (number / 10 % 10) as u8);
    out.push(b'0' + (number % 10) as u8);
}

fn write_triple(number: u32, out: &mut Vec<u8>) {
    out.push(b'0' + (number / 100 % 10) as u8);
    write_pair(number % 100, out);
}

/// JSON as stored, without the spaces that PostgreSQL puts between its parts.
pub(super) fn write_json(text: &str, out: &mut Vec<u8>) {
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        if !quoted && matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            continue;
        }
        out.push(byte);
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
    }
}

/// A JSON string; runs without anything to escape are copied whole.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(found) = first_special(&bytes[start..]) {
        out.extend_from_slice(&bytes[start..start + found]);
        let byte = bytes[start + found];
        start += found + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// Where the first byte that must be escaped stands. Sixteen are looked at in one go, which the compiler turns into
/// a few vector instructions.
fn first_special(bytes: &[u8]) -> Option<usize> {
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let mut at = 0;
    for chunk in bytes.chunks_exact(16) {
        if chunk.iter().fold(false, |found, byte| found | is_special(byte)) {
            break;
        }
        at += 16;
    }
    bytes[at..].iter().position(is_special).map(|found| at + found)
}
