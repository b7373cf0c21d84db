//! Expressions against a small fixed set of objects: tables of rows, shared vectors, hostile inputs, random trees.

mod fixture;
mod hostile;
mod random;
mod rejected;
mod vectors;
