//! A reference to the record this one is part of: deleted with it, and by default seen by whoever sees it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, lookup, operator};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Id;
pub const OPERATORS: &[Operator] = operator::EQUALITY;
pub const CONTROL: Control = Control::Lookup;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MasterDetail {
    /// Name of the parent object.
    pub target: Identifier,
    /// Name under which the parent sees these records; defaults to this object's name.
    #[serde(default)]
    pub collection: Option<Identifier>,
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
        let field = field(FieldKind::MasterDetail(lookup::sample_relation()), COLUMN);
        check_json(&field, &[("\"x\"", "!bad_format"), ("{}", "!wrong_type")]);
    }
}
