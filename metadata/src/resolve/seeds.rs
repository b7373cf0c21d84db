//! Stage 17: seeds. Rows name fields that may be written and values those fields accept.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use super::catalog::{Catalog, Item, find_field};
use super::findings::Findings;
use crate::document::seed;
use crate::field_type;
use crate::identifier::Identifier;
use crate::label::Locale;
use crate::snapshot::{Field, Object, Seed};
use crate::source::join_pointer;

pub fn resolve(catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) -> Vec<Seed> {
    catalog.seeds.iter().filter_map(|item| resolve_one(item, catalog, objects, findings)).collect()
}

fn resolve_one(
    item: &Item<'_, seed::Seed>,
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) -> Option<Seed> {
    let (document, body) = (item.document, item.body);
    let object = &objects[catalog.find_object(&body.object, document, "/object", findings)?.0];
    let key = find_field(object, &body.key, document, "/key", findings)?;
    if !key.unique {
        let message = format!("`{}` is not unique, so rows could not be found again", key.name);
        findings.error(document, "/key", "not_unique", message).help("mark the field `unique` or `external_id`");
    }
    let mut seen = HashSet::new();
    for (position, row) in body.rows.iter().enumerate() {
        let pointer = format!("/rows/{position}");
        check_row(row, object, item, &pointer, findings);
        match row.get(body.key.as_str()) {
            None | Some(Json::Null) => {
                let message = format!("the row has no `{}`", body.key);
                findings.error(document, &pointer, "missing_key", message);
            }
            Some(value) if !seen.insert(value.to_string()) => {
                let message = format!("two rows have the {} {value}", body.key);
                findings.error(document, &join_pointer(&pointer, body.key.as_str()), "duplicate_name", message);
            }
            Some(_) => {}
        }
    }
    Some(Seed { name: document.name.clone(), object: object.index, key: key.index, rows: body.rows.clone() })
}

fn check_row(
    row: &Map<String, Json>,
    object: &Object,
    item: &Item<'_, seed::Seed>,
    pointer: &str,
    findings: &mut Findings,
) {
    for (name, value) in row {
        let pointer = join_pointer(pointer, name);
        let field = Identifier::new(name).ok().and_then(|name| object.field_by_name(name.as_str()));
        match field {
            None => {
                let known = object.fields.iter().filter(|field| field.writable()).map(|field| field.name.as_str());
                let message = format!("`{}` has no field `{name}`", object.name);
                findings.unknown(item.document, &pointer, "unknown_field", message, name, known);
            }
            Some(field) if !field.writable() => {
                findings.key_error(item.document, &pointer, "not_writable", format!("`{name}` is kept by the runtime"));
            }
            Some(field) if field.kind.file().is_some() && !value.is_null() => {
                let message = format!("`{name}` holds a file, and a seed brings none");
                findings.key_error(item.document, &pointer, "not_allowed", message);
            }
            Some(field) => check_value(field, value, item, &pointer, findings),
        }
    }
}

fn check_value(field: &Field, value: &Json, item: &Item<'_, seed::Seed>, pointer: &str, findings: &mut Findings) {
    if findings.mentions_broken(field.name.as_str()) {
        return;
    }
    if field.kind.relation().is_some() {
        if !matches!(value, Json::String(_) | Json::Null) {
            let message = "a lookup is written as the target's external id or record name";
            findings.error(item.document, pointer, "wrong_type", message);
        }
        return;
    }
    if let Err(error) = field_type::check(field, value) {
        let message = error.message(Locale::En, &format!("`{}`", field.name));
        findings.error(item.document, pointer, error.code, message);
    }
}
