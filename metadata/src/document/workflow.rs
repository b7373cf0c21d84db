//! A workflow: what starts it and the steps it takes. Steps nest, so no dangling graph can be written.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::identifier::Identifier;
use crate::snapshot::ChangeKind;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    pub trigger: Trigger,
    /// `starter` (unless said) or `role('name')`.
    #[serde(default)]
    pub run_as: Option<String>,
    #[schemars(length(max = 100))]
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    pub on: On,
    pub object: Identifier,
    #[schemars(with = "Vec<EventName>", length(min = 1))]
    pub events: Vec<ChangeKind>,
    /// CEL over `record`, `previous` and `actor`.
    #[serde(default)]
    pub when: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum On {
    BeforeSave,
    AfterCommit,
}

/// The schema of [`ChangeKind`].
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum EventName {
    Create,
    Update,
    Delete,
}

/// One step: an object with exactly one key, the step's name.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Before save: fields of the record and the CEL of their new values.
    Set(IndexMap<Identifier, String>),
    Create(Create),
    Update(Update),
    Switch(Vec<Case>),
    Notify(Notify),
    Approve(Box<Approve>),
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One step: an object with exactly one key, the step's name.",
            "type": "object",
            "properties": {
                "set": generator.subschema_for::<IndexMap<Identifier, String>>(),
                "create": generator.subschema_for::<Create>(),
                "update": generator.subschema_for::<Update>(),
                "switch": generator.subschema_for::<Vec<Case>>(),
                "notify": generator.subschema_for::<Notify>(),
                "approve": generator.subschema_for::<Approve>(),
            },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}

/// Creates a record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    pub object: Identifier,
    /// Fields and the CEL of their values; `record` is the record that started the run.
    pub set: IndexMap<Identifier, String>,
}

/// Updates the record that started the run, or one its lookup points at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// `record` or `record.<lookup field>`.
    pub record: String,
    pub set: IndexMap<Identifier, String>,
}

/// The first case whose `when` holds is taken; a case without `when` always holds and comes last.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(default)]
    pub when: Option<String>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// `role('name')`, `owner`, `starter` or `record.<user field>`.
    pub to: String,
    /// Text with `{{record.field}}` in it.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    #[serde(default)]
    #[schemars(length(max = 4000))]
    pub body: String,
    /// `record`: the message links to the record.
    #[serde(default)]
    pub link: Option<Link>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    Record,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    pub name: Identifier,
    /// `role('name')`, `owner`, `starter` or `record.<user field>`.
    pub approvers: String,
    /// Whose answers count; `any` unless said.
    #[serde(default)]
    #[expect(dead_code, reason = "`any` is the only mode so far")]
    mode: Option<ApprovalMode>,
    /// ISO 8601 duration such as `P2D`.
    #[serde(default)]
    #[schemars(regex(pattern = "^P([0-9]{1,4}W|([0-9]{1,4}D)?(T([0-9]{1,4}H)?([0-9]{1,4}M)?)?)$"))]
    pub due: Option<String>,
    #[serde(default)]
    pub on_approve: Vec<Step>,
    #[serde(default)]
    pub on_reject: Vec<Step>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalMode {
    Any,
}
