//! The documents by kind and name, in the order the snapshot keeps: what later stages look references up in.

use std::collections::HashMap;

use super::access::TENANT_ADMIN;
use super::findings::Findings;
use crate::document::{
    Body, Document, DocumentSet, field::FieldDocument, form, object, option_set, package, restriction_rule, role,
    scenario, seed, sequence, sharing_rule, translation, view, workflow,
};
use crate::identifier::Identifier;
use crate::snapshot::{Field, Layer, Object, ObjectIndex, system_field};

/// A document with its typed body.
#[derive(Debug)]
pub struct Item<'a, T> {
    pub document: &'a Document,
    pub body: &'a T,
}

#[derive(Debug, Default)]
pub struct Catalog<'a> {
    /// Platform objects, then the others by name: position is [`ObjectIndex`].
    pub objects: Vec<Item<'a, object::Object>>,
    pub packages: Vec<Item<'a, package::Package>>,
    pub option_sets: Vec<Item<'a, option_set::OptionSet>>,
    pub sequences: Vec<Item<'a, sequence::Sequence>>,
    pub forms: Vec<Item<'a, form::Form>>,
    pub views: Vec<Item<'a, view::View>>,
    pub workflows: Vec<Item<'a, workflow::Workflow>>,
    pub roles: Vec<Item<'a, role::Role>>,
    pub sharing_rules: Vec<Item<'a, sharing_rule::SharingRule>>,
    pub restriction_rules: Vec<Item<'a, restriction_rule::RestrictionRule>>,
    pub seeds: Vec<Item<'a, seed::Seed>>,
    pub translations: Vec<Item<'a, translation::Translation>>,
    pub scenarios: Vec<Item<'a, scenario::Scenario>>,
    /// Every document, in the same order.
    pub documents: Vec<&'a Document>,
    object_names: HashMap<&'a str, ObjectIndex>,
}

impl<'a> Catalog<'a> {
    pub fn new(platform: &'a DocumentSet, set: &'a DocumentSet) -> Self {
        let mut own: Vec<&Document> = set.documents.iter().collect();
        own.sort_by(|a, b| (a.kind(), &a.name, &a.id).cmp(&(b.kind(), &b.name, &b.id)));
        let documents: Vec<&Document> = platform.documents.iter().chain(own).collect();
        let mut catalog = Self::default();
        for document in &documents {
            catalog.add(document);
        }
        catalog.documents = documents;
        catalog.object_names = names(&catalog.objects);
        catalog
    }

    fn add(&mut self, document: &'a Document) {
        match &document.body {
            Body::Object(body) => self.objects.push(Item { document, body }),
            Body::Package(body) => self.packages.push(Item { document, body }),
            Body::OptionSet(body) => self.option_sets.push(Item { document, body }),
            Body::Sequence(body) => self.sequences.push(Item { document, body }),
            Body::Form(body) => self.forms.push(Item { document, body }),
            Body::View(body) => self.views.push(Item { document, body }),
            Body::Workflow(body) => self.workflows.push(Item { document, body }),
            Body::Role(body) => self.roles.push(Item { document, body }),
            Body::SharingRule(body) => self.sharing_rules.push(Item { document, body }),
            Body::RestrictionRule(body) => self.restriction_rules.push(Item { document, body }),
            Body::Seed(body) => self.seeds.push(Item { document, body }),
            Body::Translation(body) => self.translations.push(Item { document, body }),
            Body::Scenario(body) => self.scenarios.push(Item { document, body }),
        }
    }

    /// By name, else by id.
    pub fn object(&self, name: &str) -> Option<ObjectIndex> {
        self.object_names.get(name).copied()
    }

    pub fn object_names(&self) -> HashMap<Identifier, ObjectIndex> {
        let named = |name: &&str| Identifier::new(name).ok();
        self.object_names.iter().filter_map(|(name, index)| Some((named(name)?, *index))).collect()
    }

    /// The object `name` stands for, or a finding.
    pub fn find_object(
        &self,
        name: &Identifier,
        document: &Document,
        pointer: &str,
        findings: &mut Findings,
    ) -> Option<ObjectIndex> {
        let found = self.object(name.as_str());
        if found.is_none() {
            let known = self.objects.iter().map(|item| item.document.name.as_str());
            let message = format!("there is no object `{name}`");
            findings.unknown(document, pointer, "unknown_object", message, name.as_str(), known);
        }
        found
    }

    /// The document of a field; system fields have none.
    pub fn field(&self, object: ObjectIndex, field: &Field) -> Option<&'a FieldDocument> {
        self.objects.get(object.0)?.body.fields.get(field.name.as_str())
    }

    pub fn role_position(&self, name: &str) -> Option<usize> {
        let by_name = self.roles.iter().position(|item| item.document.name.as_str() == name);
        by_name.or_else(|| self.roles.iter().position(|item| item.document.id.as_str() == name))
    }

    /// The current name of the role that `name` stands for, or a finding; the built-in role has no document.
    pub fn find_role(
        &self,
        name: &str,
        document: &Document,
        pointer: &str,
        findings: &mut Findings,
    ) -> Option<Identifier> {
        if let Some(position) = self.role_position(name) {
            return Some(self.roles[position].document.name.clone());
        }
        if name == TENANT_ADMIN {
            return Identifier::new(name).ok();
        }
        let known = self.roles.iter().map(|item| item.document.name.as_str());
        findings.unknown(document, pointer, "unknown_role", format!("there is no role `{name}`"), name, known);
        None
    }
}

fn names<'a>(objects: &[Item<'a, object::Object>]) -> HashMap<&'a str, ObjectIndex> {
    let mut names = HashMap::new();
    for (at, item) in objects.iter().enumerate() {
        names.entry(item.document.name.as_str()).or_insert(ObjectIndex(at));
    }
    for (at, item) in objects.iter().enumerate() {
        names.entry(item.document.id.as_str()).or_insert(ObjectIndex(at));
    }
    names
}

/// The field of `object` that `name` stands for, or a finding.
pub fn find_field<'o>(
    object: &'o Object,
    name: &Identifier,
    document: &Document,
    pointer: &str,
    findings: &mut Findings,
) -> Option<&'o Field> {
    let found = object.field_by_name(name.as_str());
    if found.is_none() {
        let (system, own) = object.fields.split_at(system_field::COUNT);
        let known = own.iter().chain(system).map(|field| field.name.as_str());
        let message = format!("`{}` has no field `{name}`", object.name);
        findings.unknown(document, pointer, "unknown_field", message, name.as_str(), known);
    }
    found
}

/// Is the document one of the platform's own.
pub fn is_platform(document: &Document) -> bool {
    document.layer == Layer::Platform
}
