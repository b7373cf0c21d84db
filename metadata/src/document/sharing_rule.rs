//! A sharing rule: rows of one object opened to some roles, told beside the object instead of in each role.

use schemars::JsonSchema;
use serde::Deserialize;

use super::role::Fields;
use crate::identifier::Identifier;
use crate::snapshot::Verb;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharingRule {
    pub object: Identifier,
    /// Roles it is for; everybody who holds a role unless said.
    #[serde(default)]
    pub roles: Vec<Identifier>,
    /// `read` unless said.
    #[serde(default)]
    pub verbs: Vec<Verb>,
    /// As of a grant.
    pub rows: String,
    /// `"*"` or a list of fields.
    pub fields: Fields,
}
