//! The one who asks, with what his roles compile to.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use trellis_access::{Actor, Profile};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::Locale;
use trellis_metadata::value::Value;
use trellis_plan::Arguments;
use uuid::Uuid;

use crate::tenant::Pinned;

/// An actor, his compiled permissions and the instant of the request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Arc<Actor>,
    pub profile: Arc<Profile>,
    pub now: DateTime<Utc>,
}

impl Caller {
    /// This actor now.
    pub fn new(pinned: &Pinned, actor: Actor) -> Self {
        let profile = pinned.profile(&actor.roles);
        Self { actor: Arc::new(actor), profile, now: Utc::now().trunc_subsecs(6) }
    }

    /// The same person with the rights of this role alone.
    #[must_use]
    pub fn as_role(&self, pinned: &Pinned, role: &Identifier) -> Self {
        Self::new(pinned, Actor { roles: vec![role.clone()], ..(*self.actor).clone() })
    }

    /// The same person at the same instant under other documents.
    #[must_use]
    pub fn under(mut self, pinned: &Pinned) -> Self {
        self.profile = if self.is_system() { system(pinned) } else { pinned.profile(&self.actor.roles) };
        self
    }

    fn is_system(&self) -> bool {
        self.actor.user.is_nil() && self.actor.roles.is_empty()
    }

    /// The runtime itself, for what no person asked for.
    pub fn system(pinned: &Pinned) -> Self {
        let actor = Actor {
            user: Uuid::nil(),
            name: "Trellis".into(),
            email: String::new(),
            org_unit: None,
            roles: Vec::new(),
            locale: Locale::default(),
            time_zone: chrono_tz::Tz::UTC,
        };
        Self { actor: Arc::new(actor), profile: system(pinned), now: Utc::now().trunc_subsecs(6) }
    }

    /// Changes with the rights of the caller; signed cursors carry it.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        (self.actor.user, &self.actor.roles).hash(&mut hasher);
        hasher.finish()
    }

    /// The date it is for the actor.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.actor.time_zone).date_naive()
    }

    pub fn arguments<'a>(&'a self, slots: &'a [Value]) -> Arguments<'a> {
        Arguments {
            actor_id: Some(self.actor.user),
            org_unit_id: self.actor.org_unit,
            actor_name: &self.actor.name,
            actor_email: &self.actor.email,
            today: self.today(),
            now: self.now,
            slots,
        }
    }
}

fn system(pinned: &Pinned) -> Arc<Profile> {
    Arc::new(Profile::system(&pinned.snapshot))
}
