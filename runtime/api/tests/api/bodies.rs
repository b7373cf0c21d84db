//! JSON bodies to record inputs or problems.

use std::fmt::Write as _;
use std::fs;

use trellis_api::prefer::Missing;
use trellis_api::rest::{BodyOptions, MAX_RECORDS, parse_changes, parse_records};
use trellis_metadata::label::Locale;

use crate::print::{Names, problem};
use crate::support::{case, golden, profile, snapshot};

/// Lines `create|update role object body`.
#[test]
fn bodies() {
    let snapshot = snapshot();
    let names = Names(&snapshot);
    let mut found = String::new();
    for line in fs::read_to_string(case("bodies.txt")).unwrap().lines().filter(|line| !line.is_empty()) {
        let mut parts = line.splitn(4, ' ');
        let (how, role, object, body) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let object = snapshot.object_by_name(object).unwrap();
        let rights = profile(&snapshot, role);
        let outcome = match how {
            "create" => parse_records(&snapshot, &rights, object, body.as_bytes(), BodyOptions::default())
                .map(|read| read.records),
            _ => parse_changes(&snapshot, &rights, object, body.as_bytes()).map(|record| vec![record]),
        };
        let text = outcome.map_or_else(
            |refused| problem(&refused),
            |records| records.iter().map(|record| names.record(record, "")).collect(),
        );
        let _ = writeln!(found, "> {line}\n{text}");
    }
    golden("bodies.golden", &found);
}

#[test]
fn columns_fill_what_a_row_lacks_with_null_unless_defaults_are_asked_for() {
    let snapshot = snapshot();
    let names = Names(&snapshot);
    let rights = profile(&snapshot, "storekeeper");
    let object = snapshot.object_by_name("equipment").unwrap();
    let columns = ["code".to_owned(), "title".to_owned()];
    let body = br#"[{"code":"a"},{"code":"b","title":"B"}]"#;
    let read = |missing| {
        let options = BodyOptions { columns: Some(&columns), missing, ..BodyOptions::default() };
        let records = parse_records(&snapshot, &rights, object, body, options).unwrap();
        assert!(records.is_array);
        names.record(&records.records[0], "")
    };
    assert_eq!(read(None), "equipment\n  code = \"a\"\n  title = null\n");
    assert_eq!(read(Some(Missing::Default)), "equipment\n  code = \"a\"\n");
}

#[test]
fn counts_are_limited_and_findings_too() {
    let snapshot = snapshot();
    let rights = profile(&snapshot, "storekeeper");
    let object = snapshot.object_by_name("equipment").unwrap();
    let read = |body: String| parse_records(&snapshot, &rights, object, body.as_bytes(), BodyOptions::default());
    let rows = |count: usize, row: &str| format!("[{}]", vec![row; count].join(","));
    assert!(read(rows(MAX_RECORDS, "{}")).is_ok());
    assert_eq!(
        read(rows(MAX_RECORDS + 1, "{}")).unwrap_err().errors[0].text(Locale::En),
        "At most 1000 are allowed at once."
    );
    assert_eq!(read(rows(500, r#"{"x":1}"#)).unwrap_err().errors.len(), 100);
}
