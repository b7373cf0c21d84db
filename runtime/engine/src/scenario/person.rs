//! The people of a scenario: members without a login, and the callers they act as.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use trellis_metadata::document::Document;
use trellis_metadata::document::scenario::{ACTOR, SYSTEM, Scenario, ScenarioActor};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::platform_object;

use super::Stage;
use crate::identity::{Login, NewMember, add_member, load_actor};
use crate::records::Authority;
use crate::{Caller, Error, Runtime, Tenant};

impl<'s> Stage<'s> {
    /// With everybody who plays a part.
    pub(super) fn new(
        runtime: &Runtime,
        tenant: &'s Arc<Tenant>,
        document: &Document,
        scenario: &Scenario,
    ) -> Result<Self, Error> {
        let now = scenario.now.as_deref().map(DateTime::parse_from_rfc3339).transpose();
        let now = now.map_err(|error| Error::Internal(format!("{}: {error}", document.name)))?;
        let mut stage = Self {
            tenant,
            now: now.map(|now| now.with_timezone(&Utc)),
            people: HashMap::new(),
            names: HashMap::new(),
            last: Vec::new(),
            differences: Vec::new(),
        };
        let actor = scenario.actor.iter().map(|actor| (ACTOR.to_owned(), actor));
        let others = scenario.actors.iter().map(|(name, actor)| (name.to_string(), actor));
        for (name, actor) in actor.chain(others) {
            stage.enter(runtime, name, actor)?;
        }
        Ok(stage)
    }

    fn enter(&mut self, runtime: &Runtime, name: String, actor: &ScenarioActor) -> Result<(), Error> {
        let member = NewMember {
            name: name.clone(),
            email: format!("{name}@scenario.test"),
            roles: actor.roles.iter().map(ToString::to_string).collect(),
            ..NewMember::default()
        };
        let id = add_member(runtime, self.tenant, &self.system(), member, Login::None)?;
        self.names.insert(name.clone(), (platform_object::USER, id));
        self.people.insert(name, id);
        Ok(())
    }

    pub(super) fn system(&self) -> Caller {
        self.at_its_time(Caller::system(&self.tenant.pin()))
    }

    /// Who `by` names, with the rights he has now; `None` when he is no longer an active member.
    pub(super) fn caller(&self, by: Option<&Identifier>) -> Result<Option<(Caller, Authority)>, Error> {
        let name = by.map_or(ACTOR, Identifier::as_str);
        let nobody = by.is_none() && !self.people.contains_key(ACTOR);
        if name == SYSTEM || nobody {
            return Ok(Some((self.system(), Authority::System)));
        }
        let Some(id) = self.people.get(name) else { return Ok(None) };
        let actor = load_actor(self.tenant, *id)?;
        Ok(actor.map(|actor| (self.at_its_time(Caller::new(&self.tenant.pin(), actor)), Authority::Caller)))
    }

    fn at_its_time(&self, caller: Caller) -> Caller {
        Caller { now: self.now.unwrap_or(caller.now), ..caller }
    }
}
