//! Who may see and do what: actor, roles, casbin authoring model, permission profile, grant. No I/O.

mod actor;
mod error;
mod explain;
mod field_mask;
mod fold;
mod grant;
mod matrix;
mod merge;
pub mod model;
mod profile;
mod roles;
mod rule;
mod words;

pub use actor::Actor;
pub use error::Error;
pub use explain::{ExplainedCoverage, ExplainedRule, Explanation, explain};
pub use field_mask::FieldMask;
pub use grant::{Coverage, Grant};
pub use matrix::matrix;
pub use model::Oracle;
pub use profile::Profile;
pub use roles::{MEMBER, TENANT_ADMIN};
pub use rule::Origin;
