//! Stage 11: defaults. A literal is checked like any input; an expression is compiled.

use serde_json::Value as Json;

use super::catalog::Catalog;
use super::expressions::{At, Compiler, Use, value_type};
use super::findings::Findings;
use crate::column::ColumnKind;
use crate::field_type;
use crate::label::Locale;
use crate::snapshot::{DefaultValue, Field, FieldIndex, FieldKind, Object, ObjectIndex};
use crate::source::join_pointer;

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    for (object, field, default) in resolve_all(catalog, objects, findings) {
        objects[object.0].fields[field.0].default = Some(default);
    }
}

fn resolve_all(
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) -> Vec<(ObjectIndex, FieldIndex, DefaultValue)> {
    let compiler = Compiler::new(objects);
    let mut defaults = Vec::new();
    for object in objects {
        let document = catalog.objects[object.index.0].document;
        for field in object.fields.iter().filter(|field| field.writable()) {
            let written = catalog.field(object.index, field).and_then(|written| written.common.default.as_ref());
            let Some(written) = written.filter(|_| !findings.mentions_broken(field.name.as_str())) else { continue };
            let at = At::new(document, join_pointer("/fields", field.name.as_str())).key("default");
            let default = resolve_one(written, (object.index, field), &compiler, &at, findings);
            defaults.extend(default.map(|default| (object.index, field.index, default)));
        }
    }
    defaults
}

fn resolve_one(
    written: &Json,
    (object, field): (ObjectIndex, &Field),
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<DefaultValue> {
    let literal = field_type::check(field, written);
    let expression = match (written, &literal) {
        (Json::Object(map), _) if map.len() == 1 => {
            map.get("cel").and_then(Json::as_str).map(|cel| (cel, at.key("cel")))
        }
        (Json::String(text), Err(_)) if takes_expression(field) => Some((text.as_str(), at.clone())),
        _ => None,
    };
    match (expression, literal) {
        (Some((source, at)), _) => compile(source, (object, field), compiler, &at, findings),
        (None, Ok(value)) => Some(DefaultValue::Value(value)),
        (None, Err(error)) => {
            let message = error.message(Locale::En, "the default");
            findings.error(at.document, &at.pointer, error.code, message);
            None
        }
    }
}

/// Fields whose everyday defaults are expressions: `today()`, `now()`, `actor`.
fn takes_expression(field: &Field) -> bool {
    matches!(field.kind, FieldKind::User(_)) || matches!(field.column, ColumnKind::Date | ColumnKind::DateTime)
}

fn compile(
    source: &str,
    (object, field): (ObjectIndex, &Field),
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<DefaultValue> {
    // In a user field the actor is his id.
    let is_actor = matches!(field.kind, FieldKind::User(_)) && source.trim() == "actor";
    let source = if is_actor { "actor.id" } else { source };
    let expression = compiler.compile(source, (object, Use::Condition), value_type(field), at, findings)?;
    if expression.paths().next().is_some() {
        findings
            .error(at.document, &at.pointer, "not_allowed", "a default cannot read the record it belongs to")
            .help("use `actor`, `today()` and `now()`; or a workflow before save");
        return None;
    }
    Some(DefaultValue::Expression(expression))
}
