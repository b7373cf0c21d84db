//! A form: how a record of one object is shown and edited.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::identifier::Identifier;
use crate::label::Label;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub object: Identifier,
    /// Where it is used; everywhere when empty.
    #[serde(default)]
    pub audience: Vec<Audience>,
    #[schemars(length(min = 1, max = 50))]
    pub sections: Vec<Section>,
    /// `transition:*`, `transition:<name>`, `print`, `edit`, `delete`.
    #[serde(default)]
    pub actions: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Desktop,
    Phone,
    Create,
    Edit,
}

/// Either `fields` or `line_items`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    #[serde(default)]
    pub label: Label,
    /// 1 to 4; one unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 4))]
    pub columns: Option<u8>,
    /// CEL over `record`.
    #[serde(default)]
    pub visible_when: Option<String>,
    #[serde(default)]
    pub fields: Option<Vec<FormField>>,
    #[serde(default)]
    pub line_items: Option<LineItems>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    pub field: Identifier,
    #[serde(default)]
    pub visible_when: Option<String>,
    #[serde(default)]
    pub required_when: Option<String>,
    #[serde(default)]
    pub readonly_when: Option<String>,
}

/// A grid of child records.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineItems {
    pub collection: Identifier,
    /// Fields of the child.
    #[schemars(length(min = 1, max = 50))]
    pub fields: Vec<Identifier>,
    /// Child fields whose sum is shown below the grid.
    #[serde(default)]
    pub totals: Vec<Identifier>,
}
