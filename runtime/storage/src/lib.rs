//! Connections, tenant placement, transactions, revisions, outbox, jobs.
//!
//! Knows no permission and no document. The pools are private: the rest of the runtime gets [`Session`]s scoped to one
//! tenant, or the typed control-plane functions.

mod backend;
mod backup;
mod bind;
mod catalogue;
mod control;
mod database;
mod definition;
mod error;
pub mod files;
mod history;
mod idempotency;
mod job;
pub mod jobs;
mod notifications;
pub mod outbox;
mod pending;
mod placement;
mod postgres;
mod publish;
mod query;
mod revisions;
mod roles;
pub mod runs;
mod session;
mod sqlite;
mod state;
mod storage;
mod system;
mod tenant;

pub use backup::restore;
pub use catalogue::catalogue;
pub use control::{Account, Control, Membership, SessionKind, SessionRecord};
pub use error::{Error, Refusal};
pub use history::{Entry as HistoryEntry, history};
pub use idempotency::{KeptAnswer, claim_key, forget_answers, keep_answer, kept_answer};
pub use jobs::{Job, JobKind, JobState};
pub use notifications::{Notification, mark_read, notifications, notify, unread};
pub use outbox::Event;
pub use pending::Pending;
pub use placement::Placement;
pub use publish::{Publication, ask, carry_out, publish};
pub use revisions::{Revision, documents, revisions};
pub use roles::{assign_roles, find_user, is_held, roles_of, users_with_role};
pub use runs::{Run, RunState};
pub use session::Session;
pub use state::{State, advance_epoch, state, version};
pub use storage::{Storage, StorageOptions};
pub use tenant::{TenantEntry, TenantHandle};
