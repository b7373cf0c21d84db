//! One move of a run: the outstanding command, its journal entry and the state after it, in one transaction.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use trellis_engine::records::{Authority, Transaction};
use trellis_engine::{Caller, Error, Event, Run, RunState, Tenant, outbox, runs};
use trellis_metadata::snapshot::{RunAs, Workflow};
use uuid::Uuid;

use crate::carry::Scene;
use crate::claim::{Occasion, Starter, now, starter};
use crate::journal::{Entry, Journal};
use crate::machine::{self, Command, Input, Phase};
use crate::program::program;
use crate::stop::{Stop, is_final};

/// Failures in a row after which a run is parked.
const ATTEMPTS: u64 = 8;
/// Seconds before the second attempt; each later one waits four times as long, up to [`LONGEST`].
const FIRST_DELAY: i64 = 1;
const LONGEST: i64 = 300;

/// Where a move left the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do at once.
    More,
    /// Somebody else has it, or its time has not come.
    NotDue,
    Retrying,
    Waiting,
    Parked,
    Done,
}

/// Makes one move. `Err` only when not even the failure could be written down.
pub fn advance(tenant: &Arc<Tenant>, id: Uuid) -> Result<Progress, Error> {
    let system = Caller::system(&tenant.pin());
    let name = tenant.name.clone();
    let moved = tenant.write_blocking(system.clone(), Authority::System, move |tx| {
        let Some(run) = tx.with_session(|session| Ok(runs::take(session, id, now())?))? else {
            return Ok(Progress::NotDue);
        };
        let run = make_move(tx, &name, run)?;
        keep(tx, &run)
    });
    let Err(error) = moved else { return moved };
    let (is_final, reason) = (is_final(&error), error.to_string());
    tracing::info!(tenant = %tenant.name, run = %id, error = %reason, "a workflow step failed");
    tenant.write_blocking(system, Authority::System, move |tx| {
        let Some(run) = tx.with_session(|session| Ok(runs::take(session, id, now())?))? else {
            return Ok(Progress::NotDue);
        };
        keep(tx, &after_failure(run, is_final, &reason))
    })
}

fn keep(tx: &Transaction<'_>, run: &Run) -> Result<Progress, Error> {
    tx.with_session(|session| Ok(runs::keep(session, run)?))?;
    Ok(match run.state {
        RunState::Running if run.attempts > 0 => Progress::Retrying,
        RunState::Running => Progress::More,
        RunState::Waiting => Progress::Waiting,
        RunState::Parked => Progress::Parked,
        RunState::Done => Progress::Done,
    })
}

/// Refusals are for a person to look at; anything else may pass.
fn after_failure(run: Run, is_final: bool, reason: &str) -> Run {
    let attempts = run.attempts + 1;
    if is_final {
        return park(run, &Stop::Refused(reason.to_owned()));
    }
    if attempts >= ATTEMPTS {
        return park(run, &Stop::GaveUp { attempts, last: reason.to_owned() });
    }
    Run { attempts, error: Some(reason.to_owned()), next_at: Some(now() + delay(attempts)), updated_at: now(), ..run }
}

/// How long to leave a run alone after so many failures in a row.
fn delay(attempts: u64) -> TimeDelta {
    let exponent = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    TimeDelta::seconds(4_i64.saturating_pow(exponent).saturating_mul(FIRST_DELAY).min(LONGEST))
}

fn park(run: Run, stop: &Stop) -> Run {
    Run { state: RunState::Parked, error: Some(stop.to_string()), next_at: None, updated_at: now(), ..run }
}

fn make_move(tx: &Transaction<'_>, tenant: &str, run: Run) -> Result<Run, Error> {
    let Some(mut journal) = Journal::read(&run.journal) else { return Ok(park(run, &Stop::JournalUnreadable)) };
    let Some(event) = tx.with_session(|session| Ok(outbox::find(session, run.event)?))? else {
        return Ok(park(run, &Stop::EventGone));
    };
    let Some(occasion) = Occasion::of(tx, &event) else { return Ok(park(run, &Stop::EventGone)) };
    let workflow = match program(tx, &run.workflow, journal.revision)? {
        Ok(workflow) => workflow,
        Err(stop) => return Ok(park(run, &stop)),
    };
    let Some((caller, authority)) = identity(tx, &event, &workflow)? else { return Ok(park(run, &Stop::StarterGone)) };
    let depth = u32::try_from(event.depth).unwrap_or(u32::MAX).saturating_add(1);
    let stop = tx.acting_as(&caller, authority, depth, |tx| {
        let scene = Scene::load(tx, tenant, &workflow, &event, &occasion, &run)?;
        follow(tx, &workflow, &scene, &mut journal)
    })?;
    let (state, error, next_at) = match journal.state.phase {
        Phase::Running => (RunState::Running, None, Some(now())),
        Phase::Waiting => (RunState::Waiting, stop.map(|stop| stop.to_string()), None),
        Phase::Done => (RunState::Done, None, None),
        Phase::Broken(fault) => (RunState::Parked, Some(Stop::Program(fault).to_string()), None),
    };
    Ok(Run { state, journal: journal.to_json(), error, attempts: 0, next_at, updated_at: now(), ..run })
}

/// As whom the run acts, and whether rights are asked. `None`: as somebody who is no longer there.
fn identity(tx: &Transaction<'_>, event: &Event, workflow: &Workflow) -> Result<Option<(Caller, Authority)>, Error> {
    Ok(match (starter(tx, event)?, &workflow.run_as) {
        (Starter::Known(caller), RunAs::Starter) => Some((caller, Authority::Caller)),
        (Starter::System(caller), RunAs::Starter) => Some((caller, Authority::System)),
        (Starter::Known(caller) | Starter::System(caller), RunAs::Role(role)) => {
            Some((caller.as_role(tx.pinned, role), Authority::Caller))
        }
        (Starter::Gone, RunAs::Role(role)) => {
            Some((Caller::system(tx.pinned).as_role(tx.pinned, role), Authority::Caller))
        }
        (Starter::Gone, RunAs::Starter) => None,
    })
}

/// Decides until one effect is carried out or the run stands still. Says what a waiting run waits for.
fn follow(
    tx: &Transaction<'_>,
    workflow: &Workflow,
    scene: &Scene<'_>,
    journal: &mut Journal,
) -> Result<Option<Stop>, Error> {
    loop {
        let (state, command) = machine::step(&journal.state, &workflow.steps, Input::Resume);
        journal.state = state;
        let Some(command) = command else { return Ok(None) };
        let place = journal.state.at.clone();
        let (input, done, result) = match command {
            Command::Choose(cases) => {
                let chosen = scene.choose(tx, cases);
                (Input::Chosen(chosen), "switch", json!({ "case": chosen }))
            }
            Command::Create { object, values } => (Input::Done, "create", scene.create(tx, object, values)?),
            Command::Update { target, values } => (Input::Done, "update", scene.update(tx, target, values)?),
            Command::Notify(notify) => (Input::Done, "notify", scene.notify(tx, notify, &place)?),
            Command::Ask(approve) => (Input::Done, "approve", scene.ask(tx, approve, &place)?),
        };
        journal.entries.push(Entry { at: now(), step: place, done: done.to_owned(), result });
        (journal.state, _) = machine::step(&journal.state, &workflow.steps, input);
        match command {
            Command::Choose(_) => {}
            Command::Ask(approve) => return Ok(Some(Stop::Approval(approve.name.to_string()))),
            _ => return Ok(None),
        }
    }
}
