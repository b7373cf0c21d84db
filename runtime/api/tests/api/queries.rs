//! Query strings to requests or problems.

use std::fmt::Write as _;
use std::fs;

use trellis_api::rest::{Asking, parse_select, parse_write};

use crate::print::{Names, problem};
use crate::support::{case, golden, key, options, profile, snapshot};

/// Lines `role object?query`; golden: the request or the problem.
#[test]
fn lists() {
    let snapshot = snapshot();
    let names = Names(&snapshot);
    let key = key();
    let mut found = String::new();
    for line in fs::read_to_string(case("lists.txt")).unwrap().lines().filter(|line| !line.is_empty()) {
        let (role, rest) = line.split_once(' ').unwrap();
        let (object, query) = rest.split_once('?').unwrap();
        let object = snapshot.object_by_name(object).unwrap();
        let outcome = parse_select(&snapshot, &profile(&snapshot, role), object, Asking::Address(query), options(&key));
        let text = match outcome {
            Err(refused) => problem(&refused),
            Ok(list) => match &list.totals {
                Some(totals) => names.totals(totals),
                None => names.request(&list.request, ""),
            },
        };
        let _ = writeln!(found, "> {line}\n{text}");
    }
    golden("lists.golden", &found);
}

#[test]
fn writes() {
    let snapshot = snapshot();
    let names = Names(&snapshot);
    let mut found = String::new();
    for line in fs::read_to_string(case("writes.txt")).unwrap().lines().filter(|line| !line.is_empty()) {
        let (role, rest) = line.split_once(' ').unwrap();
        let (object, query) = rest.split_once('?').unwrap();
        let object = snapshot.object_by_name(object).unwrap();
        let text = match parse_write(&snapshot, &profile(&snapshot, role), object, query) {
            Err(refused) => problem(&refused),
            Ok(write) => {
                let conflict =
                    write.on_conflict.map(|fields| fields.into_iter().map(|field| field.0).collect::<Vec<_>>());
                let columns = write.columns;
                let filtered = write.is_filtered;
                format!(
                    "filtered {filtered} columns {columns:?} conflict {conflict:?}\n{}",
                    names.request(&write.select, "")
                )
            }
        };
        let _ = writeln!(found, "> {line}\n{text}");
    }
    golden("writes.golden", &found);
}

#[test]
fn limits_hold_before_anything_recurses() {
    let snapshot = snapshot();
    let profile = profile(&snapshot, "storekeeper");
    let object = snapshot.object_by_name("loan").unwrap();
    let key = key();
    let many = |count: usize| vec!["status.eq.draft"; count].join(",");
    let rows = [
        (format!("status=eq.{}", "x".repeat(9_000)), "At most 8192 bytes are allowed."),
        (format!("and=({})", many(101)), "At most 100 conditions are allowed."),
        (
            format!("and={}status.eq.draft{}", "(and".repeat(50) + "(", ")".repeat(51)),
            "At most 10 levels of nested conditions are allowed.",
        ),
        (format!("select={}", "lines(loan(".repeat(400)), "At most 5 levels of embedding are allowed."),
        ("a=1&".repeat(201), "At most 200 parameters are allowed."),
        (format!("select={}", vec!["status"; 501].join(",")), "At most 500 selected items are allowed."),
    ];
    for (query, text) in rows {
        let refused = parse_select(&snapshot, &profile, object, Asking::Address(&query), options(&key)).unwrap_err();
        assert_eq!(refused.text(trellis_metadata::label::Locale::En), text);
    }
    assert!(
        parse_select(&snapshot, &profile, object, Asking::Address(&format!("and=({})", many(100))), options(&key))
            .is_ok()
    );
}
