//! Stage 6: relations. Each target sees its children as a collection, under a name that stands for nothing else there.

use std::collections::HashMap;

use super::catalog::Catalog;
use super::findings::Findings;
use crate::identifier::Identifier;
use crate::snapshot::{Collection, FieldIndex, FieldKind, Object, ObjectIndex, Origin, Relation};
use crate::source::join_pointer;

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    set_masters(catalog, objects, findings);
    let mut taken: HashMap<(ObjectIndex, Identifier), ObjectIndex> = HashMap::new();
    for (object, field, relation, master_detail) in all_relations(objects) {
        let item = &catalog.objects[object.0];
        let name = &objects[object.0].fields[field.0].name;
        let mut pointer = join_pointer("/fields", name.as_str());
        if item.document.json().pointer(&format!("{pointer}/collection")).is_some() {
            pointer.push_str("/collection");
        }
        let target = &mut objects[relation.target.0];
        let collection = &relation.collection;
        let sibling = taken.get(&(target.index, collection.clone())).copied();
        if let Some(by) = taken_by(target, collection, sibling, catalog) {
            let message = format!("the collection `{collection}` of `{}` is already {by}", target.name);
            findings
                .key_error(item.document, &pointer, "duplicate_collection", message)
                .help("give this relation a `collection` name of its own");
            continue;
        }
        if collection.is_reserved() {
            let message = format!("the collection name `{collection}` is a reserved word");
            findings.key_error(item.document, &pointer, "reserved_word", message).help("set `collection`");
        }
        taken.insert((target.index, relation.collection.clone()), object);
        target.collections.push(Collection {
            name: relation.collection,
            object,
            via: field,
            on_delete: relation.on_delete,
            master_detail,
        });
    }
}

/// What else has the collection's name on its target: other children, or a field.
fn taken_by(
    target: &Object,
    collection: &Identifier,
    sibling: Option<ObjectIndex>,
    catalog: &Catalog<'_>,
) -> Option<String> {
    if let Some(sibling) = sibling {
        return Some(format!("the children `{}`", catalog.objects[sibling.0].document.name));
    }
    let field = target.fields.iter().find(|field| field.name == *collection)?;
    Some(format!("its field `{}`", field.name))
}

/// The relations that authors wrote, in object order; system fields make no collection.
fn all_relations(objects: &[Object]) -> Vec<(ObjectIndex, FieldIndex, Relation, bool)> {
    let mut relations = Vec::new();
    for object in objects {
        for field in object.fields.iter().filter(|field| field.origin != Origin::System) {
            if let Some(relation) = field.kind.relation() {
                let master_detail = matches!(field.kind, FieldKind::MasterDetail(_));
                relations.push((object.index, field.index, relation.clone(), master_detail));
            }
        }
    }
    relations
}

fn set_masters(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    for object in objects.iter_mut() {
        let masters = object.fields.iter().filter(|field| matches!(field.kind, FieldKind::MasterDetail(_)));
        let masters: Vec<FieldIndex> = masters.map(|field| field.index).collect();
        object.master = masters.first().copied();
        for extra in masters.iter().skip(1) {
            let name = &object.fields[extra.0].name;
            let document = catalog.objects[object.index.0].document;
            let message = format!("`{}` already has a master_detail field", object.name);
            findings
                .key_error(document, &join_pointer("/fields", name.as_str()), "second_master", message)
                .help("a record is part of one other; make this one a lookup");
        }
    }
    check_master_cycles(catalog, objects, findings);
}

/// A record that is, in the end, part of itself could never be created.
fn check_master_cycles(catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) {
    let parent = |object: &Object| {
        let relation = object.fields[object.master?.0].kind.relation()?;
        Some(&objects[relation.target.0])
    };
    for object in objects {
        let mut at = object;
        for _ in 0..objects.len() {
            let Some(next) = parent(at) else { break };
            at = next;
            if at.index == object.index {
                let field = object.master.map_or(&object.name, |field| &object.fields[field.0].name);
                let document = catalog.objects[object.index.0].document;
                let message = format!("`{}` is, through its masters, a part of itself", object.name);
                findings.key_error(document, &join_pointer("/fields", field.as_str()), "cyclic_master", message);
                break;
            }
        }
    }
}
