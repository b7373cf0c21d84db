//! Cuts a file that comes in bit by bit into pieces that end where a record ends.

use super::Format;

/// Bytes of one record.
pub const LONGEST_RECORD: usize = 1 << 20;
/// A piece ends with the record that reaches either.
const PIECE_ROWS: u64 = 500;
const PIECE_BYTES: usize = 256 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whole records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub rows: u64,
}

/// Why the file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Bytes that are no UTF-8, in the piece that begins at this line.
    NotUtf8 { line: u64 },
    /// A record of more than [`LONGEST_RECORD`] bytes; mostly a quote that is never closed.
    TooLong { line: u64 },
    /// A quote is open at the end of the file.
    OpenQuote { line: u64 },
}

/// Where a byte of CSV stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of the field, or the first of two.
    QuoteInQuoted,
}

pub struct Cutter {
    /// `None` where records are lines.
    delimiter: Option<u8>,
    place: Place,
    /// Not handed out yet; begins with a record.
    kept: Vec<u8>,
    /// How much of it was looked at, and where its last whole record ends.
    seen: usize,
    end: usize,
    rows: u64,
    /// Of `kept`, and of its last whole record's end.
    first_line: u64,
    lines: u64,
    lines_at_end: u64,
    is_begun: bool,
    expects_header: bool,
    header: Option<Header>,
}

/// The first record of a table, which says what its columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub text: String,
    pub lines: u64,
}

/// What stands between the cells of a table, by its first line.
pub fn delimiter_of(start: &[u8]) -> char {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in line {
        is_quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(*byte == *delimiter && !is_quoted);
        }
    }
    // Of as many of both, the comma.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.filter(|(_, count)| *count > 0).map_or(',', |(delimiter, _)| char::from(*delimiter))
}

impl Cutter {
    pub fn new(format: &Format, expects_header: bool) -> Self {
        let delimiter = match format {
            Format::Csv { delimiter } => u8::try_from(*delimiter).ok(),
            Format::Ndjson => None,
        };
        Self {
            delimiter,
            place: Place::FieldStart,
            kept: Vec::new(),
            seen: 0,
            end: 0,
            rows: 0,
            first_line: 1,
            lines: 0,
            lines_at_end: 0,
            is_begun: false,
            expects_header,
            header: None,
        }
    }

    /// Takes more of the file.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, Unreadable> {
        self.kept.extend_from_slice(bytes);
        if !self.is_begun {
            if self.kept.len() < BYTE_ORDER_MARK.len() {
                return Ok(Vec::new());
            }
            self.begin();
        }
        let mut pieces = Vec::new();
        while self.seen < self.kept.len() {
            let is_end = self.look();
            if is_end && self.expects_header {
                self.take_header()?;
            } else if is_end && (self.rows >= PIECE_ROWS || self.end >= PIECE_BYTES) {
                pieces.push(self.take()?);
            }
            if self.seen - self.end > LONGEST_RECORD {
                return Err(Unreadable::TooLong { line: self.first_line + self.lines_at_end });
            }
        }
        Ok(pieces)
    }

    fn begin(&mut self) {
        self.is_begun = true;
        if self.kept.starts_with(BYTE_ORDER_MARK) {
            self.kept.drain(..BYTE_ORDER_MARK.len());
        }
    }

    /// Looks at the next byte; true where a record ends with it.
    fn look(&mut self) -> bool {
        let byte = self.kept[self.seen];
        self.seen += 1;
        self.lines += u64::from(byte == b'\n');
        let ends = byte == b'\n' && !(self.delimiter.is_some() && self.place == Place::Quoted);
        self.place = match (self.delimiter, self.place, byte) {
            (None, ..) => Place::Plain,
            (_, Place::Quoted, b'"') => Place::QuoteInQuoted,
            (_, Place::Quoted, _) | (_, Place::FieldStart | Place::QuoteInQuoted, b'"') => Place::Quoted,
            (Some(delimiter), _, byte) if byte == delimiter || byte == b'\n' => Place::FieldStart,
            _ => Place::Plain,
        };
        if ends {
            (self.end, self.lines_at_end) = (self.seen, self.lines);
            self.rows += 1;
        }
        ends
    }

    fn take_header(&mut self) -> Result<(), Unreadable> {
        let lines = self.lines_at_end;
        let text = self.take()?.text;
        self.expects_header = false;
        self.header = Some(Header { text, lines });
        Ok(())
    }

    fn take(&mut self) -> Result<Piece, Unreadable> {
        let rest = self.kept.split_off(self.end);
        let bytes = std::mem::replace(&mut self.kept, rest);
        let text = String::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8 { line: self.first_line })?;
        let piece = Piece { text, rows: self.rows };
        self.first_line += self.lines_at_end;
        self.seen -= self.end;
        self.lines -= self.lines_at_end;
        (self.end, self.lines_at_end, self.rows) = (0, 0, 0);
        Ok(piece)
    }

    /// The header, once it is whole.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// What is left at the end of the file.
    pub fn finish(&mut self) -> Result<Option<Piece>, Unreadable> {
        if !self.is_begun {
            self.begin();
            self.push(&[])?;
        }
        if self.delimiter.is_some() && self.place == Place::Quoted {
            return Err(Unreadable::OpenQuote { line: self.first_line + self.lines_at_end });
        }
        if self.end < self.kept.len() {
            (self.end, self.lines_at_end) = (self.kept.len(), self.lines);
            self.rows += 1;
        }
        if self.end == 0 {
            return Ok(None);
        }
        if self.expects_header {
            self.take_header()?;
            return Ok(None);
        }
        self.take().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(format: &Format, text: &[u8], step: usize) -> Result<Vec<Piece>, Unreadable> {
        let mut cutter = Cutter::new(format, false);
        let mut pieces = Vec::new();
        for bytes in text.chunks(step) {
            pieces.extend(cutter.push(bytes)?);
        }
        pieces.extend(cutter.finish()?);
        Ok(pieces)
    }

    #[test]
    fn pieces_end_where_records_end_however_the_bytes_come() {
        let csv = Format::Csv { delimiter: ',' };
        let mut text = String::from("\u{feff}");
        for row in 0..1_700 {
            text.push_str(&format!("{row},\"two\nlines, and \"\"quotes\"\"\",5\" pipe\r\n"));
        }
        text.push_str("last,x,y");
        for step in [1, 7, 4_096, text.len()] {
            let pieces = pieces(&csv, text.as_bytes(), step).unwrap();
            let rows: Vec<u64> = pieces.iter().map(|piece| piece.rows).collect();
            assert_eq!(rows, [500, 500, 500, 201], "{step}");
            let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            assert_eq!(whole, text.trim_start_matches('\u{feff}'), "{step}");
            assert!(pieces[1].text.starts_with("500,"), "{}", &pieces[1].text[..20]);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let csv = Format::Csv { delimiter: ',' };
        let long = [b"a,b\n\"".as_slice(), &vec![b'x'; LONGEST_RECORD + 10]].concat();
        let rows: [(&[u8], Unreadable); 3] = [
            (b"a,b\n1,\"open", Unreadable::OpenQuote { line: 2 }),
            (b"\xb0\xa1,b\n", Unreadable::NotUtf8 { line: 1 }),
            (&long, Unreadable::TooLong { line: 2 }),
        ];
        for (text, expected) in rows {
            assert_eq!(pieces(&csv, text, 64), Err(expected));
        }
    }

    #[test]
    fn the_header_is_set_aside() {
        let text = "a,\"b\nc\"\r\n1,2\r\n";
        for (step, end) in [(1, ""), (64, ""), (64, "3,4")] {
            let mut cutter = Cutter::new(&Format::Csv { delimiter: ',' }, true);
            let text = format!("{text}{end}");
            let mut rows = String::new();
            for bytes in text.as_bytes().chunks(step) {
                rows.extend(cutter.push(bytes).unwrap().into_iter().map(|piece| piece.text));
            }
            rows.extend(cutter.finish().unwrap().map(|piece| piece.text));
            assert_eq!(cutter.header(), Some(&Header { text: "a,\"b\nc\"\r\n".into(), lines: 2 }));
            assert_eq!(rows, format!("1,2\r\n{end}"));
        }
    }

    #[test]
    fn what_stands_between_cells_is_seen_in_the_first_line() {
        let rows =
            [("a,b,c\n;;;;", ','), ("a;b,c;d", ';'), ("a\tb", '\t'), ("\"x;y;z\",b", ','), ("name", ','), ("", ',')];
        for (text, expected) in rows {
            assert_eq!(delimiter_of(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_quote_means_nothing_where_records_are_lines() {
        let pieces = pieces(&Format::Ndjson, b"{\"a\":\"1\n2\"}\n", 3).unwrap();
        assert_eq!(pieces, [Piece { text: "{\"a\":\"1\n2\"}\n".into(), rows: 2 }]);
    }
}
