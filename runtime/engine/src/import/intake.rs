//! A file on its way in: how it is written is seen in its first line, then it is cut into pieces.

use encoding_rs::{Decoder, Encoding, UTF_8};
use trellis_metadata::label::Locale;

use super::cut::{Cutter, LONGEST_RECORD, Piece, Unreadable, delimiter_of};
use super::{Empty, Existing, Format, Request, cells};

/// What is known before the file is seen.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cells between delimiters; else a JSON object on each line.
    pub is_table: bool,
    pub has_header: bool,
    pub encoding: &'static Encoding,
    /// What the columns are, in place of what the header says; empty or `-` for one that is left out.
    pub columns: Option<Vec<String>>,
    pub key: Vec<String>,
    pub existing: Option<Existing>,
    pub empty: Empty,
    pub dry_run: bool,
    pub locale: Locale,
}

pub struct Intake {
    options: Options,
    /// Where the file is not in UTF-8.
    decoder: Option<Decoder>,
    /// What came before the first line was whole.
    early: Vec<u8>,
    format: Format,
    cutter: Option<Cutter>,
}

impl Intake {
    pub fn new(options: Options) -> Self {
        // What is said to be UTF-8 and is not is to be told, not replaced.
        let decoder = (options.encoding != UTF_8).then(|| options.encoding.new_decoder_with_bom_removal());
        Self { options, decoder, early: Vec::new(), format: Format::Ndjson, cutter: None }
    }

    /// Takes more of the file.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, Unreadable> {
        match self.decoded(bytes, false) {
            Some(text) => self.take(text.as_bytes()),
            None => self.take(bytes),
        }
    }

    /// The rest of it.
    pub fn finish(&mut self) -> Result<Vec<Piece>, Unreadable> {
        let rest = self.decoded(&[], true).unwrap_or_default();
        let mut pieces = self.take(rest.as_bytes())?;
        if self.cutter.is_none() {
            pieces.extend(self.open()?);
        }
        if let Some(cutter) = &mut self.cutter {
            pieces.extend(cutter.finish()?);
        }
        Ok(pieces)
    }

    fn decoded(&mut self, bytes: &[u8], is_last: bool) -> Option<String> {
        let decoder = self.decoder.as_mut()?;
        let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16);
        let mut text = String::with_capacity(room);
        // There is room for all of it.
        let _ = decoder.decode_to_string(bytes, &mut text, is_last);
        Some(text)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, Unreadable> {
        if let Some(cutter) = &mut self.cutter {
            return cutter.push(bytes);
        }
        self.early.extend_from_slice(bytes);
        let is_clear = self.early.contains(&b'\n') || self.early.len() > LONGEST_RECORD;
        if is_clear { self.open() } else { Ok(Vec::new()) }
    }

    /// The first line is there.
    fn open(&mut self) -> Result<Vec<Piece>, Unreadable> {
        let early = std::mem::take(&mut self.early);
        if self.options.is_table {
            self.format = Format::Csv { delimiter: delimiter_of(&early) };
        }
        let expects_header = self.options.is_table && self.options.has_header;
        self.cutter.insert(Cutter::new(&self.format, expects_header)).push(&early)
    }

    /// What is asked for, as far as the file has told by now: complete with its first piece.
    pub fn request(&self) -> Request {
        let header = match (self.cutter.as_ref().and_then(Cutter::header), &self.format) {
            (Some(header), Format::Csv { delimiter }) => cells(header, *delimiter),
            _ => Vec::new(),
        };
        let Options { key, existing, empty, dry_run, locale, .. } = self.options.clone();
        let named = |name: String| if name == "-" { String::new() } else { name };
        let given = self.options.columns.clone().filter(|_| self.options.is_table);
        let columns = given.unwrap_or_else(|| header.clone()).into_iter().map(named).collect();
        Request { format: self.format.clone(), columns, header, key, existing, empty, dry_run, locale }
    }

    /// Lines before the first row.
    pub fn lines_before(&self) -> u64 {
        self.cutter.as_ref().and_then(Cutter::header).map_or(0, |header| header.lines)
    }
}
