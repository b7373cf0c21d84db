//! Events waiting for the workflow worker. The record statements append them; this reads and closes them.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, LockBehavior, LockType, Order, Query};
use serde_json::Value as Json;
use trellis_plan::ColumnKind::{self, Id, Integer, Text};
use trellis_plan::Dialect;
use uuid::Uuid;

use crate::query::Cells;
use crate::{Error, Session, query};

/// What happened to one record, in the order it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub object: String,
    pub record: Uuid,
    pub kind: String,
    pub actor: Option<Uuid>,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub revision: u64,
    /// How many workflow effects lie between a person and this change.
    pub depth: u64,
}

const COLUMNS: [(&str, ColumnKind); 10] = [
    ("seq", Integer),
    ("at", ColumnKind::DateTime),
    ("object", Text),
    ("record", Id),
    ("kind", Text),
    ("actor", Id),
    ("before", ColumnKind::Json),
    ("after", ColumnKind::Json),
    ("revision", Integer),
    ("depth", Integer),
];

/// The oldest open events. They stay this transaction's until it ends: on PostgreSQL other workers skip them, on
/// SQLite there is one writer.
pub fn claim(session: &mut dyn Session, limit: u64) -> Result<Vec<Event>, Error> {
    let mut select = Query::select();
    select
        .columns(COLUMNS.map(|(name, _)| name))
        .from("_outbox")
        .and_where(Expr::col("done_at").is_null())
        .order_by("seq", Order::Asc)
        .limit(limit);
    if session.dialect() == Dialect::Postgres {
        select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    query::rows(session, &select, &COLUMNS.map(|(_, kind)| kind), event)
}

/// One event, open or done.
pub fn find(session: &mut dyn Session, seq: u64) -> Result<Option<Event>, Error> {
    let mut select = Query::select();
    select.columns(COLUMNS.map(|(name, _)| name)).from("_outbox").and_where(Expr::col("seq").eq(seq as i64));
    query::row(session, &select, &COLUMNS.map(|(_, kind)| kind), event)
}

pub fn mark_done(session: &mut dyn Session, events: &[u64], at: DateTime<Utc>) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let mut update = Query::update();
    update
        .table("_outbox")
        .value("done_at", at)
        .and_where(Expr::col("seq").is_in(events.iter().map(|seq| *seq as i64)));
    query::execute(session, &update).map(drop)
}

/// True when something is waiting; cheap, for polling on a read.
pub fn is_waiting(session: &mut dyn Session) -> Result<bool, Error> {
    let mut select = Query::select();
    select.column("seq").from("_outbox").and_where(Expr::col("done_at").is_null()).limit(1);
    Ok(query::row(session, &select, &[Integer], |row| row.get::<u64>(0))?.is_some())
}

fn event(row: &Cells<'_>) -> Result<Event, Error> {
    Ok(Event {
        seq: row.get(0)?,
        at: row.get(1)?,
        object: row.get(2)?,
        record: row.get(3)?,
        kind: row.get(4)?,
        actor: row.find(5)?,
        before: row.find(6)?,
        after: row.find(7)?,
        revision: row.get(8)?,
        depth: row.get(9)?,
    })
}
