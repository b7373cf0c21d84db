//! `docs/documents.md` tells of every property there is, and its examples are one package without a finding.

use std::collections::BTreeSet;

use serde_json::Value;
use trellis_metadata::document::{DocumentSet, Kind};
use trellis_metadata::resolve::resolve;
use trellis_metadata::schema::schema;

const REFERENCE: &str = include_str!("../../docs/documents.md");

/// Said once for all kinds.
const EVERYWHERE: &str = "Every document";

#[test]
fn every_property_is_told_of_where_its_kind_is() {
    let common = section(EVERYWHERE);
    let mut missing = Vec::new();
    for kind in Kind::ALL.iter().copied() {
        let text = section(kind.name());
        let mut properties = BTreeSet::new();
        collect(schema(kind), &mut properties);
        let told = |name: &str| [text, common].into_iter().any(|text| names(text).any(|told| told == name));
        missing
            .extend(properties.into_iter().filter(|name| !told(name)).map(|name| format!("{}: {name}", kind.name())));
    }
    assert!(missing.is_empty(), "docs/documents.md says nothing of {missing:#?}");
}

#[test]
fn the_examples_are_one_package() {
    let blocks = REFERENCE.split("```json\n").skip(1).filter_map(|block| block.split("```").next());
    let files: Vec<_> = blocks.enumerate().map(|(at, text)| (format!("example {at}"), text.to_owned())).collect();
    let (set, mut findings) = DocumentSet::parse(files);
    findings.extend(resolve(&set, 1).diagnostics);
    assert!(findings.is_empty(), "{findings:#?}");
    let kinds: BTreeSet<_> = set.documents.iter().map(|document| document.kind().name()).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "examples of {kinds:?} only");
}

/// The text below a heading of the second level.
fn section(title: &str) -> &'static str {
    let sections = REFERENCE.split("\n## ").skip(1);
    let found = sections.into_iter().find_map(|section| section.strip_prefix(title)?.strip_prefix('\n'));
    found.unwrap_or_else(|| panic!("no section `{title}`"))
}

/// What stands between backticks, path by path: `requires.runtime` tells of `runtime`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let spans = text.split('`').skip(1).step_by(2);
    spans.map(|span| span.rsplit('.').next().unwrap_or(span))
}

fn collect(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                if let ("properties", Value::Object(properties)) = (key.as_str(), value) {
                    names.extend(properties.keys().cloned());
                }
                collect(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}
