//! TypeScript types of the records one caller may use, from the same schemas as the OpenAPI document.
//!
//! A record `loan` gives `Loan`, and as far as the caller may write it `LoanInsert`, `LoanUpdate` and, inside its master,
//! `LoanNested`.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value as Json};
use trellis_metadata::snapshot::Snapshot;

use crate::Rights;
use crate::openapi::record_schemas;

/// A module without imports that compiles under `tsc --strict`.
pub fn module(snapshot: &Snapshot, rights: &dyn Rights, tenant: &str) -> String {
    let schemas = record_schemas(snapshot, rights, tenant);
    let names = type_names(&schemas);
    let mut text =
        format!("// Records of `{tenant}` at revision {}; written by `trellis gen types`.\n", snapshot.revision);
    text.push_str("// Decimals are strings, so that no reader rounds them; dates and instants are ISO 8601.\n");
    let printer = Printer { names: &names };
    for (name, schema) in &schemas {
        let _ =
            write!(text, "\n{}export interface {} {}\n", comment(schema, ""), names[name], printer.object(schema, ""));
    }
    text.push_str("\n/** Every collection of the record API by name. */\nexport interface Records {\n");
    for name in schemas.keys().filter(|name| !name.contains('.')) {
        let _ = writeln!(text, "  {}: {};", key(name), names[name]);
    }
    text.push_str("}\n");
    text
}

/// A type name for each schema; two that would be the same are told apart by a number.
fn type_names(schemas: &Map<String, Json>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken = vec!["Records".to_owned()];
    for schema in schemas.keys() {
        let wanted = pascal(schema);
        let mut name = wanted.clone();
        let mut number = 2;
        while taken.contains(&name) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        taken.push(name.clone());
        names.insert(schema.clone(), name);
    }
    names
}

/// `loan_line.create` → `LoanLineInsert`
fn pascal(schema: &str) -> String {
    let (object, shape) = schema.split_once('.').unwrap_or((schema, ""));
    let shape = if shape == "create" { "insert" } else { shape };
    object.split('_').chain([shape]).map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Names of objects and fields are identifiers in TypeScript too; others are quoted.
fn key(name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    if plain { name.to_owned() } else { Json::from(name).to_string() }
}

fn comment(schema: &Json, indent: &str) -> String {
    let texts = ["title", "description"].iter().filter_map(|key| schema[*key].as_str());
    let text = texts.collect::<Vec<_>>().join(". ").replace("*/", "* /").replace(['\n', '\r'], " ");
    if text.is_empty() { text } else { format!("{indent}/** {text} */\n") }
}

struct Printer<'n> {
    names: &'n BTreeMap<String, String>,
}

impl Printer<'_> {
    fn object(&self, schema: &Json, indent: &str) -> String {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        // Whatever is selected is there, so that a reader need not ask.
        let is_record = schema.get("additionalProperties").is_none();
        let inner = format!("{indent}  ");
        let mut text = "{\n".to_owned();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let readonly = if property["readOnly"] == true { "readonly " } else { "" };
            let optional = if is_record || required.contains(&name.as_str()) { "" } else { "?" };
            let kind = self.kind(property, &inner);
            text.push_str(&comment(property, &inner));
            let _ = writeln!(text, "{inner}{readonly}{}{optional}: {kind};", key(name));
        }
        text + indent + "}"
    }

    fn kind(&self, schema: &Json, indent: &str) -> String {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return self.names.get(name).cloned().unwrap_or_else(|| "unknown".to_owned());
        }
        if let Some(choices) = schema["enum"].as_array() {
            return union(choices.iter().map(ToString::to_string));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = schema[key].as_array() {
                return union(branches.iter().map(|branch| self.kind(branch, indent)));
            }
        }
        match &schema["type"] {
            Json::String(name) => self.named(name, schema, indent),
            Json::Array(names) => {
                union(names.iter().filter_map(Json::as_str).map(|name| self.named(name, schema, indent)))
            }
            _ => "unknown".to_owned(),
        }
    }

    fn named(&self, name: &str, schema: &Json, indent: &str) -> String {
        match name {
            "string" => "string".to_owned(),
            "integer" | "number" => "number".to_owned(),
            "boolean" => "boolean".to_owned(),
            "null" => "null".to_owned(),
            "array" => format!("Array<{}>", self.kind(&schema["items"], indent)),
            "object" if schema.get("properties").is_some() => self.object(schema, indent),
            "object" => "Record<string, unknown>".to_owned(),
            _ => "unknown".to_owned(),
        }
    }
}

fn union(kinds: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for kind in kinds {
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    if all.is_empty() { "never".to_owned() } else { all.join(" | ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_of_typescript() {
        let rows = [("loan", "Loan"), ("loan_line.create", "LoanLineInsert"), ("a_1.nested", "A1Nested")];
        for (schema, expected) in rows {
            assert_eq!(pascal(schema), expected);
        }
    }

    #[test]
    fn schemas_become_types() {
        let names = BTreeMap::from([("x.nested".to_owned(), "XNested".to_owned())]);
        let rows = [
            (json!({ "type": "string", "format": "date" }), "string"),
            (json!({ "type": ["string", "null"], "enum": ["a", "b", null] }), "\"a\" | \"b\" | null"),
            (json!({ "type": ["integer", "null"] }), "number | null"),
            (json!({ "type": ["string", "number"] }), "string | number"),
            (json!({ "type": "array", "items": { "type": "string", "enum": ["a", "b"] } }), "Array<\"a\" | \"b\">"),
            (json!({ "type": "array", "items": { "$ref": "#/components/schemas/x.nested" } }), "Array<XNested>"),
            (json!({ "type": "object" }), "Record<string, unknown>"),
            (json!({ "enum": [] }), "never"),
            (json!({}), "unknown"),
        ];
        for (schema, expected) in rows {
            assert_eq!(Printer { names: &names }.kind(&schema, ""), expected, "{schema}");
        }
    }
}
