//! CEL expressions: parsed, type-checked against objects, evaluated, lowered to predicates.

mod expr;

pub use expr::*;
