//! One write request in one transaction: its key claimed, its changes made, what was written shown, its answer kept.

use actix_web::HttpResponse;
use serde_json::Value as Json;
use trellis_api::Problem;
use trellis_api::prefer::{Preferences, Return};
use trellis_api::rest::Shape;
use trellis_engine::idempotency::KeyedRequest;
use trellis_engine::records::{Authority, Change, Effect, Page, Prepared, Reader, Transaction, Written, save_all};
use trellis_engine::request::SelectRequest;
use trellis_engine::{Error, Session};
use trellis_metadata::predicate::Predicate;
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::exchange::Exchange;
use crate::failure::problem;
use crate::render;
use crate::reply::Reply;

/// What the caller wants back from a write.
#[derive(Clone)]
pub struct Wanted {
    pub returns: Return,
    pub select: SelectRequest,
    pub rollback: bool,
    pub max: Option<u64>,
    pub shape: Shape,
    pub content_type: &'static str,
    /// The one record named by its id, and not as many as there may be.
    pub id: Option<Uuid>,
    /// The representation is read before the change: of deleted records.
    pub before: bool,
}

impl Wanted {
    pub fn of(
        preferences: &Preferences,
        select: SelectRequest,
        shape: Shape,
        id: Option<Uuid>,
    ) -> Result<Self, Problem> {
        let content_type = match shape {
            Shape::Object { .. } => shape.content_type(),
            _ if id.is_some() => "application/json; charset=utf-8",
            _ => shape.content_type(),
        };
        let shape = if id.is_some() { Shape::Object { strip_nulls: shape.strips_nulls() } } else { shape };
        shape.carry(&select)?;
        Ok(Self {
            returns: preferences.returns.unwrap_or(Return::Minimal),
            // The filter chooses the records; once written they need not meet it any longer.
            select,
            rollback: preferences.is_rollback(),
            max: preferences.max_affected,
            shape,
            content_type,
            id,
            before: false,
        })
    }

    /// A form for one record cannot carry several: such a write is taken back.
    fn admits(&self, body: Option<&Representation>) -> Result<(), Problem> {
        match body {
            Some(body) if self.id.is_none() => self.shape.admit(body.rows),
            _ => Ok(()),
        }
    }
}

/// What a write left behind, ignored duplicates aside.
pub struct Outcome {
    pub written: Vec<Written>,
    pub body: Option<Representation>,
}

pub struct Representation {
    rows: usize,
    pub bytes: Vec<u8>,
}

pub type Changes = Vec<(Change, String)>;

/// The answer given to this very request before, if any.
pub async fn answered(exchange: &Exchange, keyed: Option<&KeyedRequest>) -> Result<Option<HttpResponse>, Problem> {
    let Some(keyed) = keyed.cloned() else { return Ok(None) };
    let kept = exchange.read(move |handle, _, caller| keyed.find(handle, caller)).await?;
    kept.map(|kept| Reply::kept(&kept).map(Reply::respond)).transpose().map_err(problem)
}

/// Makes the changes and answers with what `reply` says of their outcome.
pub async fn transact(
    exchange: &Exchange,
    wanted: Wanted,
    keyed: Option<KeyedRequest>,
    changes: impl Fn(&Transaction<'_>) -> Result<Changes, Error> + Send + Sync + 'static,
    reply: impl Fn(&Wanted, Outcome) -> Reply + Send + Sync + 'static,
) -> Result<HttpResponse, Problem> {
    let (id, select) = (wanted.id, wanted.select.clone());
    let done = settle(exchange, keyed, move |tx| {
        let outcome = carry_out(tx, &wanted, changes(tx)?)?;
        let admitted = wanted.admits(outcome.body.as_ref());
        let keeps = !wanted.rollback && admitted.is_ok();
        let reply = admitted.map(|()| reply(&wanted, outcome));
        Ok(Settled { reply, keeps })
    });
    match (done.await, id) {
        (Err(Error::Stale { current }), Some(id)) => Err(stale(exchange, current, select, id).await),
        (done, _) => done.map_err(problem)?,
    }
}

/// What a job wants answered, and whether what it wrote stays.
pub struct Settled {
    pub reply: Result<Reply, Problem>,
    pub keeps: bool,
}

type Answered = Result<HttpResponse, Problem>;

/// How a transaction ended: with an answer of its own, or one that was kept.
enum Ended {
    New(Result<Reply, Problem>),
    Before(trellis_engine::idempotency::Kept),
}

/// Runs a job under the key of its request, and keeps its answer with what it wrote.
pub async fn settle(
    exchange: &Exchange,
    keyed: Option<KeyedRequest>,
    job: impl Fn(&Transaction<'_>) -> Result<Settled, Error> + Send + Sync + 'static,
) -> Result<Answered, Error> {
    let work = exchange.tenant.write(exchange.pinned.clone(), exchange.caller.clone(), Authority::Caller, move |tx| {
        if let Some(keyed) = &keyed
            && let Some(kept) = keyed.claim(tx)?
        {
            return Ok(Ended::Before(kept));
        }
        let Settled { reply, keeps } = job(tx)?;
        if !keeps {
            return Err(Error::RolledBack(Box::new(reply)));
        }
        if let (Some(keyed), Ok(reply)) = (&keyed, &reply) {
            keyed.keep(tx, reply.status.as_u16(), &reply.to_text()?)?;
        }
        Ok(Ended::New(reply))
    });
    match work.await {
        Ok(Ended::New(reply)) => Ok(reply.map(Reply::respond)),
        Ok(Ended::Before(kept)) => Reply::kept(&kept).map(|reply| Ok(reply.respond())),
        Err(Error::RolledBack(reply)) => match reply.downcast::<Result<Reply, Problem>>() {
            Ok(reply) => Ok(reply.map(Reply::respond)),
            Err(_) => Err(Error::Internal("a rolled back write answers with a reply".into())),
        },
        Err(error) => Err(error),
    }
}

fn carry_out(tx: &Transaction<'_>, wanted: &Wanted, changes: Changes) -> Result<Outcome, Error> {
    if let Some(limit) = wanted.max.filter(|max| changes.len() as u64 > *max) {
        return Err(Error::TooManyAffected { limit, count: changes.len() as u64 });
    }
    let ids = || changes.iter().filter_map(|(change, _)| change.id()).collect::<Vec<_>>();
    let early = if wanted.before { Some(represent(tx, wanted, &ids())?) } else { None };
    let mut written = save_all(tx, changes)?;
    written.retain(|written| written.effect != Effect::Ignored);
    let body = match early {
        Some(body) => body,
        None => represent(tx, wanted, &written.iter().map(|written| written.id).collect::<Vec<_>>())?,
    };
    Ok(Outcome { written, body })
}

/// The written records as the caller may see them.
fn represent(tx: &Transaction<'_>, wanted: &Wanted, ids: &[Uuid]) -> Result<Option<Representation>, Error> {
    if wanted.returns != Return::Representation {
        return Ok(None);
    }
    let select = unfiltered(&wanted.select);
    let mut pages: Vec<Page> = Vec::with_capacity(ids.len());
    for id in ids {
        pages.extend(shown(tx, &select, *id)?);
    }
    if pages.is_empty() && wanted.id.is_some() {
        return Ok(None);
    }
    Ok(Some(Representation { rows: pages.len(), bytes: render::pages(&pages, &select, wanted.shape)? }))
}

/// A record as the caller may read it now: written, it need not be his to read.
pub fn shown(tx: &Transaction<'_>, select: &SelectRequest, id: Uuid) -> Result<Option<Page>, Error> {
    let reader = Reader::new(tx.pinned, tx.caller);
    match tx.with_session(|session| reader.one(session, select, id)) {
        Ok(page) => Ok(Some(page)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The filter chose the records; they need not meet it any longer.
fn unfiltered(select: &SelectRequest) -> SelectRequest {
    SelectRequest { filter: Predicate::Always(true), ..select.clone() }
}

/// The problem of a change to an older version, with the record as the caller may read it now.
async fn stale(exchange: &Exchange, version: i64, select: SelectRequest, id: Uuid) -> Problem {
    let refused = problem(Error::Stale { current: version });
    let shown = exchange.read(move |handle, pinned, caller| {
        let reader = Reader::new(pinned, caller);
        let request = unfiltered(&select);
        let plan = reader.plan_one(&request)?.into();
        handle.read(|session| one(&reader, session, &Prepared { request: request.clone(), plan }, id))
    });
    let shown = shown.await.ok().and_then(|(body, _)| serde_json::from_slice::<Json>(&body).ok());
    match shown {
        Some(record) => refused.member("current", record),
        None => refused,
    }
}

/// One record, rendered, with its version where the caller may know it.
pub fn one(
    reader: &Reader<'_>,
    session: &mut dyn Session,
    prepared: &Prepared,
    id: Uuid,
) -> Result<(Vec<u8>, Option<i64>), Error> {
    let Prepared { request, plan } = prepared;
    let shape = Shape::Object { strip_nulls: false };
    let slots = [Value::Id(id)];
    if !plan.embeds.is_empty() {
        let page = reader.page(session, request, plan.clone(), &slots)?;
        let row = page.rows.first().ok_or(Error::NotFound)?;
        let version = plan.version.and_then(|index| row.value(index).as_integer());
        return Ok((render::page(&page, request, shape)?, version));
    }
    let mut out = render::Rows::new(plan, shape, 1);
    let mut version = None;
    let rows = reader.stream(session, plan, &slots, &mut |row| {
        if let Some(index) = plan.version {
            version = row.cell(index, trellis_engine::ColumnKind::Integer)?.to_value().as_integer();
        }
        Ok(out.push(row)?)
    })?;
    if rows == 0 { Err(Error::NotFound) } else { Ok((out.finish(), version)) }
}
