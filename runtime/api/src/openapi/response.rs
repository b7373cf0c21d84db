//! Answers: one component per problem status, and the headers of successes.

use serde_json::{Map, Value as Json, json};

use super::reference;

/// Status, component, meaning. The server's table of classes and this one say the same.
const PROBLEMS: [(&str, &str, &str); 14] = [
    ("400", "BadRequest", "The query or body is malformed, or names something unknown."),
    ("401", "Unauthorized", "No valid token or session."),
    ("403", "Forbidden", "Known, but not allowed."),
    ("404", "NotFound", "It does not exist, or may not be seen."),
    ("405", "MethodNotAllowed", "The address does not answer this method."),
    ("406", "NotAcceptable", "No acceptable form, or not exactly one record where one was asked for."),
    ("409", "Conflict", "A value is taken, a record is in use, or another change came first."),
    ("412", "PreconditionFailed", "The record has another version now; `current` holds it as you may read it."),
    ("413", "TooLarge", "The body is too large."),
    ("415", "UnsupportedMedia", "The body is of a kind the address does not read."),
    ("422", "Unprocessable", "The content was refused; `errors` lists every finding."),
    ("429", "TooMany", "Too many requests; wait as long as `Retry-After` says."),
    ("500", "Internal", "A defect here; the trace id finds it."),
    ("503", "Unavailable", "The storage does not answer; try again shortly."),
];

/// What any address may answer.
pub const ALWAYS: [&str; 5] = ["400", "405", "429", "500", "503"];
/// Beside [`ALWAYS`], where the caller is known.
pub const READ: [&str; 4] = ["401", "403", "404", "406"];
pub const QUERY: [&str; 6] = ["401", "403", "404", "406", "413", "415"];
pub const WRITE: [&str; 9] = ["401", "403", "404", "406", "409", "412", "413", "415", "422"];

pub fn problems() -> Map<String, Json> {
    let component = |(status, name, meaning): (&str, &str, &str)| {
        let example = json!({
            "type": "/docs/errors/unknown_field",
            "title": name,
            "status": status.parse::<u16>().unwrap_or_default(),
            "detail": meaning,
            "instance": "/t/demo/api/v1/example",
            "code": "unknown_field",
            "errors": [],
            "trace_id": "0197e9c8a1b27c3d8e4f5a6b7c8d9e0f",
            "message": meaning,
            "details": null,
            "hint": null,
        });
        let content = json!({ "schema": reference("schemas", "Problem"), "example": example });
        let mut response = json!({ "description": meaning, "content": { "application/problem+json": content } });
        if matches!(status, "429" | "503") {
            response["headers"] = json!({ "Retry-After": reference("headers", "Retry-After") });
        }
        if status == "405" {
            response["headers"] = json!({ "Allow": reference("headers", "Allow") });
        }
        (name.to_owned(), response)
    };
    PROBLEMS.into_iter().map(component).collect()
}

pub fn headers() -> Json {
    let header = |description: &str, kind: &str| json!({ "description": description, "schema": { "type": kind } });
    json!({
        "Allow": header("The methods of the address.", "string"),
        "Idempotency-Replayed": header("`true` where the answer was given before.", "string"),
        "Content-Range": header("`0-24/573`; `*` where the total was not asked for.", "string"),
        "ETag": header("Version of the record.", "string"),
        "Location": header("Address of the new record.", "string"),
        "Preference-Applied": header("The preferences that were followed.", "string"),
        "Retry-After": header("Seconds.", "integer"),
        "X-Trellis-Revision": header("Revision of the metadata the answer was made under.", "integer"),
        "X-Next-Cursor": header("`cursor` of the next page, while there may be one.", "string"),
    })
}

/// The `responses` of an operation: its successes, then problems by status.
pub fn responses(successes: Vec<(&str, Json)>, problems: &[&str]) -> Json {
    let mut all: Map<String, Json> =
        successes.into_iter().map(|(status, answer)| (status.to_owned(), answer)).collect();
    for (status, name, _) in PROBLEMS {
        if ALWAYS.contains(&status) || problems.contains(&status) {
            all.insert(status.to_owned(), reference("responses", name));
        }
    }
    Json::Object(all)
}

/// A success with a JSON body and the named headers.
pub fn success(description: &str, schema: &Json, names: &[&str]) -> Json {
    with_headers(json!({ "description": description, "content": { "application/json": { "schema": schema } } }), names)
}

pub fn empty(description: &str, names: &[&str]) -> Json {
    with_headers(json!({ "description": description }), names)
}

pub fn with_headers(mut response: Json, names: &[&str]) -> Json {
    if !names.is_empty() {
        let headers: Map<String, Json> =
            names.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect();
        response["headers"] = headers.into();
    }
    response
}
