//! A reference to a record of another object, stored as its id. Whether the record exists is the pipeline's to check.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::snapshot::OnDelete;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Id;
pub const OPERATORS: &[Operator] = operator::EQUALITY;
pub const CONTROL: Control = Control::Lookup;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Name of the object it points at.
    pub target: Identifier,
    /// Name under which the target sees these records; defaults to this object's name.
    #[serde(default)]
    pub collection: Option<Identifier>,
    /// What happens here when the target is deleted; `restrict` unless said.
    #[serde(default)]
    pub on_delete: Option<OnDeleteRule>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnDeleteRule {
    Restrict,
    Cascade,
    SetNull,
}

impl From<OnDeleteRule> for OnDelete {
    fn from(rule: OnDeleteRule) -> Self {
        match rule {
            OnDeleteRule::Restrict => OnDelete::Restrict,
            OnDeleteRule::Cascade => OnDelete::Cascade,
            OnDeleteRule::SetNull => OnDelete::SetNull,
        }
    }
}

/// The hyphenated UUID form only, so that one record has one spelling.
pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = input.as_str().ok_or_else(|| InputError::wrong_type("id"))?;
    let id = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
    id.map(Value::Id).ok_or_else(|| InputError::bad_format("id"))
}

#[cfg(test)]
pub(crate) fn sample_relation() -> crate::snapshot::Relation {
    crate::snapshot::Relation {
        target: crate::snapshot::platform_object::USER,
        collection: Identifier::new("samples").unwrap(),
        on_delete: OnDelete::Restrict,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Lookup(sample_relation()), COLUMN);
        check_json(
            &field,
            &[
                ("\"0190a5b0-0000-7000-8000-000000000001\"", "\"0190a5b0-0000-7000-8000-000000000001\""),
                ("\"0190A5B0-0000-7000-8000-000000000001\"", "\"0190a5b0-0000-7000-8000-000000000001\""),
                ("\"0190a5b0000070008000000000000001\"", "!bad_format"),
                ("\"drill\"", "!bad_format"),
                ("7", "!wrong_type"),
                ("null", "null"),
            ],
        );
        check_text(&field, &[("", "null")]);
    }
}
