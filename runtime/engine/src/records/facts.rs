//! What expressions and predicates may ask while a record is written: its values before and after, what its lookups
//! point at, who is asking.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use trellis_metadata::expression::{ActorAttribute, Facts, FieldPath, Root};
use trellis_metadata::predicate::{Predicate, Scope, holds};
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, system_field};
use trellis_metadata::value::Value;
use trellis_plan::records::Closure;
use uuid::Uuid;

use super::image::{Image, SharedImage};
use super::transaction::Transaction;
use crate::Error;

/// Which state of related records is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Related {
    /// As this transaction leaves them: for formulas and rules.
    Current,
    /// As they were before it: for the question "may I touch this".
    Original,
}

#[derive(Clone, Copy)]
pub struct RecordFacts<'t, 'a> {
    pub transaction: &'t Transaction<'a>,
    pub object: ObjectIndex,
    pub before: Option<&'t Image>,
    pub after: &'t Image,
    pub related: Related,
}

impl RecordFacts<'_, '_> {
    fn image(&self, root: Root) -> Option<&Image> {
        match root {
            Root::Record => Some(self.after),
            Root::Previous => self.before,
        }
    }

    fn fetch(&self, object: ObjectIndex, id: Uuid) -> Option<SharedImage> {
        let found = match self.related {
            Related::Current => self.transaction.load(object, id),
            Related::Original => self.transaction.original(object, id),
        };
        self.or_note(found)
    }

    fn or_note<T>(&self, result: Result<Option<T>, Error>) -> Option<T> {
        result.unwrap_or_else(|error| {
            self.transaction.note_failure(error);
            None
        })
    }

    fn follow(&self, image: &Image, path: &FieldPath) -> Value {
        let Some((last, way)) = path.steps.split_last() else { return Value::Null };
        let mut object = path.object;
        let mut reached: Option<SharedImage> = None;
        for step in way {
            let relation = self.transaction.snapshot().field(object, *step).kind.relation();
            let id = reached.as_deref().unwrap_or(image).get(*step).as_id();
            let (Some(relation), Some(id)) = (relation, id) else { return Value::Null };
            object = relation.target;
            reached = self.fetch(object, id);
            if reached.is_none() {
                return Value::Null;
            }
        }
        reached.as_deref().unwrap_or(image).get(*last).clone()
    }
}

impl Facts for RecordFacts<'_, '_> {
    fn overflowed(&self) {
        self.transaction.note_overflow();
    }

    fn field(&self, root: Root, path: &FieldPath) -> Value {
        self.image(root).map_or(Value::Null, |image| self.follow(image, path))
    }

    fn present(&self, root: Root) -> bool {
        self.image(root).is_some()
    }

    fn actor(&self, attribute: ActorAttribute) -> Value {
        let actor = &self.transaction.caller.actor;
        match attribute {
            ActorAttribute::Id => Value::Id(actor.user),
            ActorAttribute::OrgUnitId => actor.org_unit.map_or(Value::Null, Value::Id),
            ActorAttribute::Name => Value::text(&actor.name),
            ActorAttribute::Email => Value::text(&actor.email),
        }
    }

    fn has_role(&self, role: &str) -> bool {
        self.transaction.caller.actor.has_role(role)
    }

    fn today(&self) -> NaiveDate {
        self.transaction.caller.today()
    }

    fn now(&self) -> DateTime<Utc> {
        self.transaction.caller.now
    }

    fn in_scope(&self, scope: Scope) -> bool {
        let actor = &self.transaction.caller.actor;
        let owner = self.after.get(system_field::OWNER_ID).as_id();
        let unit = self.after.get(system_field::ORG_UNIT_ID).as_id();
        match scope {
            Scope::Own => owner == Some(actor.user),
            Scope::Unit => actor.org_unit.is_some() && unit == actor.org_unit,
            Scope::Subordinates => {
                owner == Some(actor.user) || self.closure(Closure::Managers, Some(actor.user), owner)
            }
            Scope::UnitAndBelow => self.closure(Closure::Units, actor.org_unit, unit),
        }
    }

    fn has_child(&self, object: ObjectIndex, via: FieldIndex, where_: &Predicate) -> bool {
        let found = self.transaction.child_exists(object, via, self.after.id(), where_);
        self.or_note(found.map(Some)).unwrap_or(false)
    }

    fn parent(&self, via: FieldIndex, object: ObjectIndex, where_: &Predicate) -> bool {
        let Some(parent) = self.after.get(via).as_id().and_then(|id| self.fetch(object, id)) else { return false };
        let facts = RecordFacts { object, before: None, after: &parent, ..*self };
        holds(where_, &facts) == Some(true)
    }

    fn below(&self, via: FieldIndex, object: ObjectIndex, above: FieldIndex, where_: &Predicate) -> bool {
        let mut met = HashSet::new();
        let mut next = self.after.get(via).as_id();
        while let Some(id) = next.filter(|id| met.insert(*id)) {
            let Some(record) = self.fetch(object, id) else { return false };
            let facts = RecordFacts { object, before: None, after: &record, ..*self };
            if holds(where_, &facts) == Some(true) {
                return true;
            }
            next = record.get(above).as_id();
        }
        false
    }
}

impl RecordFacts<'_, '_> {
    fn closure(&self, closure: Closure, above: Option<Uuid>, below: Option<Uuid>) -> bool {
        let (Some(above), Some(below)) = (above, below) else { return false };
        let found = self.transaction.in_closure(closure, above, below);
        self.or_note(found.map(Some)).unwrap_or(false)
    }
}
