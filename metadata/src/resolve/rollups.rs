//! Stage 7: rollups. Each finds its child object and gets the column of what it is of.

use super::catalog::{Catalog, find_field};
use super::expressions::At;
use super::findings::Findings;
use crate::column::ColumnKind;
use crate::field_type::formula::DEFAULT_SCALE;
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
            refuse_kind(object, field, catalog, objects, findings);
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
    let function = RollupFunction::from(written.function);
    let of = match (function, &written.field) {
        (RollupFunction::Count, None) => None,
        (RollupFunction::Count, Some(_)) => {
            findings.key_error(document, &at.key("field").pointer, "not_allowed", "a count has no `field`");
            return None;
        }
        (_, Some(name)) => Some(find_field(child, name, document, &at.key("field").pointer, findings)?.index),
        (_, None) => {
            let message = format!("a rollup by `{}` needs the child's `field`", named(function));
            findings.key_error(document, &at.pointer, "missing_key", message);
            return None;
        }
    };
    if function != RollupFunction::Avg && written.scale.is_some() {
        let message = "only an average is rounded; other rollups have the digits of what they are of";
        findings.key_error(document, &at.key("scale").pointer, "not_allowed", message);
        return None;
    }
    Some(Rollup {
        object: collection.object,
        via: collection.via,
        function,
        field: of,
        filter: None,
        scale: written.scale.unwrap_or(DEFAULT_SCALE),
    })
}

fn named(function: RollupFunction) -> &'static str {
    match function {
        RollupFunction::Sum => "sum",
        RollupFunction::Count => "count",
        RollupFunction::Min => "min",
        RollupFunction::Max => "max",
        RollupFunction::Avg => "avg",
    }
}

/// The column of a rollup, following rollups of rollups; a cycle ends by `depth` and is reported by the computed stage.
fn column(object: ObjectIndex, field: FieldIndex, objects: &[Object], depth: usize) -> Option<ColumnKind> {
    let field = &objects[object.0].fields[field.0];
    let FieldKind::Rollup(rollup) = &field.kind else { return Some(field.column) };
    if depth == 0 || rollup.function == RollupFunction::Count {
        return Some(ColumnKind::Integer);
    }
    let of = rollup.field.and_then(|of| column(rollup.object, of, objects, depth - 1));
    rollup::column(rollup.function, of, rollup.scale)
}

fn set_column(object: ObjectIndex, field: FieldIndex, kind: ColumnKind, objects: &mut [Object]) {
    let field = &mut objects[object.0].fields[field.0];
    field.column = kind;
    if let (FieldKind::Rollup(rollup), ColumnKind::Decimal { scale }) = (&mut field.kind, kind) {
        rollup.scale = scale;
    }
}

fn refuse_kind(
    object: ObjectIndex,
    field: FieldIndex,
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) {
    let field = &objects[object.0].fields[field.0];
    let document = catalog.objects[object.0].document;
    let pointer = format!("{}/field", join_pointer("/fields", field.name.as_str()));
    let FieldKind::Rollup(rollup) = &field.kind else { return };
    let (message, help) = match rollup.function {
        RollupFunction::Min | RollupFunction::Max => {
            ("only numbers, dates, times and durations have a smallest and a largest", "take a field that is one")
        }
        RollupFunction::Avg => ("only numbers have an average", "take a number field, or use `count`"),
        _ => ("only numbers can be summed", "sum a number field, or use `count`"),
    };
    findings.error(document, &pointer, "wrong_type", message).help(help);
}

fn break_field(object: ObjectIndex, field: FieldIndex, objects: &mut [Object], findings: &mut Findings) {
    let field = &mut objects[object.0].fields[field.0];
    field.kind = FieldKind::Json;
    field.column = ColumnKind::Json;
    findings.mark_broken(field.name.as_str());
}
