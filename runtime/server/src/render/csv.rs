//! Pages as lines of CSV: the record's own columns, then those of the records it points at as `outlet.name`, then how
//! many of a collection there are as `lines.count`. Lists of records have no place in a line and are refused before.

use trellis_api::rest::CsvWriter;
use trellis_engine::records::{Embedded, OwnedRow, Page};
use trellis_engine::request::SelectRequest;
use trellis_engine::{Cell, CellError, ColumnKind, Error, Row};

/// One column of a line: through which embeds it is reached, and what stands there.
struct Column {
    name: String,
    kind: ColumnKind,
    path: Vec<usize>,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Cell(usize),
    Count(usize),
}

pub fn write(pages: &[Page], request: &SelectRequest, out: &mut Vec<u8>) -> Result<(), Error> {
    let Some(first) = pages.first() else { return Ok(()) };
    let mut columns = Vec::new();
    add_columns(first, request, ("", &[]), &mut columns);
    let writer = CsvWriter::new(columns.iter().map(|column| (column.name.as_str(), column.kind)));
    writer.header(out);
    for row in pages.iter().flat_map(|page| &page.rows) {
        writer.write(&Line { row, columns: &columns }, out)?;
    }
    Ok(())
}

/// All pages of one request have the same columns.
fn add_columns(page: &Page, request: &SelectRequest, (before, path): (&str, &[usize]), columns: &mut Vec<Column>) {
    let column = |name: &str, kind, place| Column { name: format!("{before}{name}"), kind, path: path.to_vec(), place };
    columns.extend(page.plan.columns.iter().map(|cell| column(&cell.name, cell.kind, Place::Cell(cell.index))));
    for (at, embed) in request.embeds.iter().enumerate() {
        let inside = format!("{before}{}.", embed.name);
        if let Some(count) = &embed.count {
            let name = format!("{}.{count}", embed.name);
            columns.push(column(&name, ColumnKind::Integer, Place::Count(at)));
        } else if let Some(related) = &page.embeds[at] {
            let path: Vec<usize> = path.iter().copied().chain([at]).collect();
            add_columns(related, &embed.request, (&inside, &path), columns);
        }
    }
}

struct Line<'r> {
    row: &'r OwnedRow,
    columns: &'r [Column],
}

impl Row for Line<'_> {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        let column = &self.columns[index];
        let mut row = self.row;
        for at in &column.path {
            match &row.embeds[*at] {
                Embedded::One(Some(related)) => row = related,
                _ => return Ok(Cell::Null),
            }
        }
        match (column.place, &row.embeds) {
            (Place::Cell(index), _) => row.cell(index, kind),
            (Place::Count(at), embeds) => Ok(match embeds[at] {
                Embedded::Count(count) => Cell::Integer(count),
                _ => Cell::Null,
            }),
        }
    }
}
