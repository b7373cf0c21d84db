//! Rows every tenant that has the package starts with.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::identifier::Identifier;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    pub object: Identifier,
    /// The unique field rows are matched by, so that seeding twice changes nothing.
    pub key: Identifier,
    /// Values by field; lookups by the target's external id or record name.
    #[schemars(length(max = 10000))]
    pub rows: Vec<Map<String, Value>>,
}
