//! A snapshot in a few lines a reviewer can read.

use std::fmt::Write;

use trellis_metadata::field_type;
use trellis_metadata::snapshot::{
    DefaultValue, Field, FieldIndex, FieldKind, FieldSet, Object, ObjectIndex, Origin, RowRule, SectionContent,
    Snapshot,
};

pub fn of(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    for object in &snapshot.objects {
        of_object(object, snapshot, &mut out);
    }
    for sequence in &snapshot.sequences {
        let _ = writeln!(out, "sequence {} {:?} {:?}", sequence.name, sequence.pattern, sequence.reset);
    }
    for form in &snapshot.forms {
        let _ = writeln!(out, "form {} of {}", form.name, snapshot.object(form.object).name);
        for section in &form.sections {
            let content = match &section.content {
                SectionContent::Fields(fields) => format!("{} fields", fields.len()),
                SectionContent::LineItems(items) => {
                    format!("collection {} with {} fields", items.collection, items.fields.len())
                }
            };
            let _ = writeln!(out, "  section {content}, {} columns", section.columns);
        }
    }
    for view in &snapshot.views {
        let _ = writeln!(out, "view {} of {}: {:?}", view.name, snapshot.object(view.object).name, view.filter);
    }
    for workflow in &snapshot.workflows {
        let _ = writeln!(
            out,
            "workflow {} {:?} {:?}, {} steps",
            workflow.name,
            workflow.timing,
            workflow.run_as,
            workflow.steps.len()
        );
    }
    for role in &snapshot.roles {
        let inherits: Vec<_> = role.inherits.iter().map(|at| snapshot.roles[*at].name.as_str()).collect();
        let _ = writeln!(out, "role {} {inherits:?}", role.name);
        for grant in &role.grants {
            let object = snapshot.object(grant.object);
            let rows = match &grant.rows {
                RowRule::Parent => "parent".to_owned(),
                RowRule::Predicate(predicate) => format!("{predicate:?}"),
            };
            let fields = match &grant.fields {
                FieldSet::All => "*".to_owned(),
                FieldSet::Only(fields) => names(object, fields),
            };
            let _ = writeln!(out, "  {:?} {} {:?} rows {rows} fields {fields}", grant.effect, object.name, grant.verbs);
        }
    }
    for seed in &snapshot.seeds {
        let _ = writeln!(out, "seed {} of {}: {} rows", seed.name, snapshot.object(seed.object).name, seed.rows.len());
    }
    let order: Vec<_> = snapshot.computed_order.iter().map(|(object, field)| path(snapshot, *object, *field)).collect();
    let _ = writeln!(out, "computed: {}", order.join(", "));
    out
}

fn of_object(object: &Object, snapshot: &Snapshot, out: &mut String) {
    let _ = writeln!(out, "object {} id={} named by {}", object.name, object.id, object.field(object.record_name).name);
    for field in object.fields.iter().filter(|field| field.origin != Origin::System) {
        let _ = writeln!(out, "  {}", of_field(field, snapshot));
    }
    for collection in &object.collections {
        let via = path(snapshot, collection.object, collection.via);
        let _ = writeln!(out, "  collection {} via {via} {:?}", collection.name, collection.on_delete);
    }
    for key in &object.unique_keys {
        let _ = writeln!(out, "  unique {} {}", key.name, names(object, &key.fields));
    }
    for index in &object.indexes {
        let _ = writeln!(out, "  index {}", names(object, &index.fields));
    }
    for rule in &object.validation_rules {
        let _ = writeln!(out, "  rule {}", rule.name);
    }
    for transition in object.state_machine.iter().flat_map(|machine| &machine.transitions) {
        let _ = writeln!(out, "  transition {} {:?} -> {}", transition.name, transition.from, transition.to);
    }
    for dependent in &object.dependents {
        let on = &object.field(dependent.on).name;
        let _ =
            writeln!(out, "  {on} feeds {} {:?}", path(snapshot, dependent.object, dependent.field), dependent.route);
    }
}

fn of_field(field: &Field, snapshot: &Snapshot) -> String {
    let mut line = format!("{} {} {:?}", field.name, field_type::type_name(&field.kind), field.column);
    if field.id != field.name {
        let _ = write!(line, " id={}", field.id);
    }
    let flags = [
        (field.required, "required"),
        (field.unique, "unique"),
        (field.external_id, "external_id"),
        (field.indexed, "indexed"),
        (field.immutable, "immutable"),
        (!field.writable(), "computed"),
    ];
    for (_, flag) in flags.iter().filter(|(set, _)| *set) {
        let _ = write!(line, " {flag}");
    }
    match &field.default {
        Some(DefaultValue::Value(value)) => {
            let _ = write!(line, " default={}", value.to_json());
        }
        Some(DefaultValue::Expression(expression)) => {
            let _ = write!(line, " default={{{}}}", expression.source);
        }
        None => {}
    }
    match &field.kind {
        FieldKind::Rollup(rollup) => {
            let _ = write!(line, " {:?} over {}", rollup.function, path(snapshot, rollup.object, rollup.via));
        }
        kind => {
            if let Some(relation) = kind.relation() {
                let _ = write!(line, " -> {}", snapshot.object(relation.target).name);
            }
        }
    }
    line
}

fn names(object: &Object, fields: &[FieldIndex]) -> String {
    fields.iter().map(|field| object.field(*field).name.as_str()).collect::<Vec<_>>().join(",")
}

fn path(snapshot: &Snapshot, object: ObjectIndex, field: FieldIndex) -> String {
    format!("{}.{}", snapshot.object(object).name, snapshot.field(object, field).name)
}
