//! Folders of documents and what resolving them gives: `passing/<topic>/<case>/` holds a summary of the snapshot,
//! `failing/<topic>/<case>/` the diagnostics. `TRELLIS_UPDATE=1` rewrites both.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "documents/summary.rs"]
mod summary;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use trellis_metadata::diagnostic::{Diagnostic, Severity};
use trellis_metadata::document::DocumentSet;
use trellis_metadata::resolve::resolve;

#[test]
fn passing_documents_give_their_snapshot() {
    for case in cases("passing") {
        let (set, mut diagnostics) = DocumentSet::parse(documents(&case));
        let resolution = resolve(&set, 1);
        diagnostics.extend(resolution.diagnostics);
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        assert_eq!(errors, 0, "{}:\n{}", case.display(), listing(&diagnostics));
        let snapshot = resolution.snapshot.unwrap();
        compare(&case.join("snapshot.txt"), &format!("{}{}", summary::of(&snapshot), listing(&diagnostics)));
    }
}

#[test]
fn failing_documents_give_their_diagnostics() {
    for case in cases("failing") {
        let (set, mut diagnostics) = DocumentSet::parse(documents(&case));
        let resolution = resolve(&set, 1);
        assert!(resolution.snapshot.is_none(), "{} gives a snapshot", case.display());
        diagnostics.extend(resolution.diagnostics);
        assert!(!diagnostics.is_empty(), "{} gives no diagnostics", case.display());
        compare(&case.join("diagnostics.txt"), &listing(&diagnostics));
        for diagnostic in &diagnostics {
            let page = format!("{}/../docs/errors/{}.md", env!("CARGO_MANIFEST_DIR"), diagnostic.code);
            assert!(Path::new(&page).exists(), "no page explains {}", diagnostic.code);
        }
    }
}

#[test]
fn the_same_documents_from_the_api_give_the_same_findings_without_lines() {
    for case in cases("failing") {
        let files = documents(&case);
        let values: Vec<_> = files.iter().map(|(_, text)| serde_json::from_str(text)).collect();
        let Ok(values) = values.into_iter().collect::<Result<Vec<serde_json::Value>, _>>() else { continue };
        let (set, mut found) = DocumentSet::from_json(values);
        found.extend(resolve(&set, 1).diagnostics);
        assert!(found.iter().all(|diagnostic| diagnostic.line == 0 && diagnostic.file.starts_with("documents[")));
    }
}

#[test]
fn a_document_past_the_limit_is_refused_as_such() {
    let filler = "x".repeat(1_048_576);
    let text = format!("{{\"kind\": \"object\", \"name\": \"big\", \"$comment\": \"{filler}\", \"fields\": {{}}}}");
    let (set, diagnostics) = DocumentSet::parse([("big.json".to_owned(), text)]);
    assert!(set.documents.is_empty());
    let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["document_too_large"]);
}

#[test]
fn a_document_replaces_the_one_of_its_kind_and_id() {
    let object = |name: &str, id: &str| serde_json::json!({ "kind": "object", "name": name, "id": id, "fields": {} });
    let (base, _) = DocumentSet::from_json([object("loan", "loan"), object("tool", "tool")]);
    let (over, _) = DocumentSet::from_json([object("lending", "loan"), object("place", "place")]);
    let merged = base.merge(&over);
    let names: Vec<_> = merged.documents.iter().map(|document| document.name.as_str()).collect();
    assert_eq!(names, ["lending", "tool", "place"]);
    assert!(resolve(&merged, 1).snapshot.is_some());
    assert_eq!(merged.documents[0].json(), &object("lending", "loan"));
}

fn cases(group: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(group);
    let folders = |path: &Path| {
        let mut found: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
        found.sort();
        found
    };
    let cases: Vec<_> = folders(&root).iter().flat_map(|topic| folders(topic)).collect();
    assert!(!cases.is_empty());
    cases
}

/// Every JSON file below the case, by its path in it.
fn documents(case: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![case.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.strip_prefix(case).unwrap().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn listing(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().fold(String::new(), |mut text, diagnostic| {
        let _ = writeln!(text, "{diagnostic}\n    at {}", diagnostic.pointer);
        text
    })
}

fn compare(path: &Path, current: &str) {
    if std::env::var_os("TRELLIS_UPDATE").is_some() {
        fs::write(path, current).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(expected == current, "{} differs; now:\n{current}", path.display());
}

/// Prints how long a tenant of 200 objects takes; run with `--ignored --nocapture` on an optimised build.
#[test]
#[ignore = "a measurement, not a check"]
fn time_of_resolving_two_hundred_objects() {
    let mut documents = Vec::new();
    for at in 0..200 {
        let mut fields = serde_json::Map::new();
        for field in 0..20 {
            fields.insert(
                format!("field_{field}"),
                serde_json::json!({ "type": "text", "label": { "en": "Field", "zh-CN": "字段", "zh-TW": "欄位" }, "order": field }),
            );
        }
        fields.insert("price".into(), serde_json::json!({ "type": "money" }));
        fields.insert(
            "twice".into(),
            serde_json::json!({ "type": "formula", "result": "decimal", "expression": "record.price * 2" }),
        );
        fields.insert("up".into(), serde_json::json!({ "type": "lookup", "target": format!("object_{}", at / 2), "collection": format!("children_{at}") }));
        documents.push(serde_json::json!({ "kind": "object", "name": format!("object_{at}"), "fields": fields }));
        documents.push(serde_json::json!({
            "kind": "view", "name": format!("view_{at}"), "object": format!("object_{at}"), "columns": ["field_1", "price"],
            "filter": "record.price > 3 && record.field_1 == 'x'"
        }));
    }
    let files: Vec<_> =
        documents.iter().enumerate().map(|(at, json)| (format!("{at}.json"), format!("{json:#}"))).collect();
    let (warm, _) = DocumentSet::parse(files.clone());
    assert!(resolve(&warm, 1).snapshot.is_some());
    let start = std::time::Instant::now();
    let (set, diagnostics) = DocumentSet::parse(files);
    let parsed = start.elapsed();
    assert!(diagnostics.is_empty());
    let resolution = resolve(&set, 1);
    println!("parse {parsed:?}, resolve {:?}", start.elapsed().saturating_sub(parsed));
    assert!(resolution.snapshot.is_some());
}
