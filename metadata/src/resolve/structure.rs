//! Stage 8: what an object says about its fields together: record name, unique keys, indexes, search.

use std::collections::HashSet;

use super::catalog::{Catalog, Item, find_field};
use super::findings::Findings;
use crate::column::ColumnKind;
use crate::document::object;
use crate::field_type::{self, Operator};
use crate::identifier::Identifier;
use crate::snapshot::{Field, FieldIndex, FieldKind, Index, Object, Origin, UniqueKey, system_field};

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    for (object, item) in objects.iter_mut().zip(&catalog.objects) {
        object.record_name = record_name(object, item, findings);
        object.unique_keys = unique_keys(object, item, findings);
        object.indexes = indexes(object, item, findings);
        object.search = search(object, item, findings);
    }
}

/// As said, else the first field that reads as a name, else the id.
fn record_name(object: &Object, item: &Item<'_, object::Object>, findings: &mut Findings) -> FieldIndex {
    if let Some(name) = &item.body.record_name {
        let found = find_field(object, name, item.document, "/record_name", findings);
        return found.map_or(system_field::ID, |field| field.index);
    }
    let reads_as_name = |field: &&Field| {
        field.origin != Origin::System && matches!(field.kind, FieldKind::Text(_) | FieldKind::AutoNumber { .. })
    };
    object.fields.iter().find(reads_as_name).map_or(system_field::ID, |field| field.index)
}

fn unique_keys(object: &Object, item: &Item<'_, object::Object>, findings: &mut Findings) -> Vec<UniqueKey> {
    let mut names = HashSet::new();
    let mut keys = Vec::new();
    for (at, key) in item.body.unique.iter().enumerate() {
        let pointer = format!("/unique/{at}");
        if !names.insert(&key.name) {
            let message = format!("two unique keys are named `{}`", key.name);
            findings.error(item.document, &format!("{pointer}/name"), "duplicate_name", message);
        }
        let fields = comparable_fields(object, item, &key.fields, &format!("{pointer}/fields"), findings);
        keys.push(UniqueKey { name: key.name.clone(), fields, external_id: key.external_id });
    }
    keys
}

fn indexes(object: &Object, item: &Item<'_, object::Object>, findings: &mut Findings) -> Vec<Index> {
    let indexes = item.body.indexes.iter().enumerate();
    indexes
        .map(|(at, index)| Index {
            fields: comparable_fields(object, item, &index.fields, &format!("/indexes/{at}/fields"), findings),
        })
        .collect()
}

fn comparable_fields(
    object: &Object,
    item: &Item<'_, object::Object>,
    names: &[Identifier],
    pointer: &str,
    findings: &mut Findings,
) -> Vec<FieldIndex> {
    let mut fields = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let pointer = format!("{pointer}/{at}");
        let Some(field) = find_field(object, name, item.document, &pointer, findings) else { continue };
        let comparable = field_type::operators(field).contains(&Operator::Eq);
        if !comparable && !findings.mentions_broken(name.as_str()) {
            let message = format!("values of `{name}` cannot be compared");
            findings.error(item.document, &pointer, "not_allowed", message);
        }
        if fields.contains(&field.index) {
            findings.error(item.document, &pointer, "duplicate_name", format!("`{name}` is listed twice"));
        }
        fields.push(field.index);
    }
    fields
}

fn search(object: &Object, item: &Item<'_, object::Object>, findings: &mut Findings) -> Vec<FieldIndex> {
    let mut fields = Vec::new();
    for (at, name) in item.body.search.iter().enumerate() {
        let pointer = format!("/search/{at}");
        let Some(field) = find_field(object, name, item.document, &pointer, findings) else { continue };
        if field.column != ColumnKind::Text && !findings.mentions_broken(name.as_str()) {
            findings.error(item.document, &pointer, "wrong_type", format!("`{name}` does not hold text to search"));
        }
        fields.push(field.index);
    }
    fields
}
