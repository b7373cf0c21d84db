//! Who and what a scenario has introduced so far, by name.

use std::collections::HashMap;

use super::super::catalog::{Catalog, Item};
use super::super::findings::Findings;
use crate::document::scenario::{ACTOR, SYSTEM, Scenario, ScenarioActor};
use crate::identifier::Identifier;
use crate::snapshot::{ObjectIndex, platform_object};

pub struct Cast {
    people: Vec<String>,
    names: HashMap<String, Known>,
}

/// What a name stands for.
#[derive(Clone, Copy)]
pub enum Known {
    Record(ObjectIndex),
    /// Of something that is in error itself.
    Broken,
}

impl Cast {
    pub fn of(item: &Item<'_, Scenario>, catalog: &Catalog<'_>, findings: &mut Findings) -> Self {
        let mut cast = Self { people: Vec::new(), names: HashMap::new() };
        let actor = item.body.actor.iter().map(|actor| (ACTOR.to_owned(), "/actor".to_owned(), actor));
        let others = item.body.actors.iter().map(|(name, actor)| (name.to_string(), format!("/actors/{name}"), actor));
        for (name, pointer, actor) in actor.chain(others) {
            check_roles(item, actor, &pointer, catalog, findings);
            if name == SYSTEM || cast.people.contains(&name) {
                let message = format!("`{name}` is somebody else already");
                findings.key_error(item.document, &pointer, "duplicate_name", message);
                continue;
            }
            cast.names.insert(name.clone(), Known::Record(platform_object::USER));
            cast.people.push(name);
        }
        cast
    }

    /// False when the name is taken.
    pub fn introduce(&mut self, name: &Identifier, object: Option<ObjectIndex>) -> bool {
        let known = object.map_or(Known::Broken, Known::Record);
        name.as_str() != SYSTEM && self.names.insert(name.to_string(), known).is_none()
    }

    pub fn known(&self, name: &str) -> Option<Known> {
        self.names.get(name).copied()
    }

    pub fn is_person(&self, name: &str) -> bool {
        name == SYSTEM || self.people.iter().any(|person| person == name)
    }

    pub fn people(&self) -> Vec<String> {
        self.people.iter().cloned().chain([SYSTEM.to_owned()]).collect()
    }

    pub fn references(&self) -> Vec<String> {
        let mut names: Vec<String> = self.names.keys().map(|name| format!("@{name}")).collect();
        names.sort();
        names
    }
}

fn check_roles(
    item: &Item<'_, Scenario>,
    actor: &ScenarioActor,
    pointer: &str,
    catalog: &Catalog<'_>,
    findings: &mut Findings,
) {
    for (position, role) in actor.roles.iter().enumerate() {
        catalog.find_role(role.as_str(), item.document, &format!("{pointer}/roles/{position}"), findings);
    }
}
