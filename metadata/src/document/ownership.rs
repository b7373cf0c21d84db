//! Which package each document of a set belongs to, and what that means where one set is put over another.
//!
//! A document belongs to the package whose package document stands in the same folder, or else in the nearest one
//! around it. A folder with several package documents does not say whose its other documents are.

use std::collections::{HashMap, HashSet};

use super::{Document, DocumentSet, Kind};
use crate::identifier::Identifier;

impl DocumentSet {
    /// The same documents as they are kept: of one package, each named by where it would stand in a folder.
    #[must_use]
    pub fn in_package(mut self, package: Option<&Identifier>) -> DocumentSet {
        for document in &mut self.documents {
            document.package = match document.kind() {
                Kind::Package => Some(document.id.clone()),
                _ => package.cloned(),
            };
            document.file = document.path();
        }
        self
    }

    pub(super) fn find_owners(&mut self) {
        let mut roots: HashMap<String, Option<Identifier>> = HashMap::new();
        for package in self.of_kind(Kind::Package) {
            let root = roots.entry(folder(&package.file).to_owned());
            root.and_modify(|owner| *owner = None).or_insert_with(|| Some(package.id.clone()));
        }
        for document in &mut self.documents {
            document.package = match document.kind() {
                Kind::Package => Some(document.id.clone()),
                _ => upwards(folder(&document.file)).find_map(|folder| roots.get(folder)).cloned().flatten(),
            };
        }
    }

    /// This set with `over` on top, where each package that comes with its package document comes whole: its documents
    /// that are not in `over` are gone. Those of other packages, and those of none, stay.
    #[must_use]
    pub fn replace_packages(&self, over: &DocumentSet) -> DocumentSet {
        let mut merged = self.merge(over);
        // What is missing may be what could not be read.
        if !over.is_damaged() {
            let whole: HashSet<&Identifier> = over.of_kind(Kind::Package).map(|package| &package.id).collect();
            let given: HashSet<_> = over.documents.iter().map(Document::identity).collect();
            let is_whole = |package: &Identifier| whole.contains(package);
            merged.documents.retain(|document| {
                !document.package.as_ref().is_some_and(is_whole) || given.contains(&document.identity())
            });
        }
        merged
    }
}

impl Document {
    fn identity(&self) -> (Kind, &Identifier) {
        (self.kind(), &self.id)
    }

    /// Its file in a folder of packages: in the folder of its package, or beside those where it belongs to none.
    pub fn path(&self) -> String {
        let name = match self.kind() {
            Kind::Package => "package.json".to_owned(),
            kind => format!("{}/{}.json", kind.folder(), self.name),
        };
        match &self.package {
            Some(package) => format!("{package}/{name}"),
            None => name,
        }
    }
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder and all those around it, the innermost first.
fn upwards(inner: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(inner), |inner| (!inner.is_empty()).then(|| folder(inner)))
}
