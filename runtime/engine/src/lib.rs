//! Use cases: the one place where deciding meets doing.
//!
//! Synchronous throughout. Knows no HTTP and no page; every read and write of a record for a caller goes through
//! [`records`].

pub mod bulk;
mod caller;
pub mod doctor;
mod error;
pub mod explain;
pub mod files;
pub mod idempotency;
pub mod identity;
pub mod import;
pub mod publish;
pub mod records;
pub mod retention;
mod runtime;
pub mod scenario;
mod seed;
mod tenant;
mod wake;

pub use caller::Caller;
pub use error::{Error, Finding, FindingCode};
pub use runtime::Runtime;
pub use seed::seed_keys;
pub use tenant::{Listening, Pinned, Tenant};
pub use wake::Wake;

// What the server passes between the engine and the renderers.
pub use trellis_access::{Profile, TENANT_ADMIN};
pub use trellis_metadata::column::ColumnKind;
pub use trellis_plan::records::SelectPlan;
pub use trellis_plan::{Cell, CellError, Error as PlanError, Row, request};
pub use trellis_storage::{Error as StorageError, Revision, Session, StorageOptions, TenantHandle};
pub use trellis_storage::{Job, JobKind, JobState, jobs};
pub use trellis_storage::{history, mark_read, notifications, restore, unread};
// What the workflow worker keeps beside the records.
pub use trellis_storage::{Event, Notification, Run, RunState, notify, outbox, runs, users_with_role};
