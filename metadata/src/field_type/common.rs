//! Attributes every field may carry, whatever its type.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::identifier::Identifier;
use crate::label::Label;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommonAttributes {
    /// A note to other authors; ignored.
    #[serde(default, rename = "$comment")]
    #[expect(dead_code, reason = "accepted and ignored")]
    comment: Option<String>,
    /// The type's name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Immutable identity, also the column's name; defaults to the first name. Keep it when renaming.
    #[serde(default)]
    pub id: Option<Identifier>,
    #[serde(default)]
    pub label: Label,
    /// Shown beside the control.
    #[serde(default)]
    pub help: Label,
    /// Place among the object's fields; fields without one come last, as written.
    #[serde(default)]
    pub order: Option<u32>,
    #[serde(default)]
    pub required: bool,
    /// Value of a new record: JSON as the API takes it. `{ "cel": "…" }` is an expression; on date, datetime and user
    /// fields so is a text that is not itself a value, such as `today()`.
    #[serde(default)]
    #[schemars(with = "DefaultText")]
    pub default: Option<Json>,
    /// No two live records share a value.
    #[serde(default)]
    pub unique: bool,
    /// Names a record to other systems; implies `unique`.
    #[serde(default)]
    pub external_id: bool,
    #[serde(default)]
    pub indexed: bool,
    /// May not change after create.
    #[serde(default)]
    pub immutable: bool,
    /// Former values are kept where the object keeps its history; false leaves this field out.
    #[serde(default = "kept")]
    pub history: bool,
    /// Former names, which keep answering.
    #[serde(default)]
    pub aliases: Vec<Identifier>,
}

fn kept() -> bool {
    true
}

/// The schema of `default`: anything.
pub struct DefaultText;

impl JsonSchema for DefaultText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Default".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!(true)
    }
}
