//! Who may see and do what: actor, roles, casbin authoring model, permission profile, grant. No I/O.

mod actor;
mod field_mask;
mod grant;

pub use actor::Actor;
pub use field_mask::FieldMask;
pub use grant::{Coverage, Grant};
