//! Documents that were broken at random: every one is answered with findings or a snapshot, none with a panic.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use trellis_metadata::document::DocumentSet;
use trellis_metadata::resolve::resolve;

const FILES: &[&str] = &[
    "package.json",
    "objects/equipment.json",
    "objects/loan.json",
    "objects/loan_line.json",
    "forms/loan_default.json",
    "views/loan_open.json",
    "workflows/loan_submitted.json",
    "roles/borrower.json",
    "roles/storekeeper.json",
    "sequences/loan_no.json",
    "scenarios/loan_total.json",
];

fn example() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/passing/packages/equipment_loan");
    FILES.iter().map(|file| serde_json::from_str(&fs::read_to_string(root.join(file)).unwrap()).unwrap()).collect()
}

/// Every place in a value, as a pointer.
fn pointers(json: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match json {
        Value::Object(map) => map.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found));
        }
        _ => {}
    }
}

fn substitutes() -> Vec<Value> {
    let mut values = vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("record"),
        json!("record.loan.loan.loan"),
        json!("设备"),
        json!("\u{0}"),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!({ "cel": "1 / 0" }),
        json!("loan"),
        json!("status"),
        json!("*"),
        json!("(".repeat(300)),
        json!("{{record.a.b.c.d}}"),
    ];
    // Whole parts of the package in places where they do not belong.
    for document in example() {
        let mut places = Vec::new();
        pointers(&document, "", &mut places);
        values.extend(places.iter().step_by(7).filter_map(|pointer| document.pointer(pointer).cloned()));
    }
    values
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn broken_documents_are_answered(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4)) {
        let mut documents = example();
        let substitutes = substitutes();
        for (document, place, substitute) in changes {
            let document = document.get_mut(documents.as_mut_slice());
            let mut places = Vec::new();
            pointers(document, "", &mut places);
            let pointer = place.get(places.as_slice());
            *document.pointer_mut(pointer).unwrap() = substitute.get(substitutes.as_slice()).clone();
        }
        let texts: Vec<_> = documents.iter().enumerate().map(|(at, json)| (format!("{at}.json"), format!("{json:#}"))).collect();
        let (set, parsed) = DocumentSet::parse(texts);
        let resolution = resolve(&set, 1);
        let findings = parsed.iter().chain(&resolution.diagnostics);
        for finding in findings {
            prop_assert!(finding.line > 0 && finding.column > 0 && !finding.message.is_empty(), "{}", finding);
        }
        prop_assert_eq!(resolution.snapshot.is_none(), !parsed.is_empty() || resolution.errors().next().is_some());
        let (from_api, _) = DocumentSet::from_json(documents);
        resolve(&from_api, 1);
    }
}
