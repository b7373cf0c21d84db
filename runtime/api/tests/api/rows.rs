//! Rows to bytes.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use trellis_api::rest::{CsvWriter, RecordWriter};
use trellis_metadata::column::ColumnKind;
use trellis_plan::{Cell, CellError, Row};
use uuid::Uuid;

struct Cells<'a>(Vec<Cell<'a>>);

impl Row for Cells<'_> {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        self.0.get(index).copied().ok_or(CellError { index, kind })
    }
}

fn columns() -> Vec<(&'static str, ColumnKind)> {
    vec![
        ("text", ColumnKind::Text),
        ("amount", ColumnKind::Decimal { scale: 2 }),
        ("count", ColumnKind::Integer),
        ("open", ColumnKind::Boolean),
        ("on", ColumnKind::Date),
        ("at", ColumnKind::DateTime),
        ("time", ColumnKind::Time),
        ("took", ColumnKind::Duration),
        ("id", ColumnKind::Id),
        ("tags", ColumnKind::Json),
        ("none", ColumnKind::Text),
    ]
}

fn row(text: &str) -> Cells<'_> {
    Cells(vec![
        Cell::Text(text),
        Cell::Decimal(Decimal::new(10_000, 2)),
        Cell::Integer(i64::MIN),
        Cell::Boolean(true),
        Cell::Date(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()),
        Cell::DateTime(DateTime::<Utc>::from_timestamp_micros(1_767_225_600_000_001).unwrap()),
        Cell::Time(NaiveTime::from_hms_opt(8, 30, 0).unwrap()),
        Cell::Duration(5_400),
        Cell::Id(Uuid::from_u128(1)),
        Cell::Json(r#"["a"]"#),
        Cell::Null,
    ])
}

fn json(writer: &RecordWriter, row: &Cells<'_>, embeds: &[&[u8]]) -> String {
    let mut out = Vec::new();
    writer.write(row, embeds, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json_keeps_every_digit_and_splices_embeds() {
    let writer = RecordWriter::new(columns()).embeds(["lines", "borrower"]);
    let expected = concat!(
        r#"{"text":"a\"b","amount":"100.00","count":-9223372036854775808,"open":true,"on":"2026-03-01","#,
        r#""at":"2026-01-01T00:00:00.000001Z","time":"08:30:00","took":"PT1H30M","#,
        r#""id":"00000000-0000-0000-0000-000000000001","#,
        r#""tags":["a"],"none":null,"lines":[{"n":1}],"borrower":null}"#
    );
    assert_eq!(json(&writer, &row("a\"b"), &[br#"[{"n":1}]"#]), expected);
    let stripped = json(&writer.strip_nulls(true), &row("a"), &[b"[]"]);
    assert!(stripped.ends_with(r#""tags":["a"],"lines":[]}"#), "{stripped}");
    assert_eq!(json(&RecordWriter::new([]), &row(""), &[]), "{}");
}

#[test]
fn csv_quotes_and_defuses_formulas() {
    let writer = CsvWriter::new([("name", ColumnKind::Text), ("amount", ColumnKind::Decimal { scale: 2 })]);
    let mut out = Vec::new();
    writer.header(&mut out);
    for text in ["plain", "a,\"b\"", "=1+1", "-x", "@cmd", "line\nbreak", " =1"] {
        writer.write(&Cells(vec![Cell::Text(text), Cell::Decimal(Decimal::new(-150, 2))]), &mut out).unwrap();
    }
    writer.write(&Cells(vec![Cell::Null, Cell::Null]), &mut out).unwrap();
    let expected = "name,amount\r\nplain,-1.50\r\n\"a,\"\"b\"\"\",-1.50\r\n\"'=1+1\",-1.50\r\n\"'-x\",-1.50\r\n\"'@cmd\",-1.50\r\n\"line\nbreak\",-1.50\r\n =1,-1.50\r\n,\r\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

proptest! {
    #[test]
    fn any_text_reads_back(text in ".*", name in ".*") {
        let writer = RecordWriter::new([(name.as_str(), ColumnKind::Text)]);
        let printed = json(&writer, &Cells(vec![Cell::Text(&text)]), &[]);
        let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
        prop_assert_eq!(&read[&name], &serde_json::Value::from(text));
    }

    #[test]
    fn times_print_as_their_values_do(micros in -62_167_219_200_000_000_i64..253_402_300_800_000_000, whole in 0..3) {
        let unit = [1, 1_000, 1_000_000][whole as usize];
        let at = DateTime::<Utc>::from_timestamp_micros(micros / unit * unit).unwrap();
        let (date, time) = (at.date_naive(), at.time().with_nanosecond(0).unwrap());
        let columns = [("at", ColumnKind::DateTime), ("on", ColumnKind::Date), ("time", ColumnKind::Time)];
        let writer = RecordWriter::new(columns);
        let printed = json(&writer, &Cells(vec![Cell::DateTime(at), Cell::Date(date), Cell::Time(time)]), &[]);
        let text = |cell: Cell<'_>| cell.to_value().to_string();
        let (at, date, time) = (text(Cell::DateTime(at)), text(Cell::Date(date)), text(Cell::Time(time)));
        prop_assert_eq!(printed, format!(r#"{{"at":"{at}","on":"{date}","time":"{time}"}}"#));
    }
}
