//! A restriction rule: what every record of an object must be for anybody to do something with it, whatever is granted.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::identifier::Identifier;
use crate::snapshot::Verb;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestrictionRule {
    pub object: Identifier,
    /// What is restricted; everything unless said. `read` restricts what is asked and exported as well.
    #[serde(default)]
    pub verbs: Vec<Verb>,
    /// The records that stay open: as of a grant, except `parent`.
    pub rows: String,
    /// Roles it does not restrict; `tenant_admin` may be one.
    #[serde(default)]
    pub except: Vec<Identifier>,
}
