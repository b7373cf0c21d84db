//! One field of an object document: the attributes all types share and those of its own type.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::Error;
use serde_json::{Map, Value, json};

use crate::field_type::{Attributes, CommonAttributes, TYPE_NAMES, attribute_schemas};

#[derive(Clone, Debug)]
pub struct FieldDocument {
    pub common: CommonAttributes,
    pub attributes: Attributes,
}

/// Keys of [`CommonAttributes`]; a test keeps the list complete.
pub const COMMON_KEYS: &[&str] = &[
    "$comment",
    "type",
    "id",
    "label",
    "help",
    "order",
    "required",
    "default",
    "unique",
    "external_id",
    "indexed",
    "immutable",
    "history",
    "aliases",
];

impl<'de> Deserialize<'de> for FieldDocument {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        let (common, own): (Map<_, _>, Map<_, _>) =
            map.into_iter().partition(|(key, _)| COMMON_KEYS.contains(&key.as_str()));
        let common = CommonAttributes::deserialize(Value::Object(common)).map_err(D::Error::custom)?;
        let attributes = Attributes::parse(&common.type_name, Value::Object(own)).map_err(D::Error::custom)?;
        Ok(Self { common, attributes })
    }
}

/// One branch per type, chosen by `type`, so that a mistake is reported against the type the author wrote.
impl JsonSchema for FieldDocument {
    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let common = CommonAttributes::json_schema(generator);
        let branches: Vec<Value> = attribute_schemas(generator)
            .into_iter()
            .map(|(name, own)| {
                json!({
                    "if": { "properties": { "type": { "const": name } }, "required": ["type"] },
                    "then": merged(&common, &own),
                })
            })
            .collect();
        json_schema!({
            "type": "object",
            "required": ["type"],
            "properties": { "type": { "type": "string", "enum": TYPE_NAMES } },
            "allOf": branches,
        })
    }
}

/// The union of two object schemas, closed.
pub(crate) fn merged(first: &Schema, second: &Schema) -> Value {
    let part = |schema: &Schema, key: &str| schema.get(key).cloned();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for schema in [first, second] {
        if let Some(Value::Object(more)) = part(schema, "properties") {
            properties.extend(more);
        }
        if let Some(Value::Array(more)) = part(schema, "required") {
            required.extend(more);
        }
    }
    let mut merged = Map::new();
    if let Some(description) = part(second, "description") {
        merged.insert("description".into(), description);
    }
    merged.insert("type".into(), "object".into());
    merged.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        merged.insert("required".into(), Value::Array(required));
    }
    merged.insert("additionalProperties".into(), false.into());
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_keys_are_the_structs() {
        let schema = CommonAttributes::json_schema(&mut SchemaGenerator::default());
        let keys: Vec<_> = schema.get("properties").and_then(Value::as_object).unwrap().keys().cloned().collect();
        assert_eq!(keys, COMMON_KEYS);
    }

    #[test]
    fn keeps_numbers_exact() {
        let field = json!({"type": "money", "min": "0.10", "scale": 2, "default": serde_json::from_str::<Value>("1.10").unwrap()});
        let field = FieldDocument::deserialize(field).unwrap();
        assert_eq!(field.common.default.unwrap().to_string(), "1.10");
    }
}
