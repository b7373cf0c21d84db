//! End-to-end, differential and crash tests, and what they stand on.

pub mod postgres;
