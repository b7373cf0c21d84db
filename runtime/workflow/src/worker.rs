//! The thread that serves events and runs: woken by writes of this process, and once a second for those of others.
//!
//! Tenants are served in turn, a bounded share each, so that a busy one does not keep the others waiting.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use trellis_engine::{Error, Runtime, Tenant, outbox, runs};

use crate::advance::{Progress, advance};
use crate::claim::{BATCH, claim, now};

/// How often every tenant in memory is looked at, poked or not.
const ROUND: Duration = Duration::from_secs(1);

/// Moves of one run before others have their turn.
const SHARE: usize = 8;
/// Runs of one tenant before other tenants have their turn.
const RUNS: u64 = 8;

/// What the worker has done since the process started.
#[derive(Debug, Default)]
pub struct Counters {
    pub done: AtomicU64,
    pub parked: AtomicU64,
    /// Attempts that failed and are tried again.
    pub retried: AtomicU64,
}

/// Running; stops when it is told to or dropped.
pub struct Worker {
    runtime: Arc<Runtime>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub fn start(runtime: Arc<Runtime>) -> std::io::Result<Self> {
        let counters = Arc::new(Counters::default());
        let rounds = Rounds { runtime: runtime.clone(), counters: counters.clone() };
        let thread = std::thread::Builder::new().name("workflows".into()).spawn(move || rounds.run())?;
        Ok(Self { runtime, counters, thread: Some(thread) })
    }

    pub fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }
}

/// Waits for the step under way; what is left is taken up by the next process.
impl Drop for Worker {
    fn drop(&mut self) {
        self.runtime.wake.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the workflow worker panicked");
        }
    }
}

struct Rounds {
    runtime: Arc<Runtime>,
    counters: Arc<Counters>,
}

impl Rounds {
    fn run(&self) {
        self.find_unfinished();
        let mut next_round = Instant::now();
        let mut unfinished = HashSet::new();
        loop {
            let until = if unfinished.is_empty() { next_round } else { Instant::now() };
            let Some(mut names) = self.runtime.wake.wait(until) else { return };
            names.extend(std::mem::take(&mut unfinished));
            if Instant::now() >= next_round {
                next_round = Instant::now() + ROUND;
                names.extend(self.runtime.loaded().iter().map(|tenant| tenant.name.clone()));
            }
            for name in names {
                if self.runtime.wake.is_stopped() {
                    return;
                }
                if self.serve(&name) {
                    unfinished.insert(name);
                }
            }
        }
    }

    /// Brings into memory the tenants that were left with something to do when the last process ended.
    fn find_unfinished(&self) {
        let names = match self.runtime.tenants() {
            Ok(tenants) => tenants.into_iter().map(|tenant| tenant.name),
            Err(error) => return tracing::error!(%error, "cannot list the tenants to look for open workflow runs"),
        };
        for name in names {
            if self.runtime.wake.is_stopped() {
                return;
            }
            match self.is_unfinished(&name) {
                Ok(true) => self.runtime.wake.poke(&name),
                Ok(false) => {}
                Err(error) => tracing::error!(tenant = %name, %error, "cannot look for open workflow runs"),
            }
        }
    }

    fn is_unfinished(&self, name: &str) -> Result<bool, Error> {
        let handle = self.runtime.storage.tenant(name)?;
        handle.read(|session| Ok(outbox::is_waiting(session)? || runs::any_open(session)?))
    }

    /// True when the tenant has more to do at once.
    fn serve(&self, name: &str) -> bool {
        let served = self.runtime.tenant(name).and_then(|tenant| self.serve_tenant(&tenant));
        served.unwrap_or_else(|error| {
            tracing::error!(tenant = %name, %error, "workflows are left for the next round");
            false
        })
    }

    fn serve_tenant(&self, tenant: &Arc<Tenant>) -> Result<bool, Error> {
        let mut more = false;
        if tenant.handle.read(outbox::is_waiting)? {
            let claimed = claim(tenant)?;
            self.counters.parked.fetch_add(claimed.parked, Ordering::Relaxed);
            more = claimed.events >= BATCH;
        }
        let due = tenant.handle.read(|session| runs::due(session, now(), RUNS))?;
        more |= due.len() as u64 >= RUNS;
        for run in due {
            if self.runtime.wake.is_stopped() {
                return Ok(false);
            }
            more |= self.move_on(tenant, run)?;
        }
        Ok(more)
    }

    /// Moves a run until it stands still or has had its share; true when it could go on.
    fn move_on(&self, tenant: &Arc<Tenant>, run: uuid::Uuid) -> Result<bool, Error> {
        for _ in 0..SHARE {
            let counter = match advance(tenant, run)? {
                Progress::More => continue,
                Progress::NotDue | Progress::Waiting => return Ok(false),
                Progress::Retrying => &self.counters.retried,
                Progress::Parked => &self.counters.parked,
                Progress::Done => &self.counters.done,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            return Ok(false);
        }
        Ok(true)
    }
}
