//! Imports and exports as they are kept: who asked for what, how far it is, and the parts it consists of.
//!
//! A part is what one transaction carries out; what it reads and what came of it are texts that mean something to the
//! one who does the work.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::Value as Json;
use trellis_plan::ColumnKind::{self, DateTime as Instant, Id, Integer, Text};
use uuid::Uuid;

use crate::query::{Cells, execute, row, rows};
use crate::{Error, Session};

const JOBS: &str = "_jobs";
const PARTS: &str = "_job_parts";

#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: Uuid,
    pub kind: JobKind,
    /// Id of the object's document.
    pub object: String,
    /// Nil for the runtime itself.
    pub user: Uuid,
    pub state: JobState,
    pub request: Json,
    pub progress: Json,
    pub at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    Import,
    Export,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Its parts are still being handed in.
    Receiving,
    Running,
    /// What it wrote is being taken back.
    Undoing,
    Done,
    Undone,
    /// It cannot go on; its progress says why.
    Stopped,
}

impl JobKind {
    const ALL: [Self; 2] = [JobKind::Import, JobKind::Export];

    pub fn as_str(self) -> &'static str {
        match self {
            JobKind::Import => "import",
            JobKind::Export => "export",
        }
    }
}

impl JobState {
    const ALL: [Self; 6] = [
        JobState::Receiving,
        JobState::Running,
        JobState::Undoing,
        JobState::Done,
        JobState::Undone,
        JobState::Stopped,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Receiving => "receiving",
            JobState::Running => "running",
            JobState::Undoing => "undoing",
            JobState::Done => "done",
            JobState::Undone => "undone",
            JobState::Stopped => "stopped",
        }
    }

    /// Somebody has to carry it on.
    pub fn is_open(self) -> bool {
        matches!(self, JobState::Running | JobState::Undoing)
    }
}

/// One piece of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub number: u64,
    pub input: Option<String>,
    pub outcome: Option<String>,
}

pub fn add(session: &mut dyn Session, job: &Job) -> Result<(), Error> {
    let mut insert = Query::insert();
    insert
        .into_table(JOBS)
        .columns(["id", "kind", "object", "user_id", "state", "request", "progress", "at", "done_at"])
        .values_panic([
            job.id.into(),
            job.kind.as_str().into(),
            job.object.as_str().into(),
            job.user.into(),
            job.state.as_str().into(),
            job.request.clone().into(),
            job.progress.clone().into(),
            job.at.into(),
            job.done_at.into(),
        ]);
    execute(session, &insert).map(drop)
}

/// Writes down how far it is.
pub fn update(session: &mut dyn Session, job: &Job) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table(JOBS)
        .value("state", job.state.as_str())
        .value("progress", job.progress.clone())
        .value("done_at", job.done_at)
        .and_where(Expr::col("id").eq(job.id));
    execute(session, &update).map(drop)
}

const COLUMNS: [(&str, ColumnKind); 9] = [
    ("id", Id),
    ("kind", Text),
    ("object", Text),
    ("user_id", Id),
    ("state", Text),
    ("request", ColumnKind::Json),
    ("progress", ColumnKind::Json),
    ("at", Instant),
    ("done_at", Instant),
];

fn select() -> sea_query::SelectStatement {
    let mut select = Query::select();
    select.columns(COLUMNS.map(|(name, _)| name)).from(JOBS);
    select
}

pub fn find(session: &mut dyn Session, id: Uuid) -> Result<Option<Job>, Error> {
    row(session, select().and_where(Expr::col("id").eq(id)), &COLUMNS.map(|(_, kind)| kind), read)
}

fn read(cells: &Cells<'_>) -> Result<Job, Error> {
    let unknown = || Error::defect("a job is of no known kind or state");
    let (kind, state): (String, String) = (cells.get(1)?, cells.get(4)?);
    Ok(Job {
        id: cells.get(0)?,
        kind: JobKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or_else(unknown)?,
        object: cells.get(2)?,
        user: cells.get(3)?,
        state: JobState::ALL.into_iter().find(|known| known.as_str() == state).ok_or_else(unknown)?,
        request: cells.get(5)?,
        progress: cells.get(6)?,
        at: cells.get(7)?,
        done_at: cells.find(8)?,
    })
}

/// Those that somebody has to carry on, the oldest first.
pub fn open(session: &mut dyn Session) -> Result<Vec<Uuid>, Error> {
    let mut select = Query::select();
    let states = JobState::ALL.into_iter().filter(|state| state.is_open()).map(JobState::as_str);
    select
        .column("id")
        .from(JOBS)
        .and_where(Expr::col("done_at").is_null())
        .and_where(Expr::col("state").is_in(states))
        .order_by("at", Order::Asc);
    rows(session, &select, &[Id], |cells| cells.get(0))
}

pub fn add_part(session: &mut dyn Session, job: Uuid, part: &Part) -> Result<(), Error> {
    let mut insert = Query::insert();
    insert.into_table(PARTS).columns(["job", "number", "input", "outcome"]).values_panic([
        job.into(),
        number(part.number)?.into(),
        part.input.clone().into(),
        part.outcome.clone().into(),
    ]);
    execute(session, &insert).map(drop)
}

/// What was read is not needed any more once it is carried out.
pub fn finish_part(session: &mut dyn Session, job: Uuid, at: u64, outcome: &str) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table(PARTS)
        .value("input", Option::<String>::None)
        .value("outcome", outcome)
        .and_where(Expr::col("job").eq(job))
        .and_where(Expr::col("number").eq(number(at)?));
    execute(session, &update).map(drop)
}

pub fn part(session: &mut dyn Session, job: Uuid, at: u64) -> Result<Option<Part>, Error> {
    let mut select = Query::select();
    select
        .columns(["number", "input", "outcome"])
        .from(PARTS)
        .and_where(Expr::col("job").eq(job))
        .and_where(Expr::col("number").eq(number(at)?));
    row(session, &select, &[Integer, Text, Text], |cells| {
        Ok(Part { number: cells.get(0)?, input: cells.find(1)?, outcome: cells.find(2)? })
    })
}

pub fn forget_parts(session: &mut dyn Session, job: Uuid) -> Result<(), Error> {
    let mut parts = Query::delete();
    parts.from_table(PARTS).and_where(Expr::col("job").eq(job));
    execute(session, &parts).map(drop)
}

/// Forgets those that ended, or were never handed in completely, before a moment. Returns how many.
pub fn forget(session: &mut dyn Session, before: DateTime<Utc>) -> Result<u64, Error> {
    let receiving = Expr::col("state").eq(JobState::Receiving.as_str()).and(Expr::col("at").lt(before));
    let old = Expr::col("done_at").lt(before).or(receiving);
    let mut select = Query::select();
    select.column("id").from(JOBS).and_where(old);
    let jobs = rows(session, &select, &[Id], |cells| cells.get::<Uuid>(0))?;
    for job in &jobs {
        forget_parts(session, *job)?;
        let mut delete = Query::delete();
        delete.from_table(JOBS).and_where(Expr::col("id").eq(*job));
        execute(session, &delete)?;
    }
    Ok(jobs.len() as u64)
}

fn number(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::defect("a part number is out of range"))
}
