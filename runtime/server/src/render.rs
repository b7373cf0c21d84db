//! Planned rows to the bytes of an answer.

mod csv;

use trellis_api::rest::{CsvWriter, RecordWriter, Shape, write_text};
use trellis_engine::records::{Embedded, OwnedRow, Page, Totals};
use trellis_engine::request::SelectRequest;
use trellis_engine::{Cell, CellError, ColumnKind, Error, Row, SelectPlan};
use trellis_metadata::value::Value;

/// A row whose first cells are the asked-for columns in order.
struct Projected<'r> {
    row: &'r dyn Row,
    plan: &'r SelectPlan,
}

impl Row for Projected<'_> {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        self.row.cell(self.plan.columns[index].index, kind)
    }
}

enum Writer {
    Json(RecordWriter),
    Csv(CsvWriter),
}

/// Collects streamed rows.
pub struct Rows<'p> {
    plan: &'p SelectPlan,
    shape: Shape,
    writer: Writer,
    out: Vec<u8>,
    count: usize,
    /// Rows of a full page.
    limit: usize,
    last: Option<Vec<Value>>,
}

impl<'p> Rows<'p> {
    pub fn new(plan: &'p SelectPlan, shape: Shape, limit: usize) -> Self {
        let mut out = Vec::with_capacity(if limit > 1 { 16 * 1024 } else { 1024 });
        let columns = || plan.columns.iter().map(|column| (column.name.as_str(), column.kind));
        let writer = if shape == Shape::Csv {
            let writer = CsvWriter::new(columns());
            writer.header(&mut out);
            Writer::Csv(writer)
        } else {
            Writer::Json(RecordWriter::new(columns()).strip_nulls(shape.strips_nulls()))
        };
        if matches!(shape, Shape::Array { .. }) {
            out.push(b'[');
        }
        Self { plan, shape, writer, out, count: 0, limit, last: None }
    }

    pub fn push(&mut self, row: &dyn Row) -> Result<(), CellError> {
        let projected = Projected { row, plan: self.plan };
        match &self.writer {
            Writer::Json(writer) => {
                if self.count > 0 {
                    self.out.push(b',');
                }
                writer.write(&projected, &[], &mut self.out)?;
            }
            Writer::Csv(writer) => writer.write(&projected, &mut self.out)?,
        }
        self.count += 1;
        if self.count == self.limit {
            let keys = self.plan.keys.iter().map(|(index, kind)| Ok(row.cell(*index, *kind)?.to_value()));
            self.last = Some(keys.collect::<Result<_, CellError>>()?);
        }
        Ok(())
    }

    /// The order keys of the last row of a full page: there may be more.
    pub fn continuation(&mut self) -> Option<Vec<Value>> {
        self.last.take()
    }

    pub fn finish(mut self) -> Vec<u8> {
        if matches!(self.shape, Shape::Array { .. }) {
            self.out.push(b']');
        }
        self.out
    }
}

/// A page with embeds, in the given form.
pub fn page(page: &Page, request: &SelectRequest, shape: Shape) -> Result<Vec<u8>, Error> {
    pages(std::slice::from_ref(page), request, shape)
}

/// The rows of several pages of one request as one answer.
pub fn pages(pages: &[Page], request: &SelectRequest, shape: Shape) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(4 * 1024);
    if shape == Shape::Csv {
        csv::write(pages, request, &mut out)?;
        return Ok(out);
    }
    let is_array = matches!(shape, Shape::Array { .. });
    if is_array {
        out.push(b'[');
    }
    let mut first = true;
    for page in pages {
        let writer = writer(page, request, shape);
        for row in &page.rows {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            object(page, request, row, &writer, shape, &mut out)?;
        }
    }
    if is_array {
        out.push(b']');
    }
    Ok(out)
}

/// Each row of a page by itself.
pub fn each(page: &Page, request: &SelectRequest) -> Result<Vec<Vec<u8>>, Error> {
    let shape = Shape::Array { strip_nulls: false };
    let writer = writer(page, request, shape);
    let rows = page.rows.iter().map(|row| {
        let mut out = Vec::with_capacity(256);
        object(page, request, row, &writer, shape, &mut out)?;
        Ok(out)
    });
    rows.collect()
}

fn writer(page: &Page, request: &SelectRequest, shape: Shape) -> RecordWriter {
    RecordWriter::new(page.plan.columns.iter().map(|column| (column.name.as_str(), column.kind)))
        .embeds(request.embeds.iter().map(|embed| embed.name.as_str()))
        .strip_nulls(shape.strips_nulls())
}

fn object(
    page: &Page,
    request: &SelectRequest,
    row: &OwnedRow,
    writer: &RecordWriter,
    shape: Shape,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut embeds = Vec::with_capacity(row.embeds.len());
    for (position, embedded) in row.embeds.iter().enumerate() {
        embeds.push(embed(page, request, position, embedded, shape)?);
    }
    let slices: Vec<&[u8]> = embeds.iter().map(Vec::as_slice).collect();
    Ok(writer.write(&Projected { row, plan: &page.plan }, &slices, out)?)
}

fn embed(
    page: &Page,
    request: &SelectRequest,
    position: usize,
    embedded: &Embedded,
    shape: Shape,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    if let (Embedded::Count(count), Some(name)) = (embedded, &request.embeds[position].count) {
        out.extend_from_slice(b"[{");
        write_text(name, &mut out);
        out.extend_from_slice(format!(":{count}}}]").as_bytes());
        return Ok(out);
    }
    let (Some(related), wanted) = (&page.embeds[position], &request.embeds[position].request) else {
        return Ok(b"null".to_vec());
    };
    let writer = writer(related, wanted, shape);
    match embedded {
        Embedded::One(None) | Embedded::Count(_) => out.extend_from_slice(b"null"),
        Embedded::One(Some(row)) => object(related, wanted, row, &writer, shape, &mut out)?,
        Embedded::Many(rows) => {
            out.push(b'[');
            for (index, row) in rows.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                object(related, wanted, row, &writer, shape, &mut out)?;
            }
            out.push(b']');
        }
    }
    Ok(out)
}

/// Groups and totals.
pub fn totals(totals: &Totals, shape: Shape) -> Result<Vec<u8>, Error> {
    let columns = || totals.columns.iter().map(|(name, kind)| (name.as_str(), *kind));
    let mut out = Vec::with_capacity(4 * 1024);
    if shape == Shape::Csv {
        let writer = CsvWriter::new(columns());
        writer.header(&mut out);
        for row in &totals.rows {
            writer.write(row, &mut out)?;
        }
        return Ok(out);
    }
    let writer = RecordWriter::new(columns()).strip_nulls(shape.strips_nulls());
    let is_array = matches!(shape, Shape::Array { .. });
    if is_array {
        out.push(b'[');
    }
    for (at, row) in totals.rows.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        writer.write(row, &[], &mut out)?;
    }
    if is_array {
        out.push(b']');
    }
    Ok(out)
}
