//! CEL expressions: parsed, type-checked against objects, evaluated, lowered to predicates.
//!
//! [`compile`] turns text into a typed [`Expression`] or into all the findings about it; [`evaluate`] is total: null
//! and impossible operations give null, never an abort; [`lower`] makes the condition tree that databases can run.
//! Everything is bounded: source length, nesting, nodes, produced text. Knows no SQL, no session and no row.

mod check;
mod compare;
mod evaluate;
mod expr;
mod facts;
mod function;
mod geo;
mod lower;
mod number;
mod parse;
mod scan;

#[cfg(test)]
mod tests;

pub use check::compile;
pub use compare::{compare, conjunction, contains, disjunction};
pub use evaluate::{evaluate, is_true};
pub use expr::*;
pub use facts::Facts;
pub use lower::lower;

use crate::snapshot::{Object, ObjectIndex};

/// Lookups that formulas and the conditions of rollups may cross.
pub const STORED_HOPS: usize = 5;

/// Where an expression stands, and so what it may use.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    pub objects: &'a [Object],
    /// The object `record` and `previous` belong to.
    pub record: ObjectIndex,
    /// `previous` may be used.
    pub previous: bool,
    /// Lookups a path may cross.
    pub max_hops: usize,
    /// `today()`, `now()` and `actor` may be used.
    pub volatile: bool,
}

/// One finding about an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// Stable code such as `unknown_field`.
    pub code: &'static str,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where in the source, in characters from its start.
    pub offset: usize,
}
