//! A test shipped with a package: given records, when somebody does something, then this holds.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::identifier::Identifier;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The instant everything is done at, such as `2026-03-01T08:00:00Z`; the clock's unless said.
    #[serde(default)]
    pub now: Option<String>,
    /// Done by the runtime itself, before anything is tested; starts no workflows.
    #[serde(default)]
    pub given: Vec<Action>,
    /// Who acts and looks, called `@actor`; the runtime itself unless said.
    #[serde(default)]
    pub actor: Option<ScenarioActor>,
    /// More people, by the name that `by` and `@name` call them.
    #[serde(default)]
    pub actors: IndexMap<Identifier, ScenarioActor>,
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
    /// Who does it: one of `actors`, or `system`; `actor` unless said. Only in `when`.
    #[serde(default)]
    pub by: Option<Identifier>,
    /// Values by field; lookups as `@name` or by the target's external id or record name.
    #[serde(default)]
    pub values: Map<String, Value>,
    /// It must be refused for exactly these reasons: error codes or names of validation rules. Only in `when`.
    #[serde(default)]
    pub refused: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioActor {
    #[serde(default)]
    pub roles: Vec<Identifier>,
}

/// What must hold: of one `record`, of those one can `find`, of what somebody was `notified`, or the `error` the last
/// action ended with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// `@name` of a record.
    #[serde(default)]
    pub record: Option<String>,
    /// Records of this object, with the values of `where`.
    #[serde(default)]
    pub find: Option<Identifier>,
    #[serde(default, rename = "where")]
    pub where_: Map<String, Value>,
    /// `@name` of somebody.
    #[serde(default)]
    pub notified: Option<String>,
    /// How many are found, or how often somebody was notified; 1 unless said.
    #[serde(default)]
    pub count: Option<u32>,
    /// Who looks: one of `actors`, or `system`; `actor` unless said.
    #[serde(default)]
    pub by: Option<Identifier>,
    /// Values by field, digit-exact as the API answers them; of a collection, one object for each record in it.
    #[serde(default)]
    pub expect: Map<String, Value>,
    /// Nothing of the record is to be seen.
    #[serde(default)]
    pub hidden: bool,
    /// Fields that hold a value which is not to be seen.
    #[serde(default)]
    pub hidden_fields: Vec<Identifier>,
    /// Code of the refusal the last action ended with.
    #[serde(default)]
    pub error: Option<String>,
}

/// The one who may everything.
pub const SYSTEM: &str = "system";
/// What `actor` is called.
pub const ACTOR: &str = "actor";

/// Codes a write can be refused with, beside the names of validation rules.
pub const REFUSALS: &[&str] = &[
    "bad_character",
    "bad_format",
    "duplicate_id",
    "forbidden",
    "forbidden_field",
    "immutable_field",
    "in_use",
    "not_an_option",
    "not_unique",
    "out_of_range",
    "pattern_mismatch",
    "required",
    "rule_violated",
    "stale_version",
    "too_long",
    "too_many_digits",
    "transition_refused",
    "unknown_record",
    "unknown_reference",
    "wrong_type",
];
