//! A package: the manifest of a folder of documents.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::identifier::Identifier;
use crate::label::Label;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Semantic version, such as `1.0.0`.
    pub version: String,
    #[serde(default)]
    pub description: Label,
    /// SPDX expression.
    #[serde(default)]
    pub licence: Option<String>,
    #[serde(default)]
    pub requires: Requirements,
}

/// What must be present for the package to work.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// Version requirement on the runtime, such as `>=0.1`.
    #[serde(default)]
    pub runtime: Option<String>,
    /// Version requirement by package name.
    #[serde(default)]
    pub packages: IndexMap<Identifier, String>,
}
