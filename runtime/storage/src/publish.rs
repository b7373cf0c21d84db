//! Carries out a migration: tables, revision, layout and state in one transaction, or nothing at all.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, OnConflict, Query};
use trellis_plan::tables::{Answer, Kept, Layout, Question, Step, render};
use trellis_plan::{Arguments, ColumnKind};
use uuid::Uuid;

use crate::revisions::{self, Revision};
use crate::{Error, Pending, Session, TenantHandle, query, state};

/// A migration somebody confirmed, with the documents that caused it.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The revision the steps were planned from.
    pub expected: u64,
    pub steps: Vec<Step>,
    /// As it is after the steps.
    pub layout: Layout,
    /// JSON text.
    pub documents: String,
    /// Of the documents.
    pub hash: String,
    pub author: Option<Uuid>,
    pub message: String,
    pub at: DateTime<Utc>,
}

/// Publishes and answers with the new revision. `fill` is called at each step only the engine can do
/// ([`Step::FillComputed`], [`Step::TranslateColumn`]), in its place among the others; `then` after everything, before the commit.
///
/// [`Error::StaleRevision`] when another publish came first.
pub fn publish<E>(
    tenant: &TenantHandle,
    publication: Publication,
    mut fill: impl FnMut(&mut dyn Session, &Step) -> Result<(), E> + Send + 'static,
    then: impl FnOnce(&mut dyn Session, u64) -> Result<(), E> + Send + 'static,
) -> Pending<u64, E>
where
    E: From<Error> + Send + 'static,
{
    tenant.write_exclusive(move |session| {
        let (found, _) = state::version(session)?;
        if found != publication.expected {
            return Err(Error::StaleRevision { expected: publication.expected, found }.into());
        }
        let next = found + 1;
        for step in &publication.steps {
            carry_out(session, step)?;
            if matches!(step, Step::FillComputed { .. } | Step::TranslateColumn { .. }) {
                fill(session, step)?;
            }
            quarantine(session, step, next, publication.at)?;
        }
        record(session, next, publication)?;
        then(session, next)?;
        Ok(next)
    })
}

/// Puts a question that is answered by a count to the rows.
pub fn ask(session: &mut dyn Session, question: &Question) -> Result<Answer, Error> {
    let mut answer = Answer::default();
    session.query(&question.statement, &Arguments::slots(&[]), &mut |row| {
        answer.samples.extend(row.cell(0, ColumnKind::Id)?.to_value().as_id());
        let total = row.cell(1, ColumnKind::Integer)?.to_value().as_integer();
        answer.rows = total.unwrap_or_default() as u64;
        Ok(())
    })?;
    Ok(answer)
}

/// Runs what a step is in this database.
pub fn carry_out(session: &mut dyn Session, step: &Step) -> Result<(), Error> {
    for statement in render(step, session.dialect()) {
        if statement.binds.is_empty() {
            session.define(&statement.sql)?;
        } else {
            session.execute(&statement, &Arguments::slots(&[]))?;
        }
    }
    Ok(())
}

fn record(session: &mut dyn Session, next: u64, publication: Publication) -> Result<(), Error> {
    state::set(session, next, &publication.layout)?;
    let revision = Revision {
        revision: next,
        parent: next.checked_sub(1).filter(|parent| *parent > 0),
        author: publication.author,
        at: publication.at,
        message: publication.message,
        hash: publication.hash,
    };
    revisions::append(session, &revision, &publication.documents)
}

/// Remembers when something was put aside, until it is back.
fn quarantine(session: &mut dyn Session, step: &Step, revision: u64, at: DateTime<Utc>) -> Result<(), Error> {
    if let Some(kept_as) = step.releases() {
        let mut delete = Query::delete();
        delete.from_table("_quarantine").and_where(Expr::col("kept_as").eq(kept_as));
        query::execute(session, &delete)?;
    }
    let Some(entry) = step.quarantines() else { return Ok(()) };
    let field = match &entry.kept {
        Kept::Column(column) => Some(column.name.as_str()),
        Kept::Table(_) => None,
    };
    let mut insert = Query::insert();
    insert.into_table("_quarantine").columns(["kept_as", "object", "field", "revision", "at"]).values_panic([
        entry.kept_as.as_str().into(),
        entry.table.as_str().into(),
        field.map(str::to_owned).into(),
        (revision as i64).into(),
        at.into(),
    ]);
    insert.on_conflict(OnConflict::column("kept_as").update_columns(["object", "field", "revision", "at"]).to_owned());
    query::execute(session, &insert).map(drop)
}
