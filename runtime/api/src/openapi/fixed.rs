//! The addresses that are the same in every tenant: sign-in, metadata, operations.

use serde_json::{Map, Value as Json, json};

use super::operation::Operation;
use super::{View, reference, response};

pub fn tags() -> Vec<Json> {
    vec![
        json!({ "name": "auth", "description": "Signing in" }),
        json!({ "name": "meta", "description": "Documents, plans and revisions" }),
        json!({ "name": "operations", "description": "State of the server" }),
        json!({ "name": "batch", "description": "Many changes as one" }),
    ]
}

pub fn add_paths(view: &View<'_>, paths: &mut Map<String, Json>) {
    add_auth(paths);
    add_meta(&format!("/t/{}/meta/v1", view.tenant), paths);
    add_operations(&format!("/t/{}/api/v1", view.tenant), paths);
}

fn add_auth(paths: &mut Map<String, Json>) {
    let tokens = response::success("Tokens.", &reference("schemas", "Tokens"), &[]);
    let example = json!({ "tenant": "demo", "email": "admin@demo", "password": "demo-only" });
    let credentials = json!({ "schema": reference("schemas", "Credentials"), "example": example });
    let refresh = || json!({ "schema": reference("schemas", "RefreshToken") });
    let auth = |id: &str, summary: &str, body: Json, success: (&'static str, Json)| Operation {
        id: id.into(),
        tag: "auth",
        summary: summary.into(),
        parameters: Vec::new(),
        body: Some(body),
        successes: vec![success],
        problems: &["401", "413"],
        media: "application/json",
        is_open: true,
    };
    put(paths, "/auth/v1/token", "post", auth("sign_in", "Sign in", credentials, ("200", tokens.clone())));
    put(paths, "/auth/v1/refresh", "post", auth("refresh", "Renew tokens", refresh(), ("200", tokens)));
    let done = ("204", response::empty("Signed out.", &[]));
    put(paths, "/auth/v1/logout", "post", auth("sign_out", "Sign out", refresh(), done));
}

fn add_meta(base: &str, paths: &mut Map<String, Json>) {
    let plan = || reference("schemas", "Plan");
    let refused = || response::success("The documents have errors; nothing was changed.", &plan(), &[]);
    for (name, summary) in [
        ("validate", "Check documents"),
        ("plan", "Show what applying documents would change"),
        ("apply", "Apply documents"),
    ] {
        let example = json!({ "documents": [] });
        let operation = Operation {
            body: Some(json!({ "schema": reference("schemas", "Changes"), "example": example })),
            successes: vec![("200", response::success("The outcome.", &plan(), &[]))],
            problems: &["401", "403", "404", "409", "413"],
            ..meta(name, summary)
        };
        let mut json = operation.into_json();
        json["responses"]["422"] = refused();
        paths.insert(format!("{base}/{name}"), json!({ "post": json }));
    }
    let kind = json!({ "name": "kind", "in": "query", "schema": { "type": "string" }, "example": "object" });
    put_get(paths, &format!("{base}/documents"), meta("documents", "List documents"), vec![kind], any("Documents."));
    put_get(paths, &format!("{base}/revisions"), meta("revisions", "List revisions"), Vec::new(), any("Revisions."));
    let kind = json!({ "name": "kind", "in": "path", "required": true, "schema": { "type": "string" } });
    let schema = meta("schema", "JSON Schema of a document kind");
    put_get(paths, &format!("{base}/schemas/{{kind}}"), schema, vec![kind], any("A JSON Schema."));
    let body = json!({
        "type": "object",
        "required": ["revision"],
        "properties": { "revision": { "type": "integer" }, "hash": { "type": "string" } },
    });
    let rollback = Operation {
        body: Some(json!({ "schema": body, "example": { "revision": 1 } })),
        successes: vec![("200", response::success("The outcome.", &plan(), &[]))],
        problems: &["401", "403", "404", "409", "413", "422"],
        ..meta("rollback", "Return to an earlier revision")
    };
    put(paths, &format!("{base}/rollback"), "post", rollback);
}

fn add_operations(api: &str, paths: &mut Map<String, Json>) {
    for (path, id, summary) in [
        ("/healthz", "healthz", "Is the process up"),
        ("/readyz", "readyz", "Does the storage answer"),
        ("/metrics", "metrics", "Figures for Prometheus"),
    ] {
        let content = json!({ "text/plain": { "schema": { "type": "string" } } });
        let operation = Operation {
            successes: vec![("200", json!({ "description": "Yes.", "content": content }))],
            problems: &[],
            media: "application/json",
            is_open: true,
            tag: "operations",
            ..meta(id, summary)
        };
        put(paths, path, "get", operation);
    }
    let operation = Operation { tag: "operations", ..meta("openapi", "This document") };
    let known =
        json!({ "name": "If-None-Match", "in": "header", "schema": { "type": "string" }, "example": "\"7-1f\"" });
    let document = response::success("OpenAPI 3.1.", &json!({ "type": "object" }), &["ETag"]);
    let unchanged = response::empty("The caller has it already.", &["ETag"]);
    let successes = vec![("200", document), ("304", unchanged)];
    let operation = Operation { parameters: vec![known], successes, ..operation };
    put(paths, &format!("{api}/openapi.json"), "get", operation);
}

fn meta<'a>(id: &str, summary: &str) -> Operation<'a> {
    Operation {
        id: id.into(),
        tag: "meta",
        summary: summary.into(),
        parameters: Vec::new(),
        body: None,
        successes: Vec::new(),
        problems: &["401", "403", "404"],
        media: "application/json",
        is_open: false,
    }
}

fn any(description: &str) -> Json {
    response::success(description, &json!({ "type": "object" }), &[])
}

fn put_get(paths: &mut Map<String, Json>, path: &str, operation: Operation<'_>, parameters: Vec<Json>, answer: Json) {
    put(paths, path, "get", Operation { parameters, successes: vec![("200", answer)], ..operation });
}

fn put(paths: &mut Map<String, Json>, path: &str, method: &str, operation: Operation<'_>) {
    paths.insert(path.to_owned(), json!({ method: operation.into_json() }));
}
