//! Stage 4: option sets, shared ones and those written in a field.

use std::collections::HashSet;
use std::sync::Arc;

use super::catalog::Catalog;
use super::findings::Findings;
use crate::document::Document;
use crate::field_type::choice::OptionDocument;
use crate::identifier::Identifier;
use crate::snapshot::OptionSet;

/// In the order of `catalog.option_sets`.
pub fn resolve_sets(catalog: &Catalog<'_>, findings: &mut Findings) -> Vec<Arc<OptionSet>> {
    catalog.option_sets.iter().map(|item| option_set(&item.body.options, item.document, "/options", findings)).collect()
}

/// What a choice field offers: its own options or a shared set, exactly one of the two.
pub fn of_field(
    options: Option<&[OptionDocument]>,
    shared: Option<&Identifier>,
    sets: (&Catalog<'_>, &[Arc<OptionSet>]),
    at: (&Document, &str),
    findings: &mut Findings,
) -> Option<Arc<OptionSet>> {
    let ((catalog, sets), (document, pointer)) = (sets, at);
    match (options, shared) {
        (Some(options), None) => Some(option_set(options, document, &format!("{pointer}/options"), findings)),
        (None, Some(name)) => {
            let position = catalog.option_sets.iter().position(|item| item.document.name == *name);
            let position = position.or_else(|| catalog.option_sets.iter().position(|item| item.document.id == *name));
            if position.is_none() {
                let known = catalog.option_sets.iter().map(|item| item.document.name.as_str());
                let message = format!("there is no option set `{name}`");
                let pointer = format!("{pointer}/option_set");
                findings.unknown(document, &pointer, "unknown_option_set", message, name.as_str(), known);
            }
            position.map(|at| sets[at].clone())
        }
        _ => {
            findings
                .key_error(document, pointer, "missing_key", "a choice needs either `options` or `option_set`")
                .help("write the options here, or name a shared option set");
            None
        }
    }
}

fn option_set(
    options: &[OptionDocument],
    document: &Document,
    pointer: &str,
    findings: &mut Findings,
) -> Arc<OptionSet> {
    let mut seen = HashSet::new();
    for (at, option) in options.iter().enumerate() {
        if !seen.insert(option.code.as_str()) {
            let message = format!("the option `{}` is written twice", option.code);
            findings.error(document, &format!("{pointer}/{at}/code"), "duplicate_name", message);
        }
    }
    Arc::new(OptionSet { options: options.iter().map(OptionDocument::resolve).collect() })
}
