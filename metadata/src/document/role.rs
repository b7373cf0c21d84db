//! A role: grants on objects, each one row rule tied to one field set.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::identifier::Identifier;
use crate::snapshot::Verb;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Roles whose grants this one has too.
    #[serde(default)]
    pub inherits: Vec<Identifier>,
    /// Roles, often of another package, that get this one's grants: the same as their inheriting it.
    #[serde(default)]
    pub included_in: Vec<Identifier>,
    #[serde(default)]
    pub grants: Vec<Grant>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub object: Identifier,
    #[schemars(length(min = 1))]
    pub verbs: Vec<Verb>,
    /// `all`, `own`, `subordinates`, `unit`, `unit_and_below`, `territory`, `partner`, `team`, `parent`, `none`, or CEL
    /// over `record` and `actor`.
    pub rows: String,
    /// For writes: the record as it will be; the same as `rows` unless said.
    #[serde(default)]
    pub rows_after: Option<String>,
    /// `"*"` or a list of fields.
    pub fields: Fields,
    /// `deny` takes away; `allow` unless said.
    #[serde(default)]
    pub effect: Option<Effect>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Fields {
    All(Star),
    Only(Vec<Identifier>),
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub enum Star {
    #[serde(rename = "*")]
    Star,
}

/// Written flat rather than as alternatives, so that a mistake is reported where it is.
impl JsonSchema for Fields {
    fn schema_name() -> Cow<'static, str> {
        "Fields".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`\"*\"` for every field, or a list of fields.",
            "type": ["string", "array"],
            "pattern": "^\\*$",
            "items": generator.subschema_for::<Identifier>(),
        })
    }
}
