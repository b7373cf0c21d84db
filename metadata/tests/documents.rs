//! Folders of documents and what resolving them gives: `passing/<topic>/<case>/` holds a summary of the snapshot,
//! `failing/<topic>/<case>/` the diagnostics. `TRELLIS_UPDATE=1` rewrites both.

#[path = "documents/summary.rs"]
mod summary;

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
        if diagnostics.is_empty() {
            let resolution = resolve(&set, 1);
            assert!(resolution.snapshot.is_none(), "{} gives a snapshot", case.display());
            diagnostics = resolution.diagnostics;
        }
        assert!(!diagnostics.is_empty(), "{} gives no diagnostics", case.display());
        compare(&case.join("diagnostics.txt"), &listing(&diagnostics));
    }
}

#[test]
fn the_same_documents_from_the_api_give_the_same_findings_without_lines() {
    for case in cases("failing") {
        let files = documents(&case);
        let values: Vec<_> = files.iter().map(|(_, text)| serde_json::from_str(text)).collect();
        let Ok(values) = values.into_iter().collect::<Result<Vec<serde_json::Value>, _>>() else { continue };
        let (set, parsed) = DocumentSet::from_json(values);
        let found = if parsed.is_empty() { resolve(&set, 1).diagnostics } else { parsed };
        assert!(found.iter().all(|diagnostic| diagnostic.line == 0 && diagnostic.file.starts_with("documents[")));
    }
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
    diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n    at {}\n", diagnostic.pointer)).collect()
}

fn compare(path: &Path, current: &str) {
    if std::env::var_os("TRELLIS_UPDATE").is_some() {
        fs::write(path, current).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(expected == current, "{} differs; now:\n{current}", path.display());
}
