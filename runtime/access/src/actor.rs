//! Who is asking.

use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::Locale;
use uuid::Uuid;

/// A member of a tenant, as one request sees him. Knows no password and no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Id of the tenant's `user` record.
    pub user: Uuid,
    pub name: String,
    pub email: String,
    pub org_unit: Option<Uuid>,
    /// Sorted, without duplicates.
    pub roles: Vec<Identifier>,
    pub locale: Locale,
    /// IANA zone that decides what "today" is.
    pub time_zone: chrono_tz::Tz,
}

impl Actor {
    pub fn has_role(&self, name: &str) -> bool {
        self.roles.iter().any(|role| role.as_str() == name)
    }
}
