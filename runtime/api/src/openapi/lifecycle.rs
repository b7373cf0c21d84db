//! What has become of an object's records: the recycle bin and their histories.

use serde_json::{Map, Value as Json, json};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Object, Verb};

use super::operation::Operation;
use super::parameter::{self, references};
use super::record::{WRITTEN, changed, list, operation};
use super::{View, reference, response};

pub fn add_paths(view: &View<'_>, object: &Object, paths: &mut Map<String, Json>) {
    let base = format!("/t/{}/api/v1/{}", view.tenant, object.name);
    let label = object.label(Locale::En);
    let id = references(&["id"]);
    let version = references(&["id", "version"]);
    if view.may(object, Verb::Delete) {
        if view.may(object, Verb::Read) {
            paths.insert(format!("{base}/deleted"), json!({ "get": deleted(view, object, &label).into_json() }));
        }
        let restore = restore(object, &label).into_json();
        paths.insert(format!("{base}/{{id}}/restore"), json!({ "parameters": id, "post": restore }));
    }
    if view.may(object, Verb::Read) {
        let history = json!({ "parameters": id, "get": history(object, &label).into_json() });
        paths.insert(format!("{base}/{{id}}/history"), history);
        let image = json!({ "parameters": version, "get": image(object, &label).into_json() });
        paths.insert(format!("{base}/{{id}}/history/{{version}}"), image);
        if view.may(object, Verb::Update) {
            let revert = json!({ "parameters": version, "post": revert(object, &label).into_json() });
            paths.insert(format!("{base}/{{id}}/history/{{version}}/revert"), revert);
        }
    }
}

fn deleted<'a>(view: &View<'_>, object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        id: format!("list_deleted_{}", object.name),
        summary: format!("List deleted {label}"),
        ..list(view, object, label)
    }
}

fn restore<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&parameter::CHANGE),
        successes: changed(object, &WRITTEN),
        problems: &response::WRITE,
        ..operation("restore", object, format!("Bring one deleted {label} back, with what went with it"))
    }
}

fn history<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&["before_version", "versions"]),
        successes: vec![("200", response::success("The newest first.", &reference("schemas", "History"), &[]))],
        ..operation("history", object, format!("What happened to one {label}"))
    }
}

fn image<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    let schema = reference("schemas", "PastRecord");
    let successes = vec![("200", response::success("As far as you may read it, now and then.", &schema, &[]))];
    Operation { successes, ..operation("version", object, format!("One {label} as a version left it")) }
}

fn revert<'a>(object: &'a Object, label: &str) -> Operation<'a> {
    Operation {
        parameters: references(&parameter::CHANGE),
        body: Some(json!({ "schema": reference("schemas", "Revert") })),
        successes: changed(object, &WRITTEN),
        problems: &response::WRITE,
        ..operation("revert", object, format!("Give one {label} former values back"))
    }
}

pub fn add_schemas(schemas: &mut Map<String, Json>) {
    let when = || json!({ "type": "string", "format": "date-time" });
    let who = || json!({ "type": ["string", "null"], "format": "uuid" });
    let Json::Object(own) = json!({
        "History": {
            "type": "object",
            "required": ["versions", "before"],
            "properties": {
                "versions": { "type": "array", "items": reference("schemas", "Version") },
                "before": {
                    "type": ["integer", "null"],
                    "description": "There are more: ask for those before this version.",
                },
            },
        },
        "Version": {
            "type": "object",
            "required": ["version", "kind", "at", "by", "changes"],
            "properties": {
                "version": { "type": "integer" },
                "kind": { "enum": ["create", "update", "delete", "restore"] },
                "at": when(),
                "by": who(),
                "changes": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "description": "A value you may not read, or could not then, is left out.",
                        "required": ["field"],
                        "properties": { "field": { "type": "string" }, "old": {}, "new": {} },
                    },
                },
            },
        },
        "PastRecord": {
            "type": "object",
            "required": ["version", "at", "by", "record"],
            "properties": {
                "version": { "type": "integer" },
                "at": { "type": ["string", "null"], "format": "date-time" },
                "by": who(),
                "record": { "type": "object" },
            },
        },
        "Revert": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "fields": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "Only these; else all that differ and that you may change.",
                },
            },
        },
    }) else {
        return;
    };
    schemas.extend(own);
}
