//! The preset packages resolve without an error and speak all three languages, together and each with no more than what
//! it says it needs.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use trellis_metadata::diagnostic::Diagnostic;
use trellis_metadata::document::DocumentSet;
use trellis_metadata::format::format;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::Snapshot;

/// In order of installation.
const PACKAGES: [&str; 3] = ["core_channel", "product_pricing", "ordering"];
const ROLES: [&str; 7] =
    ["brand_admin", "brand_hq", "region_mgr", "supervisor", "brand_rep", "dealer_admin", "dealer_rep"];

fn documents(packages: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders: Vec<_> = packages.iter().map(|package| root.join(package)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn snapshot(packages: &[&str]) -> Snapshot {
    let (set, mut diagnostics) = DocumentSet::parse(documents(packages));
    let resolution = resolve(&set, 1);
    diagnostics.extend(resolution.diagnostics);
    assert!(diagnostics.is_empty(), "{packages:?}:\n{}", listing(&diagnostics));
    resolution.snapshot.unwrap()
}

fn listing(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<String> = diagnostics.iter().map(|found| format!("{found} at {}", found.pointer)).collect();
    lines.join("\n")
}

#[test]
fn every_package_resolves_with_what_it_requires() {
    for end in 1..=PACKAGES.len() {
        snapshot(&PACKAGES[..end]);
    }
}

#[test]
fn every_name_is_kept_once() {
    let snapshot = snapshot(&PACKAGES);
    for object in ["region", "dealer", "outlet", "product", "price_book", "sales_order", "order_line", "delivery"] {
        assert!(snapshot.object_by_name(object).is_some(), "{object}");
    }
    for object in ["sales_order", "outlet", "dealer", "product", "price_book", "delivery"] {
        let object = snapshot.object_by_name(object).unwrap();
        assert!(snapshot.forms_of(object.index).next().is_some(), "{} has no form", object.name);
        assert!(snapshot.views_of(object.index).next().is_some(), "{} has no view", object.name);
        assert!(object.state_machine.is_some(), "{} has no states", object.name);
    }
}

/// A role of the first package holds what the later packages add to it.
#[test]
fn roles_grow_with_the_packages() {
    let snapshot = snapshot(&PACKAGES);
    let order = snapshot.object_by_name("sales_order").unwrap().index;
    for name in ROLES {
        let role = snapshot.role_by_name(name).unwrap();
        let mut grants = role.inherits.iter().flat_map(|role| &snapshot.roles[*role].grants);
        assert!(grants.any(|grant| grant.object == order), "{name} has no right on orders");
    }
}

/// `TRELLIS_UPDATE=1` rewrites those that are not.
#[test]
fn documents_are_in_canonical_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for (name, text) in documents(&PACKAGES) {
        let canonical = format(&text).unwrap();
        if std::env::var_os("TRELLIS_UPDATE").is_some() {
            fs::write(root.join(&name), &canonical).unwrap();
        } else {
            assert!(text == canonical, "{name} is not in canonical form");
        }
    }
}
