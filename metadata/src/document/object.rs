//! An object: a table, an API collection and a set of pages.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::field::FieldDocument;
use crate::identifier::Identifier;
use crate::label::Label;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The field a person knows a record by; the first text or auto_number field unless said.
    #[serde(default)]
    pub record_name: Option<Identifier>,
    /// Who sees records without any grant: nobody.
    #[serde(default)]
    #[expect(dead_code, reason = "`private` is the only choice so far")]
    sharing_default: Option<SharingDefault>,
    /// May the built-in administrator role read the records; `all` unless said.
    #[serde(default)]
    pub admin_access: Option<AdminAccess>,
    /// Lookups by which a record belongs to a territory, a partner or a team.
    #[serde(default)]
    pub scopes: Scopes,
    /// Who belongs to a record of this object, where others name it as their territory, partner or team.
    #[serde(default)]
    pub membership: Option<Membership>,
    /// Fields by name.
    pub fields: IndexMap<Identifier, FieldDocument>,
    #[serde(default)]
    pub state_machine: Option<StateMachine>,
    #[serde(default)]
    pub validation_rules: Vec<ValidationRule>,
    /// Combinations of fields no two live records share.
    #[serde(default)]
    pub unique: Vec<UniqueKey>,
    #[serde(default)]
    pub indexes: Vec<Index>,
    /// Fields the search box looks in.
    #[serde(default)]
    pub search: Vec<Identifier>,
    /// Keep each record's former values.
    #[serde(default)]
    pub history: bool,
    /// How long deleted records and histories are kept; for ever unless said.
    #[serde(default)]
    pub retention: Retention,
}

/// Each a lookup field, or `id` for the record itself.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    #[serde(default)]
    pub territory: Option<Identifier>,
    #[serde(default)]
    pub partner: Option<Identifier>,
    #[serde(default)]
    pub team: Option<Identifier>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// CEL over `record` and `actor`: the actor belongs to the record.
    pub when: String,
    /// `record` is one of these children instead; one for which it holds is enough.
    #[serde(default)]
    pub collection: Option<Identifier>,
    /// A lookup to the same object: who belongs to the record above belongs to those below it.
    #[serde(default)]
    pub above: Option<Identifier>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days in the recycle bin, after which a record goes for good.
    #[serde(default)]
    #[schemars(range(min = 1, max = 36500))]
    pub deleted_days: Option<u32>,
    /// Days after which former values are forgotten.
    #[serde(default)]
    #[schemars(range(min = 1, max = 36500))]
    pub history_days: Option<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharingDefault {
    Private,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdminAccess {
    All,
    None,
}

/// Which changes of a choice field are allowed, and to whom.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateMachine {
    pub field: Identifier,
    pub transitions: Vec<Transition>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    pub name: Identifier,
    /// Option codes it starts from.
    #[schemars(length(min = 1))]
    pub from: Vec<String>,
    /// The option code it leads to.
    pub to: String,
    #[serde(default)]
    pub label: Label,
    /// CEL: when it may be taken.
    #[serde(default)]
    pub when: Option<String>,
    /// Roles that may take it; everyone who may update the field when empty.
    #[serde(default)]
    pub roles: Vec<Identifier>,
}

/// A condition under which a record is refused.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidationRule {
    pub name: Identifier,
    /// CEL over `record`, `previous` and `actor`: true means wrong.
    pub invalid_when: String,
    /// Where the message is shown; the record when absent.
    #[serde(default)]
    pub field: Option<Identifier>,
    pub message: Label,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UniqueKey {
    pub name: Identifier,
    #[schemars(length(min = 1, max = 8))]
    pub fields: Vec<Identifier>,
    /// May also name records to other systems.
    #[serde(default)]
    pub external_id: bool,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    #[schemars(length(min = 1, max = 8))]
    pub fields: Vec<Identifier>,
}
