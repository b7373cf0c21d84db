//! The paths of one object.

use serde_json::{Map, Value as Json, json};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Object, Verb};

use super::operation::Operation;
use super::parameter::{self, references};
use super::{View, reference, response};

const LISTED: [&str; 4] = ["Content-Range", "X-Next-Cursor", "Preference-Applied", "X-Trellis-Revision"];
const SHOWN: [&str; 2] = ["ETag", "X-Trellis-Revision"];
/// Of one record that was written.
pub(super) const WRITTEN: [&str; 3] = ["ETag", "Preference-Applied", "Idempotency-Replayed"];

pub fn add_paths(view: &View<'_>, object: &Object, paths: &mut Map<String, Json>) {
    let base = format!("/t/{}/api/v1/{}", view.tenant, object.name);
    let mut many = Map::new();
    let mut one = Map::new();
    let label = object.label(Locale::En);
    if view.may(object, Verb::Read) {
        many.insert("get".into(), list(view, object, &label).into_json());
        many.insert("head".into(), count(view, object, &label).into_json());
        paths.insert(format!("{base}/aggregate"), json!({ "get": aggregate(view, object, &label).into_json() }));
        paths.insert(format!("{base}/query"), json!({ "post": query(object, &label).into_json() }));
        one.insert("get".into(), get(object, &label).into_json());
        one.insert("head".into(), head(object, &label).into_json());
    }
    if view.may(object, Verb::Create) {
        many.insert("post".into(), create(view, object, &label).into_json());
    }
    if view.may(object, Verb::Create) || view.may(object, Verb::Update) {
        one.insert("put".into(), put(view, object, &label).into_json());
    }
    if view.may(object, Verb::Update) {
        many.insert("patch".into(), update_matching(view, object, &label).into_json());
        one.insert("patch".into(), update(object, &label).into_json());
    }
    if view.may(object, Verb::Delete) {
        many.insert("delete".into(), delete_matching(view, object, &label).into_json());
        one.insert("delete".into(), delete(object, &label).into_json());
    }
    if !one.is_empty() {
        one.insert("parameters".into(), references(&["id"]).into());
        paths.insert(format!("{base}/{{id}}"), one.into());
    }
    paths.insert(base, many.into());
}

pub(super) fn operation<'a>(verb: &str, object: &'a Object, summary: String) -> Operation<'a> {
    Operation {
        id: format!("{verb}_{}", object.name),
        tag: object.name.as_str(),
        summary,
        parameters: Vec::new(),
        body: None,
        successes: Vec::new(),
        problems: &response::READ,
        media: "application/json",
        is_open: false,
    }
}

fn record(object: &Object) -> Json {
    reference("schemas", object.name.as_str())
}

fn records(object: &Object) -> Json {
    json!({ "type": "array", "items": record(object) })
}

/// What a write answers with `return=representation`: nobody but a reader sees the record.
fn written(object: &Object) -> Json {
    json!({ "description": "The records written, as far as you may read them.", "oneOf": [
        { "type": "array", "items": { "type": "object", "title": object.label(Locale::En) } },
        { "type": "object", "title": object.label(Locale::En) },
    ] })
}

fn page(object: &Object, description: &str) -> Json {
    let content = json!({
        "application/json": { "schema": records(object) },
        "application/vnd.pgrst.array+json": { "schema": records(object) },
        "application/vnd.pgrst.object+json": { "schema": record(object) },
        "text/csv": { "schema": { "type": "string" } },
    });
    response::with_headers(json!({ "description": description, "content": content }), &LISTED)
}

pub(super) fn list<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    let mut parameters = references(&parameter::LIST);
    parameters.extend(parameter::filters(view, object));
    Operation {
        parameters,
        successes: vec![
            ("200", page(object, "All rows, or a page of them.")),
            ("206", page(object, "A page, when the total was asked for and is larger.")),
        ],
        ..operation("list", object, format!("List {label}"))
    }
}

/// What is too long for an address.
fn query<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    let text = json!({ "type": "object", "description": "The parameters of the list.", "additionalProperties": { "type": "string" } });
    Operation {
        parameters: references(&["Range", "Prefer"]),
        body: Some(json!({ "schema": text })),
        media: "application/x-www-form-urlencoded",
        successes: vec![
            ("200", page(object, "As the list.")),
            ("206", page(object, "A page, when the total was asked for and is larger.")),
        ],
        problems: &response::QUERY,
        ..operation("query", object, format!("List {label} by a long query"))
    }
}

fn count<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    let mut parameters = references(&parameter::LIST);
    parameters.extend(parameter::filters(view, object));
    let answer = |text: &str| response::empty(text, &LISTED);
    Operation {
        parameters,
        successes: vec![("200", answer("The headers of the list.")), ("206", answer("The headers of a page."))],
        ..operation("count", object, format!("Count {label}"))
    }
}

fn aggregate<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    let mut parameters = references(&parameter::TOTALS);
    parameters.extend(parameter::filters(view, object));
    let headers = ["Content-Range", "Preference-Applied", "X-Trellis-Revision"];
    let group = json!({ "type": "object", "description": "The group's values, then what was asked of it." });
    let content = json!({
        "application/json": { "schema": { "type": "array", "items": group } },
        "text/csv": { "schema": { "type": "string" } },
    });
    let answer = |text: &str| response::with_headers(json!({ "description": text, "content": content }), &headers);
    Operation {
        parameters,
        successes: vec![
            ("200", answer("The groups.")),
            ("206", answer("A page of them, when the total was asked for.")),
        ],
        ..operation("aggregate", object, format!("Group and total {label}"))
    }
}

fn get<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&["select"]),
        successes: vec![("200", response::success("The record.", &record(object), &SHOWN))],
        ..operation("get", object, format!("Read one {label}"))
    }
}

fn head<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&["select"]),
        successes: vec![("200", response::empty("The headers of the record.", &SHOWN))],
        ..operation("head", object, format!("Look whether one {label} exists"))
    }
}

fn create<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    let one = reference("schemas", &format!("{}.create", object.name));
    let many = json!({ "type": "array", "maxItems": 1000, "items": one });
    let headers = ["Location", "ETag", "Preference-Applied", "Idempotency-Replayed"];
    let mut operation = Operation {
        parameters: references(&["select", "columns", "on_conflict", "Prefer", "Idempotency-Key"]),
        successes: vec![
            ("200", response::success("All of an upsert were there.", &written(object), &headers)),
            ("201", response::success("Created.", &written(object), &headers)),
        ],
        problems: &response::WRITE,
        ..operation("create", object, format!("Create {label}"))
    };
    if view.may(object, Verb::Update) {
        operation.summary = format!("Create {label}, or update those there by a unique key");
    }
    Operation { body: Some(json!({ "schema": { "oneOf": [one, many] } })), ..operation }
}

/// As far as the caller may create or update; which of the two it is shows in the answer.
fn put<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    let verbs = [(Verb::Create, "create"), (Verb::Update, "update")];
    let forms = verbs.into_iter().filter(|(verb, _)| view.may(object, *verb));
    let forms: Vec<Json> = forms.map(|(_, name)| reference("schemas", &format!("{}.{name}", object.name))).collect();
    let mut successes = changed(object, &WRITTEN);
    let created = ["Location", "ETag", "Preference-Applied", "Idempotency-Replayed"];
    successes.insert(1, ("201", response::success("Created.", &written(object), &created)));
    Operation {
        parameters: references(&parameter::CHANGE),
        body: Some(json!({ "schema": { "anyOf": forms } })),
        successes,
        problems: &response::WRITE,
        ..operation("put", object, format!("Create or update one {label}"))
    }
}

fn change_body(object: &Object) -> Json {
    json!({ "schema": reference("schemas", &format!("{}.update", object.name)) })
}

pub(super) fn changed(object: &Object, headers: &[&str]) -> Vec<(&'static str, Json)> {
    vec![
        ("200", response::success("Done; with `return=representation`.", &written(object), headers)),
        ("204", response::empty("Done.", headers)),
    ]
}

fn update<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&parameter::CHANGE),
        body: Some(change_body(object)),
        successes: changed(object, &WRITTEN),
        problems: &response::WRITE,
        ..operation("update", object, format!("Change one {label}"))
    }
}

fn delete<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&["select", "purge", "If-Match", "Prefer", "Idempotency-Key"]),
        successes: changed(object, &["Preference-Applied", "Idempotency-Replayed"]),
        problems: &response::WRITE,
        ..operation("delete", object, format!("Delete one {label}"))
    }
}

/// A filter is required: without one the write is refused.
fn matching(view: &View<'_>, object: &Object) -> Vec<Json> {
    let mut parameters = references(&["select", "and", "or", "Prefer", "Idempotency-Key"]);
    parameters.extend(parameter::filters(view, object));
    parameters
}

fn update_matching<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: matching(view, object),
        body: Some(change_body(object)),
        successes: changed(object, &["Content-Range", "Preference-Applied", "Idempotency-Replayed"]),
        problems: &response::WRITE,
        ..operation("update_matching", object, format!("Change every matching {label}"))
    }
}

fn delete_matching<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: matching(view, object),
        successes: changed(object, &["Content-Range", "Preference-Applied", "Idempotency-Replayed"]),
        problems: &response::WRITE,
        ..operation("delete_matching", object, format!("Delete every matching {label}"))
    }
}
