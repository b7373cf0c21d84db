//! Stage 18: scenarios. What they name exists and each part does one thing; running them is elsewhere.

mod cast;
mod values;

use chrono::DateTime;

use super::catalog::{Catalog, Item};
use super::findings::Findings;
use crate::document::scenario::{Action, Expectation, REFUSALS, SYSTEM, Scenario};
use crate::identifier::Identifier;
use crate::snapshot::{Object, ObjectIndex};
use cast::{Cast, Known};
use values::Purpose;

pub fn check(catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) {
    for item in &catalog.scenarios {
        Check { catalog, objects, item, cast: Cast::of(item, catalog, findings), findings }.all();
    }
}

struct Check<'c, 'd> {
    catalog: &'c Catalog<'d>,
    objects: &'c [Object],
    item: &'c Item<'d, Scenario>,
    cast: Cast,
    findings: &'c mut Findings,
}

impl Check<'_, '_> {
    fn all(&mut self) {
        let body = self.item.body;
        if body.now.as_deref().is_some_and(|now| DateTime::parse_from_rfc3339(now).is_err()) {
            let message = "`now` is not an instant";
            self.error("/now", "bad_format", message).help("write it with its zone, like 2026-03-01T08:00:00Z");
        }
        for (position, action) in body.given.iter().enumerate() {
            let pointer = format!("/given/{position}");
            self.action(action, &pointer);
            for (key, said) in [("by", action.by.is_some()), ("refused", !action.refused.is_empty())] {
                if said {
                    let message = format!("`{key}` belongs to actions of `when`: what is given is done by the runtime");
                    self.error(&format!("{pointer}/{key}"), "not_allowed", message);
                }
            }
        }
        for (position, action) in body.when.iter().enumerate() {
            self.action(action, &format!("/when/{position}"));
        }
        for (position, expectation) in body.then.iter().enumerate() {
            self.expectation(expectation, &format!("/then/{position}"));
        }
    }

    fn error(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) -> &mut Findings {
        self.findings.error(self.item.document, pointer, code, message)
    }

    fn action(&mut self, action: &Action, pointer: &str) {
        let verbs = [action.create.is_some(), action.update.is_some(), action.delete.is_some()];
        if verbs.into_iter().filter(|given| *given).count() != 1 {
            let message = "an action has exactly one of `create`, `update` and `delete`";
            self.error(pointer, "missing_key", message);
            return;
        }
        let object = self.subject(action, pointer);
        if action.delete.is_some() && !action.values.is_empty() {
            self.error(&format!("{pointer}/values"), "not_allowed", "a deletion takes no values");
        } else if let Some(object) = object {
            self.values(object, &action.values, &format!("{pointer}/values"), Purpose::Write);
        }
        self.person(action.by.as_ref(), &format!("{pointer}/by"));
        for (position, reason) in action.refused.iter().enumerate() {
            self.reason(reason, &format!("{pointer}/refused/{position}"));
        }
        if let Some(name) = &action.as_
            && !self.cast.introduce(name, object)
        {
            let message = format!("`@{name}` is the name of something else already");
            self.error(&format!("{pointer}/as"), "duplicate_name", message);
        }
    }

    /// The object the action is about.
    fn subject(&mut self, action: &Action, pointer: &str) -> Option<ObjectIndex> {
        if let Some(object) = &action.create {
            return self.catalog.find_object(object, self.item.document, &format!("{pointer}/create"), self.findings);
        }
        let (key, reference) = match (&action.update, &action.delete) {
            (Some(reference), _) => ("update", reference),
            (_, reference) => ("delete", reference.as_ref()?),
        };
        self.reference(reference, &format!("{pointer}/{key}"))
    }

    /// The object of what `@name` stands for; nothing is said twice about a name that was in error itself.
    fn reference(&mut self, text: &str, pointer: &str) -> Option<ObjectIndex> {
        match text.strip_prefix('@').and_then(|name| self.cast.known(name)) {
            Some(Known::Record(object)) => Some(object),
            Some(Known::Broken) => None,
            None => {
                let message = format!("`{text}` names no record or person that was introduced before");
                let known = self.cast.references();
                let known = known.iter().map(String::as_str);
                self.findings.unknown(self.item.document, pointer, "unknown_name", message, text, known);
                None
            }
        }
    }

    fn person(&mut self, name: Option<&Identifier>, pointer: &str) {
        let Some(name) = name.filter(|name| !self.cast.is_person(name.as_str())) else { return };
        let message = format!("there is nobody called `{name}`");
        let known = self.cast.people();
        let known = known.iter().map(String::as_str);
        self.findings.unknown(self.item.document, pointer, "unknown_name", message, name.as_str(), known);
    }

    fn reason(&mut self, reason: &str, pointer: &str) {
        let objects = self.objects;
        let rules = objects.iter().flat_map(|object| &object.validation_rules);
        let rules: Vec<&str> = rules.map(|rule| rule.name.as_str()).collect();
        if !REFUSALS.contains(&reason) && !rules.contains(&reason) {
            let message = format!("`{reason}` is neither an error code nor the name of a validation rule");
            let known = REFUSALS.iter().copied().chain(rules.iter().copied());
            self.findings.unknown(self.item.document, pointer, "unknown_name", message, reason, known);
        }
    }

    fn expectation(&mut self, expectation: &Expectation, pointer: &str) {
        let Expectation { record, find, notified, error, .. } = expectation;
        let given = [record.is_some(), find.is_some(), notified.is_some(), error.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = "an expectation names exactly one of `record`, `find`, `notified` and `error`";
            self.error(pointer, "missing_key", message);
            return;
        }
        self.belongings(expectation, pointer);
        self.person(expectation.by.as_ref(), &format!("{pointer}/by"));
        if let Some(error) = error {
            self.reason(error, &format!("{pointer}/error"));
        }
        if let Some(notified) = notified
            && !notified.strip_prefix('@').is_some_and(|name| name != SYSTEM && self.cast.is_person(name))
        {
            self.error(&format!("{pointer}/notified"), "unknown_name", format!("`{notified}` is nobody"))
                .help("write `@actor`, or `@` and a name of `actors`");
        }
        let object = match (record, find) {
            (Some(record), _) => self.reference(record, &format!("{pointer}/record")),
            (_, Some(object)) => {
                let document = self.item.document;
                self.catalog.find_object(object, document, &format!("{pointer}/find"), self.findings)
            }
            _ => None,
        };
        let Some(object) = object else { return };
        self.values(object, &expectation.where_, &format!("{pointer}/where"), Purpose::Condition);
        self.values(object, &expectation.expect, &format!("{pointer}/expect"), Purpose::Read);
        for (position, field) in expectation.hidden_fields.iter().enumerate() {
            let pointer = format!("{pointer}/hidden_fields/{position}");
            super::catalog::find_field(&self.objects[object.0], field, self.item.document, &pointer, self.findings);
        }
    }

    /// Keys that mean nothing beside the one that says what is looked at.
    fn belongings(&mut self, expectation: &Expectation, pointer: &str) {
        let Expectation { record, find, notified, error, .. } = expectation;
        let of_records = record.is_some() || find.is_some();
        let keys = [
            ("where", !expectation.where_.is_empty(), find.is_some()),
            ("count", expectation.count.is_some(), find.is_some() || notified.is_some()),
            ("by", expectation.by.is_some(), of_records),
            ("expect", !expectation.expect.is_empty(), of_records && !expectation.hidden),
            ("hidden", expectation.hidden, record.is_some()),
            ("hidden_fields", !expectation.hidden_fields.is_empty(), record.is_some() && !expectation.hidden),
        ];
        for (key, said, allowed) in keys {
            if said && !allowed {
                let beside = if error.is_some() { "an `error`" } else { "what this looks at" };
                let message = format!("`{key}` says nothing about {beside}");
                self.error(&format!("{pointer}/{key}"), "not_allowed", message);
            }
        }
    }
}
