//! A sum or count over a child collection, kept current in the transaction that changes a child.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Control;
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::snapshot::RollupFunction;

pub const CONTROL: Control = Control::ReadOnly;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollup {
    /// The collection of children, as this object sees it.
    pub collection: Identifier,
    pub function: Function,
    /// The child's field to sum; absent for `count`.
    #[serde(default)]
    pub field: Option<Identifier>,
    /// CEL with the child as `record`: which children count. All, unless said.
    #[serde(default, rename = "where")]
    pub where_: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RollupFunction")]
pub enum Function {
    Sum,
    Count,
}

impl From<Function> for RollupFunction {
    fn from(function: Function) -> Self {
        match function {
            Function::Sum => RollupFunction::Sum,
            Function::Count => RollupFunction::Count,
        }
    }
}

/// A sum has the column of what it sums; a count is whole. `None` where the child's field cannot be summed.
pub fn column(function: RollupFunction, summed: Option<ColumnKind>) -> Option<ColumnKind> {
    match (function, summed) {
        (RollupFunction::Count, _) => Some(ColumnKind::Integer),
        (RollupFunction::Sum, Some(kind @ (ColumnKind::Integer | ColumnKind::Decimal { .. }))) => Some(kind),
        (RollupFunction::Sum, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_numbers_only() {
        let money = ColumnKind::Decimal { scale: 2 };
        assert_eq!(column(RollupFunction::Sum, Some(money)), Some(money));
        assert_eq!(column(RollupFunction::Count, Some(ColumnKind::Text)), Some(ColumnKind::Integer));
        assert_eq!(column(RollupFunction::Sum, Some(ColumnKind::Date)), None);
        assert_eq!(column(RollupFunction::Sum, None), None);
    }
}
