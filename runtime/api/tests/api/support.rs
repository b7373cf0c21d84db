//! The example package as a snapshot, its roles as profiles, and the golden-file runner.

use std::fs;
use std::path::{Path, PathBuf};

use trellis_access::Profile;
use trellis_api::rest::{CursorContext, CursorKey, ListOptions};
use trellis_metadata::document::DocumentSet;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::Snapshot;

/// Sees two fields of loans and nothing else.
const CLERK: &str = r#"{ "kind": "role", "name": "clerk", "grants": [
    { "object": "loan", "verbs": ["read"], "rows": "all", "fields": ["loan_no", "status"] },
    { "object": "loan", "verbs": ["create", "update"], "rows": "all", "fields": ["status"] } ] }"#;

pub fn snapshot() -> Snapshot {
    let clerk = ("roles/clerk.json".to_owned(), CLERK.to_owned());
    package("../../metadata/tests/passing/packages/equipment_loan", vec![clerk])
}

/// One object with a field of each type that formats or limits its texts.
pub fn catalogue() -> Snapshot {
    package("../../tests/fixtures/catalogue", Vec::new())
}

fn package(folder: &str, mut files: Vec<(String, String)>) -> Snapshot {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    collect(&folder, &folder, &mut files);
    files.sort();
    let (set, mut findings) = DocumentSet::parse(files);
    let resolution = resolve(&set, 1);
    findings.extend(resolution.diagnostics);
    resolution.snapshot.unwrap_or_else(|| panic!("{findings:#?}"))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

pub fn profile(snapshot: &Snapshot, role: &str) -> Profile {
    Profile::compile(snapshot, &[Identifier::new(role).unwrap()])
}

pub fn key() -> CursorKey {
    CursorKey::new([7; 32])
}

pub fn options(key: &CursorKey) -> ListOptions<'_> {
    ListOptions { range: None, cursor: CursorContext { key, tenant: "demo", profile: 1 } }
}

pub fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/cases").join(name)
}

/// Compares with the file, or rewrites it.
pub fn golden(name: &str, found: &str) {
    let path = case(name);
    if std::env::var_os("TRELLIS_UPDATE").is_some() {
        fs::write(&path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (at, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(found, expected, "{} line {}", path.display(), at + 1);
    }
    assert_eq!(found.len(), expected.len(), "{} has another length", path.display());
}
