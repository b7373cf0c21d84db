//! The thread that carries imports and exports on: woken by those who ask for one, and every few seconds for what other
//! processes left.
//!
//! Jobs take turns, one part each, so that a large one does not keep the others waiting.

pub mod export;
pub mod refused;

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use trellis_api::rest::CursorKey;
use trellis_engine::import::{self, Moved, Teller};
use trellis_engine::{Error, JobKind, Runtime, Tenant, Wake, jobs};
use uuid::Uuid;

use crate::failure::sentence;

/// How often every tenant in memory is looked at, poked or not.
const ROUND: Duration = Duration::from_secs(5);

/// Running; stops when it is told to or dropped.
pub struct Worker {
    wake: Arc<Wake>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub fn start(runtime: Arc<Runtime>, cursor_key: CursorKey) -> std::io::Result<Self> {
        let wake = Arc::new(Wake::default());
        let rounds = Rounds { carrier: Carrier::new(cursor_key), runtime, wake: wake.clone() };
        let thread = std::thread::Builder::new().name("jobs".into()).spawn(move || rounds.run())?;
        Ok(Self { wake, thread: Some(thread) })
    }

    pub fn wake(&self) -> Arc<Wake> {
        self.wake.clone()
    }
}

/// Waits for the part under way; what is left is taken up by the next process.
impl Drop for Worker {
    fn drop(&mut self) {
        self.wake.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the worker of imports and exports panicked");
        }
    }
}

/// Carries single jobs on.
pub struct Carrier {
    cursor_key: CursorKey,
    teller: Teller,
}

impl Carrier {
    pub fn new(cursor_key: CursorKey) -> Self {
        Self { cursor_key, teller: Arc::new(sentence) }
    }

    /// The next part of a job.
    pub fn step(&self, tenant: &Arc<Tenant>, job: Uuid) -> Result<Moved, Error> {
        let kind = tenant.handle.read::<_, Error>(|session| Ok(jobs::find(session, job)?.map(|job| job.kind)))?;
        match kind {
            Some(JobKind::Import) => import::step(tenant, job, &self.teller),
            Some(JobKind::Export) => export::step(tenant, job, &self.cursor_key),
            None => Ok(Moved::Ended),
        }
    }
}

struct Rounds {
    runtime: Arc<Runtime>,
    carrier: Carrier,
    wake: Arc<Wake>,
}

impl Rounds {
    fn run(&self) {
        self.find_unfinished();
        let mut next_round = Instant::now();
        let mut unfinished = HashSet::new();
        loop {
            let until = if unfinished.is_empty() { next_round } else { Instant::now() };
            let Some(mut names) = self.wake.wait(until) else { return };
            names.extend(std::mem::take(&mut unfinished));
            if Instant::now() >= next_round {
                next_round = Instant::now() + ROUND;
                names.extend(self.runtime.loaded().iter().map(|tenant| tenant.name.clone()));
            }
            for name in names {
                match self.serve(&name) {
                    Ok(true) => drop(unfinished.insert(name)),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(tenant = %name, %error, "imports and exports are left for the next round");
                    }
                }
            }
        }
    }

    /// Brings into memory the tenants whose jobs had not ended when the last process did.
    fn find_unfinished(&self) {
        let names = match self.runtime.tenants() {
            Ok(tenants) => tenants.into_iter().map(|tenant| tenant.name),
            Err(error) => return tracing::error!(%error, "cannot list the tenants to look for open jobs"),
        };
        for name in names {
            if self.wake.is_stopped() {
                return;
            }
            let open = self.runtime.storage.tenant(&name).and_then(|handle| handle.read(jobs::open));
            match open {
                Ok(open) if !open.is_empty() => self.wake.poke(&name),
                Ok(_) => {}
                Err(error) => tracing::error!(tenant = %name, %error, "cannot look for open jobs"),
            }
        }
    }

    /// One part of every open job; true when there is more to do.
    fn serve(&self, name: &str) -> Result<bool, Error> {
        let tenant = self.runtime.tenant(name)?;
        let mut more = false;
        for job in tenant.handle.read(jobs::open)? {
            if self.wake.is_stopped() {
                return Ok(false);
            }
            more |= self.carrier.step(&tenant, job)? == Moved::On;
        }
        Ok(more)
    }
}
