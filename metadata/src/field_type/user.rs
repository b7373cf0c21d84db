//! A person of the tenant: a lookup to the platform object `user`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::lookup::OnDeleteRule;
use super::{Control, InputError, Operator, lookup, operator};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Id;
pub const OPERATORS: &[Operator] = operator::EQUALITY;
pub const CONTROL: Control = Control::User;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name under which a user sees these records; defaults to `<object>_<field>`, since one object often has several
    /// user fields.
    #[serde(default)]
    pub collection: Option<Identifier>,
    /// What happens here when the user is deleted; `restrict` unless said.
    #[serde(default)]
    pub on_delete: Option<OnDeleteRule>,
}

pub fn check(input: &Json) -> Result<Value, InputError> {
    lookup::check(input)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::User(lookup::sample_relation()), COLUMN);
        check_json(&field, &[("\"admin@demo\"", "!bad_format"), ("null", "null")]);
    }
}
