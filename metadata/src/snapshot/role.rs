//! What a role grants, as written; the access crate compiles it.

use super::{FieldIndex, ObjectIndex};
use crate::identifier::Identifier;
use crate::label::Label;
use crate::predicate::Predicate;

#[derive(Clone, Debug)]
pub struct Role {
    pub name: Identifier,
    pub label: Label,
    pub inherits: Vec<usize>,
    pub grants: Vec<GrantRule>,
}

/// One row predicate tied to one field set, for some verbs of one object.
#[derive(Clone, Debug)]
pub struct GrantRule {
    pub object: ObjectIndex,
    pub verbs: Vec<Verb>,
    pub rows: RowRule,
    /// For writes: the record as it will be; the same as `rows` when absent.
    pub rows_after: Option<RowRule>,
    pub fields: FieldSet,
    /// `allow` adds rows and fields; `deny` takes away.
    pub effect: Effect,
}

/// Rows opened to the holders of some roles; to all who hold one where none is named.
#[derive(Clone, Debug)]
pub struct SharingRule {
    pub name: Identifier,
    pub roles: Vec<Identifier>,
    pub rule: GrantRule,
}

/// What a record must be for these verbs, whatever is granted.
#[derive(Clone, Debug)]
pub struct RestrictionRule {
    pub name: Identifier,
    pub object: ObjectIndex,
    /// All, where none is named.
    pub verbs: Vec<Verb>,
    pub rows: Predicate,
    /// Holders of one of these roles are not restricted.
    pub except: Vec<Identifier>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Effect {
    #[default]
    Allow,
    Deny,
}

#[derive(Clone, Debug)]
pub enum RowRule {
    Predicate(Predicate),
    /// A master_detail child follows the actor's right on its parent: read for read, update for every write.
    Parent,
}

#[derive(Clone, Debug)]
pub enum FieldSet {
    All,
    Only(Vec<FieldIndex>),
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Read,
    Query,
    Create,
    Update,
    Delete,
    Share,
    Transfer,
    Export,
    Run,
    Administer,
}

impl Verb {
    pub const ALL: [Verb; 10] = [
        Verb::Read,
        Verb::Query,
        Verb::Create,
        Verb::Update,
        Verb::Delete,
        Verb::Share,
        Verb::Transfer,
        Verb::Export,
        Verb::Run,
        Verb::Administer,
    ];

    /// The word documents use.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Query => "query",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Delete => "delete",
            Verb::Share => "share",
            Verb::Transfer => "transfer",
            Verb::Export => "export",
            Verb::Run => "run",
            Verb::Administer => "administer",
        }
    }
}
