//! Three-valued logic as SQL has it: `None` is unknown.

use std::cmp::Ordering;

use super::CompareOp;
use crate::value::Value;

/// Unknown when a side is null or the two have no order.
pub fn compare(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    if left.is_null() || right.is_null() {
        return None;
    }
    // Lists and json are equal or not, but have no order.
    let Some(order) = left.compare(right) else {
        return match (op, left, right) {
            (CompareOp::Eq, Value::List(_), Value::List(_)) | (CompareOp::Eq, Value::Json(_), Value::Json(_)) => {
                Some(false)
            }
            (CompareOp::Ne, Value::List(_), Value::List(_)) | (CompareOp::Ne, Value::Json(_), Value::Json(_)) => {
                Some(true)
            }
            _ => None,
        };
    };
    Some(match op {
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::Ne => order != Ordering::Equal,
        CompareOp::Lt => order == Ordering::Less,
        CompareOp::Le => order != Ordering::Greater,
        CompareOp::Gt => order == Ordering::Greater,
        CompareOp::Ge => order != Ordering::Less,
    })
}

/// `value in items`: true when one is equal, unknown when one might be, false otherwise (always for no items).
pub fn contains(items: &[Value], value: &Value) -> Option<bool> {
    disjunction(items.iter().map(|item| compare(CompareOp::Eq, value, item)))
}

/// False when one is false, else unknown when one is unknown, else true.
pub fn conjunction(all: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut answer = Some(true);
    for one in all {
        match one {
            Some(false) => return Some(false),
            None => answer = None,
            Some(true) => {}
        }
    }
    answer
}

/// True when one is true, else unknown when one is unknown, else false.
pub fn disjunction(any: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut answer = Some(false);
    for one in any {
        match one {
            Some(true) => return Some(true),
            None => answer = None,
            Some(false) => {}
        }
    }
    answer
}
