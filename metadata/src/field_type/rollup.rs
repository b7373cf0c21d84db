//! A count, sum, average, smallest or largest value over a child collection, kept current in the transaction that changes a child.

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
    /// The child's field; absent for `count`.
    #[serde(default)]
    pub field: Option<Identifier>,
    /// CEL with the child as `record`: which children count. All, unless said.
    #[serde(default, rename = "where")]
    pub where_: Option<String>,
    /// Digits after the point of an average, rounded half away from zero; 2 unless said.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub scale: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RollupFunction")]
pub enum Function {
    Sum,
    Count,
    Min,
    Max,
    Avg,
}

impl From<Function> for RollupFunction {
    fn from(function: Function) -> Self {
        match function {
            Function::Sum => RollupFunction::Sum,
            Function::Count => RollupFunction::Count,
            Function::Min => RollupFunction::Min,
            Function::Max => RollupFunction::Max,
            Function::Avg => RollupFunction::Avg,
        }
    }
}

/// A sum, a smallest and a largest value have the column of what they are of; a count is whole; an average has `scale`
/// digits. `None` where the child's field does not do.
pub fn column(function: RollupFunction, of: Option<ColumnKind>, scale: u8) -> Option<ColumnKind> {
    let is_number = matches!(of, Some(ColumnKind::Integer | ColumnKind::Decimal { .. }));
    let is_moment =
        matches!(of, Some(ColumnKind::Date | ColumnKind::DateTime | ColumnKind::Time | ColumnKind::Duration));
    match function {
        RollupFunction::Count => Some(ColumnKind::Integer),
        RollupFunction::Avg => is_number.then_some(ColumnKind::Decimal { scale }),
        RollupFunction::Sum => of.filter(|_| is_number),
        RollupFunction::Min | RollupFunction::Max => of.filter(|_| is_number || is_moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_column_of_what_it_is_of() {
        let money = Some(ColumnKind::Decimal { scale: 2 });
        let rows = [
            (RollupFunction::Count, None, Some(ColumnKind::Integer)),
            (RollupFunction::Count, Some(ColumnKind::Text), Some(ColumnKind::Integer)),
            (RollupFunction::Sum, money, money),
            (RollupFunction::Sum, Some(ColumnKind::Date), None),
            (RollupFunction::Sum, None, None),
            (RollupFunction::Avg, money, Some(ColumnKind::Decimal { scale: 4 })),
            (RollupFunction::Avg, Some(ColumnKind::Integer), Some(ColumnKind::Decimal { scale: 4 })),
            (RollupFunction::Avg, Some(ColumnKind::Duration), None),
            (RollupFunction::Min, money, money),
            (RollupFunction::Max, Some(ColumnKind::Date), Some(ColumnKind::Date)),
            (RollupFunction::Max, Some(ColumnKind::Text), None),
            (RollupFunction::Min, Some(ColumnKind::Boolean), None),
        ];
        for (function, of, expected) in rows {
            assert_eq!(column(function, of, 4), expected, "{function:?} of {of:?}");
        }
    }
}
