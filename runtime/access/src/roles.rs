//! Which roles an actor really holds: his own, what they inherit, and the built-in ones.
//!
//! Knows names and inheritance only; what a role allows is `rule`'s business.

use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{Role, Snapshot};

/// Holds every right on every object, unless the object says `"admin_access": "none"`.
pub const TENANT_ADMIN: &str = "tenant_admin";
/// Held by everyone who holds any role at all.
pub const MEMBER: &str = "member";

/// The closed role set of an actor.
///
/// An empty list stays empty: nobody is a member by having no role. Names without a document (a role deleted since the
/// session began) count for nothing.
#[derive(Debug)]
pub(crate) struct HeldRoles<'s> {
    pub administrator: bool,
    pub member: bool,
    /// Documents, in snapshot order, each once.
    pub documents: Vec<&'s Role>,
}

impl<'s> HeldRoles<'s> {
    pub fn close(snapshot: &'s Snapshot, names: &[Identifier]) -> Self {
        let named = |name: &str| names.iter().any(|held| held.as_str() == name);
        let member = !names.is_empty();
        let mut held = vec![false; snapshot.roles.len()];
        let mut open: Vec<usize> = (0..snapshot.roles.len())
            .filter(|index| {
                let name = snapshot.roles[*index].name.as_str();
                named(name) || (member && name == MEMBER)
            })
            .collect();
        while let Some(index) = open.pop() {
            let Some(seen) = held.get_mut(index) else { continue };
            if !std::mem::replace(seen, true) {
                open.extend(&snapshot.roles[index].inherits);
            }
        }
        let documents = snapshot.roles.iter().zip(held).filter_map(|(role, held)| held.then_some(role)).collect();
        Self { administrator: named(TENANT_ADMIN), member, documents }
    }

    pub fn has(&self, name: &str) -> bool {
        (self.administrator && name == TENANT_ADMIN)
            || (self.member && name == MEMBER)
            || self.documents.iter().any(|role| role.name.as_str() == name)
    }

    /// One of the roles is held; any at all, where none is named.
    pub fn takes_part(&self, roles: &[Identifier]) -> bool {
        if roles.is_empty() { self.member } else { roles.iter().any(|role| self.has(role.as_str())) }
    }

    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        if self.administrator {
            names.push(TENANT_ADMIN.to_owned());
        }
        if self.member {
            names.push(MEMBER.to_owned());
        }
        for role in &self.documents {
            if !names.iter().any(|name| name == role.name.as_str()) {
                names.push(role.name.to_string());
            }
        }
        names
    }
}
