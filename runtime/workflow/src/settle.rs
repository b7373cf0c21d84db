//! Serves one tenant on the calling thread until nothing is left to do now: for those who have no worker beside them.

use std::sync::Arc;

use trellis_engine::{Error, RunState, Tenant, outbox, runs};

use crate::advance::{Progress, advance};
use crate::claim::{BATCH, claim, now};

/// Runs that are looked at for what got stuck.
const LOOKED_AT: u64 = 1_000;

/// Answers with the workflows that failed, each with its reason; runs that wait for a person are where they should be.
pub fn settle(tenant: &Arc<Tenant>) -> Result<Vec<String>, Error> {
    loop {
        let waiting = tenant.handle.read(outbox::is_waiting)?;
        if waiting {
            claim(tenant)?;
        }
        let due = tenant.handle.read(|session| runs::due(session, now(), BATCH))?;
        if !waiting && due.is_empty() {
            break;
        }
        for run in due {
            while advance(tenant, run)? == Progress::More {}
        }
    }
    let all = tenant.handle.read(|session| runs::list(session, LOOKED_AT))?;
    let stuck = all.iter().filter(|run| matches!(run.state, RunState::Parked | RunState::Running));
    Ok(stuck.map(|run| format!("{}: {}", run.workflow, run.error.as_deref().unwrap_or("not done"))).collect())
}
