//! Parameters: the shared ones of lists and writes, and one filter per field.

use serde_json::{Map, Value as Json, json};
use trellis_metadata::field_type;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Object, Verb};
use trellis_plan::request::{MAX_LIMIT, MAX_OFFSET};

use super::{View, reference};
use crate::rest::MAX_VERSIONS;

/// Of changes of one record.
pub const CHANGE: [&str; 4] = ["select", "If-Match", "Prefer", "Idempotency-Key"];
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
        (
            "select",
            query(
                "select",
                "Fields, embeds, aggregates: `a,other:b,lookup(name),lines(*)`, `a,b.sum(),count()`, `lines(count())`.",
                text(),
            ),
        ),
        ("order", query("order", "`a.asc.nullslast,b.desc`; the id is always the last key.", text())),
        ("limit", query("limit", &page, whole())),
        ("offset", query("offset", "Rows to skip; further on, use the cursor.", offset)),
        ("cursor", query("cursor", "Of the page before; valid for the same query only.", text())),
        ("and", query("and", "`(a.eq.1,or(b.gt.2,c.is.null))`", text())),
        ("or", query("or", "`(a.eq.1,b.gt.2)`; also `not.and`, `not.or`.", text())),
        (
            "group",
            query(
                "group",
                "`status,month:created_at.month,dealer.region`; dates by day, week, month, quarter, year.",
                text(),
            ),
        ),
        ("having", query("having", "`(sum.gt.100,count.gte.2)`, of columns of the answer.", text())),
        ("columns", query("columns", "Fields a bulk insert writes.", text())),
        (
            "id",
            json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }),
        ),
        (
            "version",
            json!({ "name": "version", "in": "path", "required": true, "schema": { "type": "integer", "minimum": 1 } }),
        ),
        ("before_version", query("before", "Versions before this one.", whole())),
        ("versions", query("limit", &format!("Versions of a page; more than {MAX_VERSIONS} are cut."), whole())),
        (
            "purge",
            query(
                "purge",
                "Gone for good, with its history; takes the right to administer.",
                json!({ "type": "boolean" }),
            ),
        ),
        ("Range", header("Range", "Items wanted, when neither `limit` nor `offset` is given.", "0-24")),
        ("Prefer", header("Prefer", "`count=exact`, `return=representation`, `tx=rollback`, …", "count=exact")),
        (
            "on_conflict",
            query(
                "on_conflict",
                "Fields of a unique key, or its name; with `Prefer: resolution=…`. Without it, the id.",
                text(),
            ),
        ),
        ("Idempotency-Key", idempotency_key()),
        ("If-Match", header("If-Match", "The version the change is based on.", "\"3\"")),
    ];
    rows.into_iter().map(|(name, parameter)| (name.to_owned(), parameter)).collect()
}

fn idempotency_key() -> Json {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Carries the write out once, however often it is sent; the answer is kept for 7 days.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        "example": "0197e9c8-a1b2-7c3d-8e4f-5a6b7c8d9e0f",
    })
}

/// Of groups and totals.
pub const TOTALS: [&str; 9] = ["group", "select", "having", "order", "limit", "offset", "and", "or", "Prefer"];

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
