//! Connections, tenant placement, transactions, revisions, outbox, jobs.
//!
//! Knows no permission and no document. The pools are private: the rest of the runtime gets [`Session`]s scoped to one
//! tenant, or the typed control-plane functions.

mod backend;
mod bind;
mod control;
mod database;
mod definition;
mod error;
mod job;
mod pending;
mod placement;
mod query;
mod session;
mod sqlite;
mod storage;
mod system;
mod tenant;

pub use control::{Account, Control, Membership, SessionKind, SessionRecord};
pub use error::{Error, Refusal};
pub use pending::Pending;
pub use placement::Placement;
pub use session::Session;
pub use storage::{Storage, StorageOptions};
pub use tenant::{TenantEntry, TenantHandle};
