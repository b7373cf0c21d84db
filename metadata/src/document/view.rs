//! A view: a list of records.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::identifier::Identifier;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct View {
    pub object: Identifier,
    #[serde(default, rename = "type")]
    #[expect(dead_code, reason = "`list` is the only type so far")]
    shape: Option<ViewType>,
    #[schemars(length(min = 1, max = 50))]
    pub columns: Vec<Identifier>,
    /// CEL over `record`; what no database can select by is refused.
    #[serde(default)]
    pub filter: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub sort: Vec<SortKey>,
    /// The first rule that holds colours the row.
    #[serde(default)]
    pub color_rules: Vec<ColorRule>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewType {
    List,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SortKey {
    pub field: Identifier,
    /// `asc` unless said.
    #[serde(default)]
    pub direction: Option<Direction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Asc,
    Desc,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColorRule {
    pub when: String,
    /// A tone: `neutral`, `info`, `success`, `warning`, `danger`, or `#rrggbb`.
    #[schemars(regex(pattern = "^(neutral|info|success|warning|danger|#[0-9a-fA-F]{6})$"))]
    pub color: String,
}
