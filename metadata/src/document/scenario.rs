//! A test shipped with a package: given records, as an actor, when something is done, then this holds.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::identifier::Identifier;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    #[serde(default)]
    pub given: Vec<Action>,
    #[serde(default)]
    pub actor: Option<ScenarioActor>,
    pub when: Vec<Action>,
    pub then: Vec<Expectation>,
}

/// Exactly one of `create`, `update` and `delete`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The object to create a record of.
    #[serde(default)]
    pub create: Option<Identifier>,
    /// `@name` of an earlier record.
    #[serde(default)]
    pub update: Option<String>,
    #[serde(default)]
    pub delete: Option<String>,
    /// A name later parts call the record by, as `@name`.
    #[serde(default, rename = "as")]
    pub as_: Option<Identifier>,
    #[serde(default)]
    pub values: Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioActor {
    #[serde(default)]
    pub roles: Vec<Identifier>,
}

/// What must hold: fields of a record, or the error code the last action ended with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    #[serde(default)]
    pub record: Option<String>,
    #[serde(default)]
    pub expect: Map<String, Value>,
    #[serde(default)]
    pub error: Option<String>,
}
