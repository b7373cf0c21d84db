//! The one way a document is written: keys in the order of its schema, two spaces, short values on one line.
//!
//! Formatting changes no value and, done twice, nothing at all. It works on any JSON; what is not a known kind keeps its
//! key order.

use serde_json::{Map, Value};

use crate::document::Kind;
use crate::schema::schema;
use crate::source::{Source, SourceError};

/// Longest line a value may share with its key.
const MAX_WIDTH: usize = 100;

/// The canonical text of a document, ending with a newline.
pub fn format(text: &str) -> Result<String, Vec<SourceError>> {
    Source::parse(text).map(|source| format_json(source.value()))
}

pub fn format_json(document: &Value) -> String {
    let kind = document.get("kind").and_then(Value::as_str).and_then(Kind::from_name);
    let ordered = match kind.map(schema) {
        Some(root) => ordered(document, root, root),
        None => document.clone(),
    };
    let mut out = String::new();
    write_expanded(&ordered, 0, &mut out);
    out.push('\n');
    out
}

/// The value with the keys of each object in the order its schema lists them; unlisted keys keep theirs, after.
fn ordered(value: &Value, schema: &Value, root: &Value) -> Value {
    let schema = dereferenced(schema, root);
    match value {
        Value::Object(map) => {
            let properties = properties(map, schema, root);
            let listed =
                properties.iter().flat_map(|properties| properties.keys()).filter(|key| map.contains_key(*key));
            let unlisted = map.keys().filter(|key| properties.is_none_or(|properties| !properties.contains_key(*key)));
            let child_schema = |key: &str| {
                let listed = properties.and_then(|properties| properties.get(key));
                listed.or_else(|| map_value_schema(schema)).unwrap_or(&Value::Null)
            };
            listed.chain(unlisted).map(|key| (key.clone(), ordered(&map[key], child_schema(key), root))).collect()
        }
        Value::Array(items) => {
            let schema = schema.get("items").unwrap_or(&Value::Null);
            items.iter().map(|item| ordered(item, schema, root)).collect()
        }
        other => other.clone(),
    }
}

fn dereferenced<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// The properties of the branch the object chooses, or of the schema itself.
fn properties<'a>(map: &Map<String, Value>, schema: &'a Value, root: &'a Value) -> Option<&'a Map<String, Value>> {
    let branches = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let chosen = branches.into_iter().find(|branch| {
        let wanted = branch.pointer("/if/properties/type/const");
        wanted.is_some() && wanted == map.get("type")
    });
    let schema = chosen.and_then(|branch| branch.get("then")).map_or(schema, |then| dereferenced(then, root));
    schema.get("properties").and_then(Value::as_object)
}

/// The schema of every value of a map such as `fields`.
fn map_value_schema(schema: &Value) -> Option<&Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    patterns.and_then(|patterns| patterns.values().next()).or_else(|| schema.get("additionalProperties"))
}

fn write(value: &Value, indent: usize, before: usize, out: &mut String) {
    let inline = inline(value);
    let is_container = matches!(value, Value::Object(_) | Value::Array(_));
    if !is_container || before + inline.chars().count() <= MAX_WIDTH {
        out.push_str(&inline);
    } else {
        write_expanded(value, indent, out);
    }
}

fn write_expanded(value: &Value, indent: usize, out: &mut String) {
    let (open, close) = match value {
        Value::Object(map) if !map.is_empty() => ('{', '}'),
        Value::Array(items) if !items.is_empty() => ('[', ']'),
        other => return out.push_str(&inline(other)),
    };
    let inner = indent + 2;
    let mut separator = "\n";
    let mut begin = |out: &mut String| {
        out.push_str(separator);
        out.extend(std::iter::repeat_n(' ', inner));
        separator = ",\n";
    };
    out.push(open);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                begin(out);
                let key = format!("{}: ", Value::from(key.as_str()));
                out.push_str(&key);
                // The comma after counts, so that no line is longer than allowed.
                write(value, inner, inner + key.chars().count() + 1, out);
            }
        }
        Value::Array(items) => {
            for value in items {
                begin(out);
                write(value, inner, inner + 1, out);
            }
        }
        _ => {}
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(close);
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), inline(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn orders_keys_and_keeps_short_values_on_a_line() {
        let text = r#"{"fields":{"b":{"order":2,"type":"text","max_length":10,"label":{"en":"B"}},"a":{"min":1.10,"type":"money"}},
            "name":"thing","label":"Thing","kind":"object","search":["b"],"$comment":"x"}"#;
        let expected = r#"{
  "$comment": "x",
  "kind": "object",
  "name": "thing",
  "label": "Thing",
  "fields": {
    "b": { "type": "text", "label": { "en": "B" }, "order": 2, "max_length": 10 },
    "a": { "type": "money", "min": 1.10 }
  },
  "search": ["b"]
}
"#;
        let formatted = format(text).unwrap();
        assert_eq!(formatted, expected);
        assert_eq!(format(&formatted).unwrap(), formatted);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[a-z\"\\\\]{0,6}", inner), 0..6)
                    .prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn changes_no_value_and_nothing_the_second_time(json in any_json()) {
            let once = format(&json.to_string()).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Value>(&once).unwrap(), &json);
            prop_assert_eq!(format(&once).unwrap(), once);
        }
    }
}
