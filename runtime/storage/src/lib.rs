//! Connections, tenant placement, transactions, revisions, outbox, jobs.
//!
//! Knows no permission and no document. The pools are private: the rest of the runtime gets [`Session`]s scoped to one
//! tenant, or the typed control-plane functions.

mod error;
mod session;

pub use error::Error;
pub use session::Session;
