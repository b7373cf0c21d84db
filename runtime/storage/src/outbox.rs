//! What happened to records, in the order of its numbers. The record statements append it; the workflow worker closes
//! what it waited for, streams of events follow all of it.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, LockBehavior, LockType, Order, Query};
use serde_json::Value as Json;
use trellis_plan::ColumnKind::{self, Id, Integer, Text};
use trellis_plan::Dialect;
use uuid::Uuid;

use crate::query::Cells;
use crate::{Error, RunState, Session, query};

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

/// Lets go of at most `limit` of the oldest that were done before a moment and no unfinished run began with; returns
/// how many.
pub fn forget(session: &mut dyn Session, before: DateTime<Utc>, limit: u64) -> Result<u64, Error> {
    let mut needed = Query::select();
    needed.column("event").from("_runs").and_where(Expr::col("state").ne(RunState::Done.as_str()));
    let mut old = Query::select();
    old.column("seq")
        .from("_outbox")
        .and_where(Expr::col("done_at").lt(before))
        .and_where(Expr::col("seq").not_in_subquery(needed))
        .order_by("seq", Order::Asc)
        .limit(limit);
    let mut delete = Query::delete();
    delete.from_table("_outbox").and_where(Expr::col("seq").in_subquery(old));
    query::execute(session, &delete)
}

/// True when something is waiting; cheap, for polling on a read.
pub fn is_waiting(session: &mut dyn Session) -> Result<bool, Error> {
    let mut select = Query::select();
    select.column("seq").from("_outbox").and_where(Expr::col("done_at").is_null()).limit(1);
    Ok(query::row(session, &select, &[Integer], |row| row.get::<u64>(0))?.is_some())
}

/// That a record was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub seq: u64,
    pub object: String,
    pub record: Uuid,
}

/// At most `limit` writes numbered above `after`, and those of `missing` that are there by now: on PostgreSQL the
/// transaction with the smaller number may end later.
pub fn written(session: &mut dyn Session, after: u64, missing: &[u64], limit: u64) -> Result<Vec<Written>, Error> {
    let mut select = Query::select();
    let later = Expr::col("seq").gt(after as i64);
    let wanted = match missing {
        [] => later,
        _ => later.or(Expr::col("seq").is_in(missing.iter().map(|seq| *seq as i64))),
    };
    select
        .columns(["seq", "object", "record"])
        .from("_outbox")
        .and_where(wanted)
        .order_by("seq", Order::Asc)
        .limit(limit + missing.len() as u64);
    query::rows(session, &select, &[Integer, Text, Id], |row| {
        Ok(Written { seq: row.get(0)?, object: row.get(1)?, record: row.get(2)? })
    })
}

/// The numbers of the last `count` writes, ascending.
pub fn newest(session: &mut dyn Session, count: u64) -> Result<Vec<u64>, Error> {
    let mut select = Query::select();
    select.column("seq").from("_outbox").order_by("seq", Order::Desc).limit(count);
    let mut found = query::rows(session, &select, &[Integer], |row| row.get::<u64>(0))?;
    found.reverse();
    Ok(found)
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
