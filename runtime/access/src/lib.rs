//! Who may see and do what: actor, roles, casbin authoring model, permission profile, grant. No I/O.

mod actor;
mod field_mask;
mod fold;
mod grant;
mod merge;
mod profile;
mod roles;
mod rule;

pub use actor::Actor;
pub use field_mask::FieldMask;
pub use grant::{Coverage, Grant};
pub use profile::Profile;
pub use roles::{MEMBER, TENANT_ADMIN};
pub use rule::Origin;
