//! Stage 7: rollups. Each finds its child object and gets the column of what it sums.

use super::catalog::{Catalog, find_field};
use super::expressions::At;
use super::findings::Findings;
use crate::column::ColumnKind;
use crate::field_type::{Attributes, rollup};
use crate::snapshot::{FieldIndex, FieldKind, Object, ObjectIndex, Rollup, RollupFunction};
use crate::source::join_pointer;

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    for (object, field) in all_rollups(objects) {
        match resolve_one(object, field, catalog, objects, findings) {
            Some(rollup) => objects[object.0].fields[field.0].kind = FieldKind::Rollup(Box::new(rollup)),
            None => break_field(object, field, objects, findings),
        }
    }
    for (object, field) in all_rollups(objects) {
        let depth = objects.len();
        if let Some(kind) = column(object, field, objects, depth) {
            set_column(object, field, kind, objects);
        } else {
            refuse_sum(object, field, catalog, objects, findings);
            break_field(object, field, objects, findings);
        }
    }
}

fn all_rollups(objects: &[Object]) -> Vec<(ObjectIndex, FieldIndex)> {
    let fields = objects.iter().flat_map(|object| object.fields.iter().map(move |field| (object.index, field)));
    fields
        .filter(|(_, field)| matches!(field.kind, FieldKind::Rollup(_)))
        .map(|(object, field)| (object, field.index))
        .collect()
}

fn resolve_one(
    object: ObjectIndex,
    field: FieldIndex,
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) -> Option<Rollup> {
    let parent = &objects[object.0];
    let field = &parent.fields[field.0];
    let Attributes::Rollup(written) = &catalog.field(object, field)?.attributes else { return None };
    let document = catalog.objects[object.0].document;
    let at = At::new(document, join_pointer("/fields", field.name.as_str()));
    let Some(collection) = parent.collection(written.collection.as_str()) else {
        let known = parent.collections.iter().map(|collection| collection.name.as_str());
        let message = format!("`{}` has no collection `{}`", parent.name, written.collection);
        let pointer = at.key("collection").pointer;
        findings.unknown(document, &pointer, "unknown_collection", message, written.collection.as_str(), known);
        return None;
    };
    let child = &objects[collection.object.0];
    let summed = match (written.function, &written.field) {
        (rollup::Function::Sum, Some(name)) => {
            Some(find_field(child, name, document, &at.key("field").pointer, findings)?.index)
        }
        (rollup::Function::Sum, None) => {
            findings.key_error(document, &at.pointer, "missing_key", "a sum needs the child's `field`");
            return None;
        }
        (rollup::Function::Count, None) => None,
        (rollup::Function::Count, Some(_)) => {
            findings.key_error(document, &at.key("field").pointer, "not_allowed", "a count has no `field`");
            return None;
        }
    };
    Some(Rollup {
        object: collection.object,
        via: collection.via,
        function: written.function.into(),
        field: summed,
        filter: None,
        scale: 0,
    })
}

/// The column of a rollup, following rollups of rollups; a cycle ends by `depth` and is reported by the computed stage.
fn column(object: ObjectIndex, field: FieldIndex, objects: &[Object], depth: usize) -> Option<ColumnKind> {
    let field = &objects[object.0].fields[field.0];
    let FieldKind::Rollup(rollup) = &field.kind else { return Some(field.column) };
    if depth == 0 || rollup.function == RollupFunction::Count {
        return Some(ColumnKind::Integer);
    }
    let summed = rollup.field.and_then(|summed| column(rollup.object, summed, objects, depth - 1));
    rollup::column(rollup.function, summed)
}

fn set_column(object: ObjectIndex, field: FieldIndex, kind: ColumnKind, objects: &mut [Object]) {
    let field = &mut objects[object.0].fields[field.0];
    field.column = kind;
    if let (FieldKind::Rollup(rollup), ColumnKind::Decimal { scale }) = (&mut field.kind, kind) {
        rollup.scale = scale;
    }
}

fn refuse_sum(
    object: ObjectIndex,
    field: FieldIndex,
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) {
    let field = &objects[object.0].fields[field.0];
    let document = catalog.objects[object.0].document;
    let pointer = format!("{}/field", join_pointer("/fields", field.name.as_str()));
    findings
        .error(document, &pointer, "wrong_type", "only numbers can be summed")
        .help("sum a number field, or use `count`");
}

fn break_field(object: ObjectIndex, field: FieldIndex, objects: &mut [Object], findings: &mut Findings) {
    let field = &mut objects[object.0].fields[field.0];
    field.kind = FieldKind::Json;
    field.column = ColumnKind::Json;
    findings.mark_broken(field.name.as_str());
}
