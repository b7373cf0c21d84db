//! From events to runs: which workflows an event starts. One transaction for a batch of events.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use trellis_engine::identity::find_actor;
use trellis_engine::records::{Authority, Image, RecordFacts, Related, Transaction};
use trellis_engine::{Caller, Error, Event, Run, RunState, Tenant, outbox, runs};
use trellis_metadata::expression::is_true;
use trellis_metadata::snapshot::{ChangeKind, Object, Timing, Workflow};
use uuid::Uuid;

use crate::journal::Journal;
use crate::machine::MAX_DEPTH;
use crate::stop::Stop;

/// Events taken in one transaction.
pub const BATCH: u64 = 100;

/// What one claim found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claimed {
    pub events: u64,
    /// Runs that could not even start.
    pub parked: u64,
}

/// Starts the runs of the oldest open events and closes the events.
pub fn claim(tenant: &Arc<Tenant>) -> Result<Claimed, Error> {
    tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, |tx| {
        let events = tx.with_session(|session| Ok(outbox::claim(session, BATCH)?))?;
        let mut claimed = Claimed { events: events.len() as u64, parked: 0 };
        for event in &events {
            claimed.parked += start_runs(tx, event)?;
        }
        let done: Vec<u64> = events.iter().map(|event| event.seq).collect();
        tx.with_session(|session| Ok(outbox::mark_done(session, &done, now())?))?;
        Ok(claimed)
    })
}

/// Returns how many were parked at once.
fn start_runs(tx: &Transaction<'_>, event: &Event) -> Result<u64, Error> {
    let Some(occasion) = Occasion::of(tx, event) else { return Ok(0) };
    let starter = match starter(tx, event)? {
        Starter::Known(caller) | Starter::System(caller) => caller,
        Starter::Gone => Caller::system(tx.pinned),
    };
    let mut parked = 0;
    for workflow in tx.snapshot().workflows.iter().filter(|workflow| occasion.is_for(workflow)) {
        let starts = tx.acting_as(&starter, Authority::System, 0, |tx| Ok(occasion.meets(tx, workflow)))?;
        if starts {
            let run = begin(tx, workflow, event);
            let is_new = tx.with_session(|session| Ok(runs::start(session, &run)?))?;
            parked += u64::from(is_new && run.state == RunState::Parked);
        }
    }
    Ok(parked)
}

fn begin(tx: &Transaction<'_>, workflow: &Workflow, event: &Event) -> Run {
    let too_deep = event.depth >= MAX_DEPTH;
    Run {
        id: Uuid::now_v7(),
        workflow: workflow.id.to_string(),
        event: event.seq,
        state: if too_deep { RunState::Parked } else { RunState::Running },
        journal: Journal::begin(tx.pinned.revision).to_json(),
        error: too_deep.then(|| Stop::TooDeep.to_string()),
        attempts: 0,
        next_at: (!too_deep).then(now),
        updated_at: now(),
    }
}

/// An event, read with the metadata of today.
pub struct Occasion<'a> {
    pub object: &'a Object,
    pub kind: ChangeKind,
    pub before: Option<Image>,
    pub after: Image,
}

impl<'a> Occasion<'a> {
    /// `None` when the object has gone, or when nobody waited for the event as it was written.
    pub fn of(tx: &Transaction<'a>, event: &Event) -> Option<Self> {
        let object = tx.snapshot().objects.iter().find(|object| object.id.as_str() == event.object)?;
        let kind = match event.kind.as_str() {
            "create" => ChangeKind::Create,
            "update" => ChangeKind::Update,
            "delete" => ChangeKind::Delete,
            _ => return None,
        };
        let after = Image::from_journal(object, event.after.as_ref()?);
        let before = event.before.as_ref().map(|json| Image::from_journal(object, json));
        Some(Self { object, kind, before, after })
    }

    fn is_for(&self, workflow: &Workflow) -> bool {
        workflow.timing == Timing::AfterCommit
            && workflow.object == self.object.index
            && workflow.events.contains(&self.kind)
    }

    /// The trigger's condition, on the record as the change left it.
    fn meets(&self, tx: &Transaction<'_>, workflow: &Workflow) -> bool {
        let facts = RecordFacts {
            transaction: tx,
            object: self.object.index,
            before: self.before.as_ref(),
            after: &self.after,
            related: Related::Current,
        };
        workflow.when.as_ref().is_none_or(|when| is_true(when, &facts))
    }
}

/// Who made the change that started a run.
pub enum Starter {
    Known(Caller),
    /// The runtime itself.
    System(Caller),
    /// No longer an active user.
    Gone,
}

pub fn starter(tx: &Transaction<'_>, event: &Event) -> Result<Starter, Error> {
    let Some(user) = event.actor.filter(|user| !user.is_nil()) else {
        return Ok(Starter::System(Caller::system(tx.pinned)));
    };
    let found = tx.with_session(|session| find_actor(session, tx.pinned, user))?;
    Ok(found.map_or(Starter::Gone, |actor| Starter::Known(Caller::new(tx.pinned, actor))))
}

/// As precise as databases keep it.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
