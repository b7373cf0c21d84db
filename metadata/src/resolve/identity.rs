//! Stage 1: names and identities. Nothing is named twice, nothing takes a reserved word, nothing exceeds the limits.

use std::collections::HashMap;

use super::access::TENANT_ADMIN;
use super::catalog::{Catalog, Item, is_platform};
use super::findings::Findings;
use crate::document::{Document, Kind, object::Object};
use crate::identifier::Identifier;
use crate::source::join_pointer;

pub const MAX_OBJECTS: usize = 2_000;
pub const MAX_FIELDS: usize = 500;

pub fn check(catalog: &Catalog<'_>, findings: &mut Findings) {
    check_documents(&catalog.documents, findings);
    if let Some(item) = catalog.objects.get(MAX_OBJECTS) {
        let message = format!("there are {} objects; at most {MAX_OBJECTS} are accepted", catalog.objects.len());
        findings.error(item.document, "", "too_many_objects", message);
    }
    for item in &catalog.objects {
        check_fields(item, findings);
    }
    for item in catalog.roles.iter().filter(|item| item.document.name.as_str() == TENANT_ADMIN) {
        findings.error(item.document, "/name", "reserved_word", format!("the role `{TENANT_ADMIN}` is built in"));
    }
}

fn check_documents(documents: &[&Document], findings: &mut Findings) {
    let mut names: HashMap<(Kind, &Identifier), &Document> = HashMap::new();
    let mut ids: HashMap<(Kind, &Identifier), &Document> = HashMap::new();
    for document in documents {
        let kind = document.kind();
        if kind == Kind::Object && !is_platform(document) {
            check_reserved(document, &document.name, "/name", findings);
            if document.id != document.name {
                check_reserved(document, &document.id, "/id", findings);
            }
        }
        if let Some(first) = names.insert((kind, &document.name), document) {
            let message = format!("there are two {}s named `{}`", kind.name(), document.name);
            findings
                .error(document, "/name", "duplicate_name", message)
                .help(format!("the other one is in {}", first.file));
        } else if let Some(first) = ids.insert((kind, &document.id), document) {
            let pointer = if document.id == document.name { "/name" } else { "/id" };
            let message = format!("there are two {}s with the id `{}`", kind.name(), document.id);
            findings
                .error(document, pointer, "duplicate_id", message)
                .help(format!("`{}` in {} has it; give this one an `id` of its own", first.name, first.file));
        }
    }
}

fn check_reserved(document: &Document, name: &Identifier, pointer: &str, findings: &mut Findings) {
    if name.is_reserved() {
        findings
            .error(document, pointer, "reserved_word", format!("`{name}` is a reserved word"))
            .help("choose another name, for example with a prefix or suffix");
    }
}

fn check_fields(item: &Item<'_, Object>, findings: &mut Findings) {
    let document = item.document;
    let mut ids: HashMap<&Identifier, &Identifier> = HashMap::new();
    let mut aliases: HashMap<&Identifier, &Identifier> = HashMap::new();
    for (position, (name, field)) in item.body.fields.iter().enumerate() {
        let pointer = join_pointer("/fields", name.as_str());
        if position == MAX_FIELDS {
            let message =
                format!("the object has {} fields; at most {MAX_FIELDS} are accepted", item.body.fields.len());
            findings.key_error(document, &pointer, "too_many_fields", message);
        }
        let id = field.common.id.as_ref().unwrap_or(name);
        for reserved in [name, id].into_iter().filter(|name| name.is_reserved()).take(1) {
            findings
                .key_error(document, &pointer, "reserved_word", format!("`{reserved}` is a reserved word"))
                .help("choose another name, for example with a prefix or suffix");
        }
        if let Some(other) = ids.insert(id, name) {
            findings
                .key_error(
                    document,
                    &pointer,
                    "duplicate_id",
                    format!("the fields `{other}` and `{name}` have the id `{id}`"),
                )
                .help("give the newer one an `id` of its own");
        }
        for (at, alias) in field.common.aliases.iter().enumerate() {
            if let Some(other) = aliases.insert(alias, name).filter(|other| *other != name) {
                let message = format!("the fields `{other}` and `{name}` have the alias `{alias}`");
                findings.error(document, &format!("{pointer}/aliases/{at}"), "duplicate_alias", message);
            }
        }
    }
}
