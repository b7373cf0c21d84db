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
        json!({ "name": "files", "description": "Files of records" }),
        json!({ "name": "events", "description": "Changes as they happen" }),
    ]
}

pub fn add_paths(view: &View<'_>, paths: &mut Map<String, Json>) {
    add_auth(paths);
    add_meta(&format!("/t/{}/meta/v1", view.tenant), paths);
    add_files(&format!("/t/{}/api/v1/files", view.tenant), paths);
    add_events(&format!("/t/{}/api/v1/events", view.tenant), paths);
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

fn add_files(base: &str, paths: &mut Map<String, Json>) {
    let text = |name: &str, place: &str, example: &str, description: &str| {
        json!({
            "name": name,
            "in": place,
            "required": place == "path" || name == "field",
            "description": description,
            "schema": { "type": "string" },
            "example": example,
        })
    };
    let file = json!({
        "type": "object",
        "required": ["id", "name", "type", "size", "sha256"],
        "properties": {
            "id": { "type": "string", "format": "uuid", "description": "The value of the field." },
            "name": { "type": "string" },
            "type": { "type": "string", "description": "As the content shows." },
            "size": { "type": "integer" },
            "sha256": { "type": "string" },
        },
    });
    let upload = Operation {
        tag: "files",
        parameters: vec![
            text("field", "query", "visit.photo", "Object and field it is sent for."),
            text("name", "query", "shelf.jpg", "What it is called."),
        ],
        body: Some(json!({ "schema": { "type": "string", "format": "binary" } })),
        successes: vec![(
            "201",
            response::success("Kept until a record takes it, a day at most.", &file, &["Location"]),
        )],
        problems: &["400", "401", "409", "413", "415", "422"],
        media: "application/octet-stream",
        ..meta("upload_file", "Send a file")
    };
    put(paths, base, "post", upload);
    let content = json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } });
    let download = Operation {
        tag: "files",
        parameters: vec![
            text("id", "path", "0197e9c8-a1b2-7c3d-8e4f-5a6b7c8d9e0f", "The value of the field."),
            text("variant", "query", "thumb", "Of a picture: `thumb`, `small` or `large`; 160, 640 or 1,600 pixels."),
        ],
        successes: vec![
            ("200", json!({ "description": "The bytes.", "content": content })),
            ("206", json!({ "description": "The bytes of the range asked for.", "content": content })),
            ("304", response::empty("The caller has it already.", &["ETag"])),
        ],
        problems: &["401", "404", "422"],
        ..meta("download_file", "Fetch a file")
    };
    put(paths, &format!("{base}/{{id}}"), "get", download);
}

fn add_events(path: &str, paths: &mut Map<String, Json>) {
    let parameter = |place: &str, name: &str, description: &str, schema: Json| json!({ "name": name, "in": place, "description": description, "schema": schema });
    let mut object = parameter("query", "object", "Whose records.", json!({ "type": "string" }));
    object["required"] = true.into();
    let since = json!({ "type": "string", "enum": ["now", "start"], "default": "now" });
    let last = "Of the last event that came: the stream goes on behind it.";
    let own = [
        object,
        parameter("query", "since", "`start`: what is there comes first, as `enter`.", since),
        parameter("header", "Last-Event-ID", last, json!({ "type": "string" })),
    ];
    let shared = ["select", "and", "or"].map(|name| reference("parameters", name));
    let content = json!({ "text/event-stream": { "schema": { "type": "string" } } });
    let told = "`enter` and `update` with the id and the record, `leave` with the id; `ready` once all there was is told, \
                `reset` when nothing told before counts, `end` with a problem. Filters are those of a list.";
    let follow = Operation {
        tag: "events",
        parameters: own.into_iter().chain(shared).collect(),
        successes: vec![("200", json!({ "description": told, "content": content }))],
        problems: &["400", "401", "404"],
        ..meta("follow_events", "Follow a list")
    };
    put(paths, path, "get", follow);
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
