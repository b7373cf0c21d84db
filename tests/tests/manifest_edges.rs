//! Who may import whom: reads the manifests and fails on any edge the architecture does not allow.

use std::collections::BTreeSet;
use std::path::Path;

/// Crate, its folder, and our crates it may use.
const ALLOWED: &[(&str, &str, &[&str])] = &[
    ("trellis-metadata", "metadata", &[]),
    ("trellis-access", "runtime/access", &["trellis-metadata"]),
    ("trellis-plan", "runtime/plan", &["trellis-access", "trellis-metadata"]),
    ("trellis-storage", "runtime/storage", &["trellis-plan", "trellis-metadata"]),
    ("trellis-engine", "runtime/engine", &["trellis-storage", "trellis-plan", "trellis-access", "trellis-metadata"]),
    ("trellis-api", "runtime/api", &["trellis-plan", "trellis-access", "trellis-metadata"]),
    ("trellis-forms", "runtime/forms", &["trellis-plan", "trellis-access", "trellis-metadata"]),
    ("trellis-workflow", "runtime/workflow", &["trellis-engine", "trellis-metadata"]),
    ("trellis-sample", "runtime/sample", &[]),
    (
        "trellis-server",
        "runtime/server",
        &["trellis-api", "trellis-forms", "trellis-workflow", "trellis-engine", "trellis-metadata", "trellis-sample"],
    ),
];

#[test]
fn every_edge_is_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut wrong = BTreeSet::new();
    for (name, folder, allowed) in ALLOWED {
        let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        for used in ours(&manifest) {
            if !allowed.contains(&used.as_str()) {
                wrong.insert(format!("{name} must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_member_is_in_the_table() {
    let root = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml")).unwrap();
    let known: BTreeSet<_> = ALLOWED.iter().map(|(_, folder, _)| *folder).collect();
    let members = root.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let unknown: Vec<_> = members.filter(|member| !known.contains(member) && !member.starts_with("tests")).collect();
    assert!(unknown.is_empty(), "{unknown:?} have no row in the table of allowed edges");
}

/// Our crates named under `[dependencies]`; tests may use more.
fn ours(manifest: &str) -> Vec<String> {
    let after = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = after.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| name.starts_with("trellis-")).map(str::to_owned).collect()
}
