//! A unit of the tenant's organisation: a lookup to the platform object `org_unit`.

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
pub const CONTROL: Control = Control::OrgUnit;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgUnit {
    /// Name under which a unit sees these records; defaults to `<object>_<field>`.
    #[serde(default)]
    pub collection: Option<Identifier>,
    /// What happens here when the unit is deleted; `restrict` unless said.
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
    use crate::snapshot::{FieldKind, Relation, platform_object};

    #[test]
    fn rows() {
        let relation = Relation { target: platform_object::ORG_UNIT, ..lookup::sample_relation() };
        let field = field(FieldKind::OrgUnit(relation), COLUMN);
        let id = "\"0190a5b0-0000-7000-8000-000000000001\"";
        check_json(&field, &[(id, id), ("\"HQ\"", "!bad_format"), ("null", "null")]);
    }
}
