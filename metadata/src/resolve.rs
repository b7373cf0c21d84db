//! Documents to snapshot, in named stages; each uses only what earlier ones finished, and all of them report everything.
//!
//! Knows no database and no previous state: the same documents always give the same snapshot.

mod access;
mod catalog;
mod computed;
mod defaults;
mod expressions;
mod fields;
mod findings;
mod forms;
mod formulas;
mod identity;
mod membership;
mod options;
mod packages;
mod platform;
mod recipients;
mod relations;
mod rollups;
mod rules;
mod scenarios;
mod seeds;
mod sequences;
mod sharing;
mod steps;
mod structure;
mod system;
mod translations;
mod views;
mod workflows;

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::DocumentSet;
use crate::snapshot::{Revision, Snapshot};
use access::Rows;
use catalog::Catalog;
use expressions::Compiler;
use findings::Findings;

/// What resolving gives: a snapshot unless there is an error, here or in reading the documents, and every finding in
/// file order.
#[derive(Debug)]
pub struct Resolution {
    pub snapshot: Option<Snapshot>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Resolution {
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

pub fn resolve(set: &DocumentSet, revision: Revision) -> Resolution {
    let mut findings = Findings::without(set.lost());
    let catalog = Catalog::new(platform::documents(), set);
    identity::check(&catalog, &mut findings);
    let packages = packages::resolve(&catalog, &mut findings);
    let sequences = sequences::resolve(&catalog, &mut findings);
    let option_sets = options::resolve_sets(&catalog, &mut findings);
    let mut objects = fields::resolve(&catalog, &option_sets, &mut findings);
    relations::resolve(&catalog, &mut objects, &mut findings);
    rollups::resolve(&catalog, &mut objects, &mut findings);
    structure::resolve(&catalog, &mut objects, &mut findings);
    formulas::resolve(&catalog, &mut objects, &mut findings);
    let computed_order = computed::resolve(&catalog, &mut objects, &mut findings);
    defaults::resolve(&catalog, &mut objects, &mut findings);
    rules::resolve(&catalog, &mut objects, &mut findings);
    let compiler = Compiler::new(&objects);
    let scopes = membership::resolve(&catalog, &compiler, &mut findings);
    let rows = Rows { catalog: &catalog, compiler: &compiler, scopes: &scopes };
    let roles = access::resolve(&rows, &mut findings);
    let sharing_rules = sharing::sharing_rules(&rows, &mut findings);
    let restriction_rules = sharing::restriction_rules(&rows, &mut findings);
    let views = views::resolve(&catalog, &compiler, &mut findings);
    let forms = forms::resolve(&catalog, &compiler, &mut findings);
    let workflows = workflows::resolve(&catalog, &compiler, &mut findings);
    let seeds = seeds::resolve(&catalog, &objects, &mut findings);
    scenarios::check(&catalog, &objects, &mut findings);
    let mut snapshot = Snapshot {
        revision,
        object_names: catalog.object_names(),
        objects,
        sequences,
        forms,
        views,
        workflows,
        roles,
        sharing_rules,
        restriction_rules,
        seeds,
        packages,
        computed_order,
    };
    translations::apply(&catalog, &mut snapshot, &mut findings);
    let mut diagnostics = findings.into_sorted();
    diagnostics.retain(|diagnostic| !set.has_gap(&diagnostic.file, &diagnostic.pointer));
    let failed = set.is_damaged() || diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    Resolution { snapshot: (!failed).then_some(snapshot), diagnostics }
}
