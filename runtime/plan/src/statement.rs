//! A finished SQL statement with the places its parameters come from.
//!
//! Built once per plan and cached: what differs per request (the actor, the time, ids) is a [`Source`] filled in when
//! it runs. Every parameter and result column carries its [`ColumnKind`], so storage encodes and decodes by metadata.

use chrono::{DateTime, NaiveDate, Utc};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::predicate::ActorAttribute;
use trellis_metadata::value::Value;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sql: String,
    /// In placeholder order.
    pub binds: Vec<Bind>,
    /// Kinds of the result columns, in order; empty for statements without rows.
    pub columns: Vec<ColumnKind>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bind {
    pub source: Source,
    pub kind: ColumnKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    Value(Value),
    /// `Arguments::slots[n]`
    Slot(usize),
    Actor(ActorAttribute),
    Today,
    Now,
}

/// What one execution fills the sources with.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    pub actor_id: Option<Uuid>,
    pub org_unit_id: Option<Uuid>,
    pub actor_name: &'a str,
    pub actor_email: &'a str,
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
    pub slots: &'a [Value],
}

impl<'a> Arguments<'a> {
    /// For statements that ask nothing about the caller.
    pub fn slots(slots: &'a [Value]) -> Self {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        Self { actor_id: None, org_unit_id: None, actor_name: "", actor_email: "", today: now.date_naive(), now, slots }
    }

    pub fn resolve(&self, source: &Source) -> Value {
        match source {
            Source::Value(value) => value.clone(),
            Source::Slot(index) => self.slots.get(*index).cloned().unwrap_or_default(),
            Source::Actor(ActorAttribute::Id) => self.actor_id.map_or(Value::Null, Value::Id),
            Source::Actor(ActorAttribute::OrgUnitId) => self.org_unit_id.map_or(Value::Null, Value::Id),
            Source::Actor(ActorAttribute::Name) => Value::text(self.actor_name),
            Source::Actor(ActorAttribute::Email) => Value::text(self.actor_email),
            Source::Today => Value::Date(self.today),
            Source::Now => Value::DateTime(self.now),
        }
    }
}
