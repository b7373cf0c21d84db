//! Imports and exports of an object, and the jobs that carry them out.

use serde_json::{Map, Value as Json, json};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Object, Verb};

use super::operation::Operation;
use super::parameter::{self, references};
use super::record::operation;
use super::{View, reference, response};

const BEGIN: [&str; 7] = ["401", "403", "404", "409", "413", "415", "422"];
const JOB: [&str; 4] = ["401", "403", "404", "409"];

pub fn add_paths(view: &View<'_>, object: &Object, paths: &mut Map<String, Json>) {
    let base = format!("/t/{}/api/v1/{}", view.tenant, object.name);
    let label = object.label(Locale::En);
    let job = references(&["job"]);
    if view.may(object, Verb::Create) {
        paths.insert(format!("{base}/import"), json!({ "post": import(object, &label) }));
        let show = told("import_job", object, "How far an import is", "200", "Import");
        paths.insert(format!("{base}/import/{{job}}"), json!({ "parameters": job, "get": show }));
        let undo = told("undo_import", object, "Take an import back", "202", "Import");
        paths.insert(format!("{base}/import/{{job}}/undo"), json!({ "parameters": job, "post": undo }));
        let errors = file("import_errors", object, "The rows an import refused, with the reasons");
        paths.insert(format!("{base}/import/{{job}}/errors"), json!({ "parameters": job, "get": errors }));
    }
    if view.may(object, Verb::Export) {
        paths.insert(format!("{base}/export"), json!({ "post": export(view, object, &label) }));
        let show = told("export_job", object, "How far an export is", "200", "Export");
        paths.insert(format!("{base}/export/{{job}}"), json!({ "parameters": job, "get": show }));
        let file = file("export_file", object, "What was exported");
        paths.insert(format!("{base}/export/{{job}}/file"), json!({ "parameters": job, "get": file }));
    }
}

fn begun(schema: &str) -> Vec<(&'static str, Json)> {
    vec![(
        "202",
        response::success(
            "Begun; ended already where `wait` was long enough.",
            &reference("schemas", schema),
            &["Location"],
        ),
    )]
}

fn import(object: &Object, label: &str) -> Json {
    let summary = format!("Import {label}: rows of CSV with a header, or a record on each line");
    let mut json = Operation {
        parameters: references(&[
            "on_conflict",
            "existing",
            "import_columns",
            "header",
            "empty",
            "dry_run",
            "charset",
            "wait",
        ]),
        successes: begun("Import"),
        problems: &BEGIN,
        ..operation("import", object, summary)
    }
    .into_json();
    let text = || json!({ "schema": { "type": "string" } });
    json["requestBody"] =
        json!({ "required": true, "content": { "text/csv": text(), "application/x-ndjson": text() } });
    json
}

fn export(view: &View<'_>, object: &Object, label: &str) -> Json {
    let mut parameters = references(&["select", "order", "and", "or", "format", "wait"]);
    parameters.extend(parameter::filters(view, object));
    Operation {
        parameters,
        successes: begun("Export"),
        problems: &BEGIN,
        ..operation("export", object, format!("Export {label}"))
    }
    .into_json()
}

fn told(name: &str, object: &Object, summary: &str, status: &'static str, schema: &str) -> Json {
    let answer = response::success("The job.", &reference("schemas", schema), &["Location"]);
    let job = Operation {
        parameters: references(&["wait"]),
        successes: vec![(status, answer)],
        problems: &JOB,
        ..operation(name, object, summary.to_owned())
    };
    job.into_json()
}

fn file(name: &str, object: &Object, summary: &str) -> Json {
    let text = || json!({ "schema": { "type": "string" } });
    let content = json!({ "text/csv": text(), "application/x-ndjson": text() });
    let successes = vec![("200", json!({ "description": "The file.", "content": content }))];
    Operation { successes, problems: &JOB, ..operation(name, object, summary.to_owned()) }.into_json()
}

pub fn add_parameters(parameters: &mut Map<String, Json>) {
    let query = |name: &str, description: &str, schema: Json| json!({ "name": name, "in": "query", "description": description, "schema": schema });
    let one_of = |words: &[&str]| json!({ "type": "string", "enum": words });
    let text = || json!({ "type": "string" });
    let rows = [
        (
            "job",
            json!({ "name": "job", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }),
        ),
        (
            "existing",
            query("existing", "What happens to a record that has the key of a row.", one_of(&["merge", "ignore"])),
        ),
        (
            "import_columns",
            query(
                "columns",
                "What the columns of the file are, in place of the header: fields, `lookup.key`, or `-`.",
                text(),
            ),
        ),
        ("header", query("header", "Whether the first line names the columns.", one_of(&["present", "absent"]))),
        ("empty", query("empty", "What an empty cell means to a record that is there.", one_of(&["keep", "clear"]))),
        ("dry_run", query("dry_run", "Tell what would come of it; write nothing.", one_of(&["false", "true"]))),
        ("charset", query("charset", "Of a file that is not UTF-8: `gb18030`, `big5`, …", text())),
        ("format", query("format", "What the file is written in.", one_of(&["csv", "ndjson"]))),
        ("wait", query("wait", "Seconds to wait for the end, at most 60.", json!({ "type": "integer", "minimum": 0 }))),
    ];
    parameters.extend(rows.into_iter().map(|(name, parameter)| (name.to_owned(), parameter)));
}

pub fn add_schemas(schemas: &mut Map<String, Json>) {
    let count = |description: &str| json!({ "type": "integer", "description": description });
    let states = json!({ "enum": ["receiving", "running", "undoing", "done", "undone", "stopped"] });
    let reason = json!({ "type": ["string", "null"], "description": "Why it stopped." });
    let id = || json!({ "type": "string", "format": "uuid" });
    let Json::Object(own) = json!({
        "Import": {
            "type": "object",
            "required": ["id", "kind", "object", "state"],
            "properties": {
                "id": id(),
                "kind": { "const": "import" },
                "object": { "type": "string" },
                "state": states,
                "dry_run": { "type": "boolean" },
                "rows": count("Rows of the file."),
                "created": count("Records."),
                "updated": count("Records."),
                "unchanged": count("Rows that changed nothing."),
                "blank": count("Rows without a value."),
                "refused": count("Rows."),
                "undone": count("Records taken back."),
                "kept": count("Records changed since, which stay."),
                "reason": reason,
                "errors": {
                    "type": "array",
                    "description": "The first rows that were refused.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "line": { "type": "integer" },
                            "text": { "type": "string" },
                            "errors": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "properties": {
                                        "field": { "type": "string" },
                                        "code": { "type": "string" },
                                        "message": { "type": "string" },
                                    },
                                },
                            },
                        },
                    },
                },
                "error_file": { "type": ["string", "null"], "description": "Where all refused rows are." },
            },
        },
        "Export": {
            "type": "object",
            "required": ["id", "kind", "object", "state"],
            "properties": {
                "id": id(),
                "kind": { "const": "export" },
                "object": { "type": "string" },
                "state": states,
                "rows": count("Rows by now."),
                "reason": reason,
                "file": { "type": ["string", "null"], "description": "Where it is, once it is complete." },
            },
        },
    }) else {
        return;
    };
    schemas.extend(own);
}
