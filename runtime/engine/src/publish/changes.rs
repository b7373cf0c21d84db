//! What is to become of a tenant's documents: what is brought, what goes with it, and what that changes.

use std::collections::BTreeMap;

use serde::Serialize;
use trellis_metadata::diagnostic::Diagnostic;
use trellis_metadata::difference::{Rename, renames};
use trellis_metadata::document::{Document, DocumentSet, Kind};
use trellis_metadata::snapshot::Layer;

/// Documents to bring, and those to take away.
#[derive(Clone, Debug, Default)]
pub struct DocumentChanges {
    pub documents: DocumentSet,
    /// What was found while reading them.
    pub diagnostics: Vec<Diagnostic>,
    pub remove: Vec<(Kind, String)>,
    pub extent: Extent,
}

/// What the documents brought stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Themselves only: nothing goes because it is missing.
    #[default]
    Themselves,
    /// Themselves, and the whole of each package whose package document is among them.
    Packages,
    /// All that the tenant has.
    Tenant,
}

impl DocumentChanges {
    /// Documents as JSON texts, so that size, depth, repeated keys and positions are judged on what was sent; findings
    /// name them `documents[0]` and so on.
    pub fn from_texts<'t>(documents: impl IntoIterator<Item = &'t str>) -> Self {
        let named = documents.into_iter().enumerate().map(|(at, text)| (format!("documents[{at}]"), text));
        let (documents, diagnostics) = DocumentSet::parse(named);
        Self { documents, diagnostics, ..Self::default() }
    }

    /// Documents as files of a folder; those of no package are the tenant's own.
    pub fn from_files(files: impl IntoIterator<Item = (String, impl AsRef<[u8]>)>) -> Self {
        let (mut documents, diagnostics) = DocumentSet::parse(files);
        for document in &mut documents.documents {
            document.layer = if document.package.is_some() { Layer::Package } else { Layer::Tenant };
        }
        Self { documents, diagnostics, ..Self::default() }
    }

    /// With the removal of what is missing among them of the packages they hold.
    #[must_use]
    pub fn pruned(self) -> Self {
        Self { extent: Extent::Packages, ..self }
    }

    /// Documents of the packages that are brought, not among those brought: they stay, unless pruned.
    pub fn strays(&self, current: &DocumentSet) -> Vec<Stray> {
        if self.extent != Extent::Themselves {
            return Vec::new();
        }
        let (pruned, removed) = (current.replace_packages(&self.documents), &self.remove);
        let stays = by_identity(&pruned);
        let strays = by_identity(current).into_keys().filter(|key| !stays.contains_key(key));
        let strays = strays.filter(|(kind, id)| !removed.iter().any(|(gone, name)| gone == kind && name == id));
        strays.map(|(kind, id)| Stray { kind: kind.name().to_owned(), id: id.to_owned() }).collect()
    }

    /// What the tenant has once this is done.
    pub fn over(&self, current: &DocumentSet) -> DocumentSet {
        let next = match self.extent {
            Extent::Packages => current.replace_packages(&self.documents),
            Extent::Themselves => current.merge(&self.documents),
            Extent::Tenant => self.documents.clone(),
        };
        self.remove.iter().fold(next, |set, (kind, id)| set.without(*kind, id))
    }
}

/// One document that would be added, changed or removed.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct DocumentChange {
    pub change: &'static str,
    pub kind: String,
    pub id: String,
    /// What goes on under another name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renames: Vec<Rename>,
}

/// A document that its package, as it is brought, no longer has.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Stray {
    pub kind: String,
    pub id: String,
}

pub fn document_changes(previous: &DocumentSet, next: &DocumentSet) -> Vec<DocumentChange> {
    let (before, after) = (by_identity(previous), by_identity(next));
    let change = |change, (kind, id): &(Kind, &str), renames| DocumentChange {
        change,
        kind: kind.name().to_owned(),
        id: (*id).to_owned(),
        renames,
    };
    let added = after.keys().filter(|key| !before.contains_key(*key)).map(|key| change("add", key, Vec::new()));
    let changed = after.iter().filter_map(|(key, is)| {
        let was = before.get(key).filter(|was| !is_same(was, is))?;
        Some(change("change", key, renames(was, is)))
    });
    let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|key| change("remove", key, Vec::new()));
    added.chain(changed).chain(removed).collect()
}

/// Also where it belongs: that decides what goes when its package comes again.
fn is_same(before: &Document, after: &Document) -> bool {
    before.json() == after.json() && before.package == after.package
}

fn by_identity(set: &DocumentSet) -> BTreeMap<(Kind, &str), &Document> {
    set.documents.iter().map(|document| ((document.kind(), document.id.as_str()), document)).collect()
}
