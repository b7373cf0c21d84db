//! JSON Schema of every document kind, generated from the Rust types, and what a document has wrong against it.
//!
//! The schemas are closed, offline and in the published folder `metadata/schema`, so that a stock editor completes and
//! checks what this module accepts. They know shapes, not names: `resolve` checks that what is named exists.

mod problem;

use std::sync::OnceLock;

use jsonschema::{Draft, PatternOptions, Retrieve, Uri, Validator};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

pub use problem::Problem;

use crate::document::field::merged;
use crate::document::{Header, Kind};

/// More problems of one document than a person reads at once.
const MAX_PROBLEMS: usize = 200;

/// The schema of `kind`, as published.
pub fn schema(kind: Kind) -> &'static Value {
    &compiled(kind).schema
}

/// Everything wrong with the shape of `document`, in the order of the document.
pub fn validate(kind: Kind, document: &Value) -> Vec<Problem> {
    let compiled = compiled(kind);
    let Some(validator) = &compiled.validator else {
        return Vec::new();
    };
    if validator.is_valid(document) {
        return Vec::new();
    }
    let mut problems: Vec<Problem> = validator
        .iter_errors(document)
        .flat_map(|error| problem::translate(&error, &compiled.schema))
        .take(MAX_PROBLEMS)
        .collect();
    problems.sort_by(|a, b| a.pointer.cmp(&b.pointer).then(a.code.cmp(b.code)).then(a.message.cmp(&b.message)));
    problems.dedup();
    problems
}

struct Compiled {
    schema: Value,
    /// Absent only if our own schema does not compile, which a test excludes; reading then still checks the types.
    validator: Option<Validator>,
}

fn compiled(kind: Kind) -> &'static Compiled {
    static SCHEMAS: [OnceLock<Compiled>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    SCHEMAS[kind as usize].get_or_init(|| {
        let schema = generate(kind);
        let validator = compile(&schema).ok();
        Compiled { schema, validator }
    })
}

/// No reference leaves the schema, and none may.
struct NoNetwork;

impl Retrieve for NoNetwork {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("schemas are not fetched: {uri}").into())
    }
}

fn compile(schema: &Value) -> Result<Validator, jsonschema::ValidationError<'static>> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .with_retriever(NoNetwork)
        .build(schema)
}

fn generate(kind: Kind) -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let header = Header::json_schema(&mut generator);
    let body = kind.body_schema(&mut generator);
    let mut schema = merged(&header, &body);
    schema["properties"]["kind"] = json!({ "const": kind.name() });
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = kind.name().into();
    schema["$defs"] = Value::Object(generator.take_definitions(true));
    forbid_null(&mut schema);
    schema.sort_all_objects_at_top();
    schema
}

/// Puts the keys a reader looks for first.
trait TopOrder {
    fn sort_all_objects_at_top(&mut self);
}

impl TopOrder for Value {
    fn sort_all_objects_at_top(&mut self) {
        if let Value::Object(map) = self {
            for key in ["title", "$schema"] {
                if let Some(value) = map.shift_remove(key) {
                    map.shift_insert(0, key.to_owned(), value);
                }
            }
        }
    }
}

/// An optional key is left out, never written as null: drops the null alternatives that optional Rust fields imply.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("enum") {
                choices.retain(|choice| !choice.is_null());
            }
            if let Some(Value::Array(branches)) = map.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type") != Some(&"null".into()));
                if let [Value::Object(only)] = branches.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    map.extend(only);
                }
            }
            if map.get("default") == Some(&Value::Null) {
                map.shift_remove("default");
            }
            map.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn published_schemas_are_current() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
        for kind in Kind::ALL {
            let path = folder.join(format!("{}.schema.json", kind.name()));
            let current = format!("{:#}\n", schema(*kind));
            if std::env::var_os("TRELLIS_UPDATE").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &current).unwrap();
            }
            let published = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(published == current, "{} is stale: run the tests with TRELLIS_UPDATE=1", path.display());
        }
    }

    #[test]
    fn every_schema_compiles_offline_and_is_closed() {
        for kind in Kind::ALL {
            if let Err(error) = compile(schema(*kind)) {
                panic!("{}: {error}", kind.name());
            }
            assert_eq!(schema(*kind)["additionalProperties"], false);
            assert!(!schema(*kind).to_string().contains("\"null\""), "{} allows null", kind.name());
        }
        assert!(compile(&json!({ "$ref": "https://example.org/other.json" })).is_err());
    }
}
