//! PostgreSQL: one database, a schema per tenant and one for the control plane.
//!
//! Every transaction runs from begin to end on a thread that may block, so that a caller who goes away can never
//! leave one open.

mod cell;
mod pool;
mod refusal;
mod schema;
mod session;

pub(crate) use pool::Pool;
pub(crate) use schema::{Guard, Schema};
