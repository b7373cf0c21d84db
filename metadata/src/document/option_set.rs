//! Options shared by choice fields.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::field_type::choice::OptionDocument;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionSet {
    #[schemars(length(min = 1, max = 1000))]
    pub options: Vec<OptionDocument>,
}
