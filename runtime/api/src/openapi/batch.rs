//! The address for many operations as one, and its bodies.

use serde_json::{Map, Value as Json, json};

use super::operation::Operation;
use super::parameter::references;
use super::{reference, response};
use crate::rest::MAX_OPERATIONS;

pub fn add_path(api: &str, paths: &mut Map<String, Json>) {
    let headers = ["Preference-Applied", "Idempotency-Replayed"];
    let operation = Operation {
        id: "batch".into(),
        tag: "batch",
        summary: "Carry out many operations in one transaction, all or none".into(),
        parameters: references(&["Prefer", "Idempotency-Key"]),
        body: Some(json!({ "schema": reference("schemas", "Batch"), "example": { "operations": [] } })),
        successes: vec![("200", response::success("All are done.", &reference("schemas", "BatchResults"), &headers))],
        problems: &["401", "403", "404", "409", "412", "413", "415", "422"],
        media: "application/json",
        is_open: false,
    };
    paths.insert(format!("{api}/batch"), json!({ "post": operation.into_json() }));
}

pub fn add_schemas(schemas: &mut Map<String, Json>) {
    let Json::Object(own) = json!({
        "Batch": {
            "type": "object",
            "required": ["operations"],
            "additionalProperties": false,
            "properties": {
                "operations": {
                    "type": "array",
                    "maxItems": MAX_OPERATIONS,
                    "items": reference("schemas", "BatchOperation"),
                },
            },
        },
        "BatchOperation": {
            "type": "object",
            "required": ["method", "object"],
            "additionalProperties": false,
            "properties": {
                "method": { "enum": ["POST", "PATCH", "PUT", "DELETE"] },
                "object": { "type": "string" },
                "id": { "type": "string", "description": "Of the record, or `@name`: that of an earlier operation." },
                "body": { "type": "object", "description": "As alone; lookups may be `@name`." },
                "as": { "type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[A-Za-z0-9_-]+$" },
                "version": { "type": "integer", "description": "The version the change is based on." },
            },
        },
        "BatchResults": {
            "type": "object",
            "required": ["results"],
            "properties": {
                "results": {
                    "type": "array",
                    "description": "In the order of the operations.",
                    "items": {
                        "type": "object",
                        "required": ["method", "status", "id", "version"],
                        "properties": {
                            "method": { "enum": ["POST", "PATCH", "PUT", "DELETE"] },
                            "status": { "enum": [200, 201, 204] },
                            "id": { "type": "string", "format": "uuid" },
                            "version": { "type": "integer" },
                            "as": { "type": "string" },
                            "record": { "type": "object", "description": "With `return=representation`." },
                        },
                    },
                },
            },
        },
    }) else {
        return;
    };
    schemas.extend(own);
}
