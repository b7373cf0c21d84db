//! Rows of one object brought together: groups, and what is counted and summed over each.

use std::cmp::Ordering;

use trellis_metadata::expression::{CompareOp, FieldPath, compare};
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex};
use trellis_metadata::value::Value;

use super::Nulls;

/// Groups in one answer, before `having`; more are refused.
pub const MAX_GROUPS: u32 = 50_000;
/// Digits a sum may have: as many as a field holds.
pub const MAX_DIGITS: u32 = 18;

#[derive(Clone, Debug, PartialEq)]
pub struct TotalsRequest {
    pub object: ObjectIndex,
    /// In the order of the answer.
    pub columns: Vec<TotalColumn>,
    pub filter: Predicate,
    pub having: Having,
    /// Without any, groups come in the order of their own values.
    pub order: Vec<TotalOrder>,
    pub limit: u32,
    pub offset: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TotalColumn {
    pub name: String,
    pub source: TotalSource,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TotalSource {
    /// One group for each value found; of a date or an instant, for each piece of the calendar.
    Group {
        path: FieldPath,
        bucket: Option<Bucket>,
    },
    /// How many rows, or how many with a value.
    Count(Option<FieldIndex>),
    Measure {
        function: Measure,
        field: FieldIndex,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Sum,
    Avg,
    Min,
    Max,
}

/// In UTC; a piece is known by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    Day,
    /// From Monday.
    Week,
    Month,
    Quarter,
    Year,
}

/// A column by its position, and how to sort by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalOrder {
    pub column: usize,
    pub descending: bool,
    pub nulls: Nulls,
}

/// Which groups stay, by the values of their columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Having {
    Always,
    Compare { column: usize, op: CompareOp, value: Value },
    In { column: usize, values: Vec<Value> },
    IsNull(usize),
    And(Vec<Having>),
    Or(Vec<Having>),
    Not(Box<Having>),
}

impl Having {
    /// As in SQL, unknown where a value is missing.
    pub fn holds(&self, row: &[Value]) -> Option<bool> {
        match self {
            Having::Always => Some(true),
            Having::Compare { column, op, value } => compare(*op, &row[*column], value),
            Having::In { column, values } => {
                any(values.iter().map(|value| compare(CompareOp::Eq, &row[*column], value)))
            }
            Having::IsNull(column) => Some(row[*column].is_null()),
            Having::And(parts) => any(parts.iter().map(|part| part.holds(row).map(|held| !held))).map(|failed| !failed),
            Having::Or(parts) => any(parts.iter().map(|part| part.holds(row))),
            Having::Not(inner) => inner.holds(row).map(|held| !held),
        }
    }
}

/// True where one part is, unknown where one might be.
fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

impl TotalsRequest {
    /// The groups that stay, in order.
    pub fn arrange(&self, mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        rows.retain(|row| self.having.holds(row) == Some(true));
        let groups = self.columns.iter().enumerate().filter(|(_, column)| column.is_group());
        let ascending = |(column, _)| TotalOrder { column, descending: false, nulls: Nulls::Last };
        let keys: Vec<TotalOrder> = self.order.iter().copied().chain(groups.map(ascending)).collect();
        rows.sort_by(|a, b| {
            let ordered = |key: &TotalOrder| key.ordered(&a[key.column], &b[key.column]);
            keys.iter().map(ordered).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        rows
    }

    /// The page of what was arranged.
    pub fn page(&self, rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        rows.into_iter().skip(self.offset as usize).take(self.limit as usize).collect()
    }
}

impl TotalColumn {
    pub fn is_group(&self) -> bool {
        matches!(self.source, TotalSource::Group { .. })
    }
}

impl TotalOrder {
    fn ordered(self, a: &Value, b: &Value) -> Ordering {
        let nulls = |null_first: Ordering| if self.nulls == Nulls::First { null_first } else { null_first.reverse() };
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => nulls(Ordering::Less),
            (false, true) => nulls(Ordering::Greater),
            (false, false) => {
                let order = a.compare(b).unwrap_or(Ordering::Equal);
                if self.descending { order.reverse() } else { order }
            }
        }
    }
}
