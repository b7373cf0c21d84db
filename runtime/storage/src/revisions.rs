//! What was published: every revision's full document set, kept for good.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::Value as Json;
use trellis_plan::ColumnKind::{self, Id, Integer, Text};
use uuid::Uuid;

use crate::query::Cells;
use crate::{Error, Session, query};

/// One published revision; the documents are read apart, for they are long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub revision: u64,
    /// None for the first.
    pub parent: Option<u64>,
    pub author: Option<Uuid>,
    pub at: DateTime<Utc>,
    pub message: String,
    /// Of the documents.
    pub hash: String,
}

const COLUMNS: [(&str, ColumnKind); 6] = [
    ("revision", Integer),
    ("parent", Integer),
    ("author", Id),
    ("at", ColumnKind::DateTime),
    ("message", Text),
    ("hash", Text),
];

/// The newest first.
pub fn revisions(session: &mut dyn Session, limit: u64) -> Result<Vec<Revision>, Error> {
    let mut select = Query::select();
    select.columns(COLUMNS.map(|(name, _)| name)).from("_revisions").order_by("revision", Order::Desc).limit(limit);
    query::rows(session, &select, &COLUMNS.map(|(_, kind)| kind), revision)
}

/// The document set of a revision as JSON text; none when there is no such revision. PostgreSQL keeps what the text
/// means, not the order of an object's members.
pub fn documents(session: &mut dyn Session, revision: u64) -> Result<Option<String>, Error> {
    let mut select = Query::select();
    select.column("documents").from("_revisions").and_where(Expr::col("revision").eq(revision as i64));
    query::row(session, &select, &[ColumnKind::Json], |row| row.json_text(0))
}

pub(crate) fn append(session: &mut dyn Session, revision: &Revision, documents: &str) -> Result<(), Error> {
    let documents: Json =
        serde_json::from_str(documents).map_err(|_| Error::defect("the documents are not JSON text"))?;
    let mut insert = Query::insert();
    insert.into_table("_revisions").columns(COLUMNS.map(|(name, _)| name).into_iter().chain(["documents"]));
    insert.values_panic([
        (revision.revision as i64).into(),
        revision.parent.map(|parent| parent as i64).into(),
        revision.author.into(),
        revision.at.into(),
        revision.message.as_str().into(),
        revision.hash.as_str().into(),
        documents.into(),
    ]);
    query::execute(session, &insert).map(drop)
}

fn revision(row: &Cells<'_>) -> Result<Revision, Error> {
    Ok(Revision {
        revision: row.get(0)?,
        parent: row.find(1)?,
        author: row.find(2)?,
        at: row.get(3)?,
        message: row.get(4)?,
        hash: row.get(5)?,
    })
}
