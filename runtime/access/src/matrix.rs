//! The permission matrix: role × object × verb × rows × fields as text, so that a change of rights is a readable diff.

use std::fmt::Write;

use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{Snapshot, Verb};

use crate::merge::{self, merge};
use crate::rule::{Origin, RuleBook, possible_fields};
use crate::words;

/// What each role of the snapshot comes to by itself, inherited rights included, the built-in ones left out.
pub fn matrix(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for role in &snapshot.roles {
        let lines = lines(snapshot, &role.name);
        let _ = writeln!(text, "{}{}", if text.is_empty() { "" } else { "\n" }, role.name);
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for [object, verb, fields, rows] in &lines {
            let _ = writeln!(text, "  {object:0$}  {verb:1$}  {fields:2$}  {rows}", widths[0], widths[1], widths[2]);
        }
    }
    text
}

/// Object, verb, fields, rows.
fn lines(snapshot: &Snapshot, role: &Identifier) -> Vec<[String; 4]> {
    let book = RuleBook::new(snapshot, std::slice::from_ref(role));
    let mut lines = Vec::new();
    for object in &snapshot.objects {
        // Query follows read, so that a line of its own would say everything twice.
        for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::Query) {
            let rules = book.rules(object.index, verb, merge::rows);
            let possible = possible_fields(object, verb);
            for traced in merge(&rules)
                .iter()
                .filter(|traced| !traced.origins.iter().all(|origin| matches!(origin, Origin::BuiltIn { .. })))
            {
                let coverage = &traced.coverage;
                let mut rows = words::rows(snapshot, object.index, &coverage.rows);
                if coverage.rows != coverage.rows_after {
                    let _ = write!(rows, " → {}", words::rows(snapshot, object.index, &coverage.rows_after));
                }
                let fields = words::fields(snapshot, object.index, &coverage.fields, &possible);
                lines.push([object.name.to_string(), verb.as_str().to_owned(), fields, rows]);
            }
        }
    }
    lines
}
