//! Parameters: the shared ones of lists and writes, and one filter per field.

use serde_json::{Map, Value as Json, json};
use trellis_metadata::field_type;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Object, Verb};
use trellis_plan::request::{MAX_LIMIT, MAX_OFFSET};

use super::{View, reference};

/// Of lists.
pub const LIST: [&str; 9] = ["select", "order", "limit", "offset", "cursor", "and", "or", "Range", "Prefer"];

pub fn shared() -> Map<String, Json> {
    let query = |name: &str, description: &str, schema: Json| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    let header = |name: &str, description: &str, example: &str| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "header", "description": description, "schema": schema, "example": example })
    };
    let text = || json!({ "type": "string" });
    let whole = || json!({ "type": "integer", "minimum": 0 });
    let page = format!("Rows of a page; more than {MAX_LIMIT} are cut to {MAX_LIMIT}.");
    let offset = json!({ "type": "integer", "minimum": 0, "maximum": MAX_OFFSET });
    let rows = [
        ("select", query("select", "Fields and embeds: `a,other:b,lookup(name),lines(*)`.", text())),
        ("order", query("order", "`a.asc.nullslast,b.desc`; the id is always the last key.", text())),
        ("limit", query("limit", &page, whole())),
        ("offset", query("offset", "Rows to skip; further on, use the cursor.", offset)),
        ("cursor", query("cursor", "Of the page before; valid for the same query only.", text())),
        ("and", query("and", "`(a.eq.1,or(b.gt.2,c.is.null))`", text())),
        ("or", query("or", "`(a.eq.1,b.gt.2)`; also `not.and`, `not.or`.", text())),
        ("columns", query("columns", "Fields a bulk insert writes.", text())),
        (
            "id",
            json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }),
        ),
        ("Range", header("Range", "Items wanted, when neither `limit` nor `offset` is given.", "0-24")),
        ("Prefer", header("Prefer", "`count=exact`, `return=representation`, `tx=rollback`, …", "count=exact")),
        ("If-Match", header("If-Match", "The version the change is based on.", "\"3\"")),
    ];
    rows.into_iter().map(|(name, parameter)| (name.to_owned(), parameter)).collect()
}

/// One filter per readable field, as `loan.status`.
pub fn add_filters(view: &View<'_>, object: &Object, parameters: &mut Map<String, Json>) {
    for field in filterable(view, object) {
        let operators: Vec<&str> = field_type::operators(field).iter().map(|operator| operator.name()).collect();
        let description = format!("{}: {}, each also after `not.`", field.label(Locale::En), operators.join(", "));
        let parameter = json!({
            "name": field.name,
            "in": "query",
            "description": description,
            "schema": { "type": "string" },
            "example": "not.is.null",
        });
        parameters.insert(format!("{}.{}", object.name, field.name), parameter);
    }
}

fn filterable<'o>(view: &View<'_>, object: &'o Object) -> impl Iterator<Item = &'o trellis_metadata::snapshot::Field> {
    let mask = view.rights.fields(object.index, Verb::Read).cloned().unwrap_or_default();
    object.fields.iter().filter(move |field| mask.contains(field.index))
}

pub fn filters(view: &View<'_>, object: &Object) -> Vec<Json> {
    let names = filterable(view, object).map(|field| format!("{}.{}", object.name, field.name));
    names.map(|name| reference("parameters", &name)).collect()
}

pub fn references(names: &[&str]) -> Vec<Json> {
    names.iter().map(|name| reference("parameters", name)).collect()
}
