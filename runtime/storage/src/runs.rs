//! Runs of workflows: one per workflow and event, with the journal of what was done and what comes next.
//!
//! The journal is the worker's; here it is a JSON value.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query};
use serde_json::Value as Json;
use trellis_plan::ColumnKind::{self, Id, Integer, Text};
use trellis_plan::Dialect;
use uuid::Uuid;

use crate::query::{Cells, execute, row, rows};
use crate::{Error, Session};

/// One execution of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub id: Uuid,
    /// Id of the workflow's document.
    pub workflow: String,
    /// Number of the event that started it.
    pub event: u64,
    pub state: RunState,
    pub journal: Json,
    /// Why it waits, is parked, or had to try again.
    pub error: Option<String>,
    /// Failures since the last step that was done.
    pub attempts: u64,
    /// When the worker takes it up again; none when there is nothing for the worker to do.
    pub next_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// The worker carries it on.
    Running,
    /// For somebody's answer.
    Waiting,
    /// Given up until a person looks at it.
    Parked,
    Done,
}

impl RunState {
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Waiting => "waiting",
            RunState::Parked => "parked",
            RunState::Done => "done",
        }
    }

    fn from_str(text: &str) -> Result<Self, Error> {
        let all = [RunState::Running, RunState::Waiting, RunState::Parked, RunState::Done];
        all.into_iter().find(|state| state.as_str() == text).ok_or_else(|| Error::defect("a run is in no known state"))
    }
}

const COLUMNS: [(&str, ColumnKind); 9] = [
    ("id", Id),
    ("workflow", Text),
    ("event", Integer),
    ("state", Text),
    ("journal", ColumnKind::Json),
    ("error", Text),
    ("attempts", Integer),
    ("next_at", ColumnKind::DateTime),
    ("updated_at", ColumnKind::DateTime),
];

/// Starts a run, unless its workflow was started by the same event before; true when it was new.
pub fn start(session: &mut dyn Session, run: &Run) -> Result<bool, Error> {
    let mut insert = Query::insert();
    insert
        .into_table("_runs")
        .columns(COLUMNS.map(|(name, _)| name))
        .values_panic([
            run.id.into(),
            run.workflow.as_str().into(),
            (run.event as i64).into(),
            run.state.as_str().into(),
            run.journal.clone().into(),
            run.error.clone().into(),
            (run.attempts as i64).into(),
            run.next_at.into(),
            run.updated_at.into(),
        ])
        .on_conflict(OnConflict::columns(["workflow", "event"]).do_nothing().to_owned());
    Ok(execute(session, &insert)? == 1)
}

/// Runs whose time has come, the longest waiting first.
pub fn due(session: &mut dyn Session, now: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, Error> {
    let mut select = Query::select();
    select
        .column("id")
        .from("_runs")
        .and_where(Expr::col("next_at").is_not_null())
        .and_where(Expr::col("next_at").lte(now))
        .order_by("next_at", Order::Asc)
        .order_by("id", Order::Asc)
        .limit(limit);
    rows(session, &select, &[Id], |cells| cells.get(0))
}

/// Is anything left for the worker, now or later.
pub fn any_open(session: &mut dyn Session) -> Result<bool, Error> {
    let mut select = Query::select();
    select.column("id").from("_runs").and_where(Expr::col("next_at").is_not_null()).limit(1);
    Ok(row(session, &select, &[Id], |cells| cells.get::<Uuid>(0))?.is_some())
}

/// The run, this transaction's until it ends; none when its time has not come or another worker has it.
pub fn take(session: &mut dyn Session, id: Uuid, now: DateTime<Utc>) -> Result<Option<Run>, Error> {
    let mut select = Query::select();
    select
        .columns(COLUMNS.map(|(name, _)| name))
        .from("_runs")
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("next_at").lte(now));
    if session.dialect() == Dialect::Postgres {
        select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    row(session, &select, &COLUMNS.map(|(_, kind)| kind), run)
}

/// Writes where the run is now.
pub fn keep(session: &mut dyn Session, run: &Run) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table("_runs")
        .value("state", run.state.as_str())
        .value("journal", run.journal.clone())
        .value("error", run.error.clone())
        .value("attempts", run.attempts as i64)
        .value("next_at", run.next_at)
        .value("updated_at", run.updated_at)
        .and_where(Expr::col("id").eq(run.id));
    execute(session, &update).map(drop)
}

/// The newest first.
pub fn list(session: &mut dyn Session, limit: u64) -> Result<Vec<Run>, Error> {
    let mut select = Query::select();
    select
        .columns(COLUMNS.map(|(name, _)| name))
        .from("_runs")
        .order_by("event", Order::Desc)
        .order_by("workflow", Order::Asc)
        .limit(limit);
    rows(session, &select, &COLUMNS.map(|(_, kind)| kind), run)
}

fn run(row: &Cells<'_>) -> Result<Run, Error> {
    Ok(Run {
        id: row.get(0)?,
        workflow: row.get(1)?,
        event: row.get(2)?,
        state: RunState::from_str(&row.get::<String>(3)?)?,
        journal: row.get(4)?,
        error: row.find(5)?,
        attempts: row.get(6)?,
        next_at: row.find(7)?,
        updated_at: row.get(8)?,
    })
}
