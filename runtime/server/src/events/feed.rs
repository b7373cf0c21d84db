//! Which records were written, for all streams of a tenant: one thread reads the tables of events of tenants somebody
//! listens to, at once after a write of this process and twice a second for those of others.
//!
//! Knows no reader and no rights; that a record was written is told to nobody without a look through the read gate.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::watch;
use trellis_engine::{Error, Listening, Runtime, Tenant, outbox};
use uuid::Uuid;

/// How often the writes of other processes are looked for.
const ROUND: Duration = Duration::from_millis(500);
/// Writes read at once.
const AT_ONCE: u64 = 1_000;
/// Writes kept for streams that are slow.
const KEPT: usize = 10_000;
/// Numbers left out that are waited for, and for how long. On PostgreSQL a number is taken before its transaction ends,
/// and lost when it fails.
const MISSING: u64 = 1_000;
const PATIENCE: Duration = Duration::from_mins(1);

/// Documents name an object by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub object: Box<str>,
    pub record: Uuid,
}

/// The feeds somebody holds.
pub struct Feeds(Mutex<HashMap<Uuid, Weak<Feed>>>);

impl Feeds {
    pub fn new() -> Self {
        Self(Mutex::default())
    }

    /// The feed of a tenant; it holds what is written from now on. Waits for the database.
    pub fn join(&self, tenant: &Arc<Tenant>) -> Result<Arc<Feed>, Error> {
        let id = tenant.handle.id();
        if let Some(feed) = self.0.lock().get(&id).and_then(Weak::upgrade) {
            return Ok(feed);
        }
        let new = Arc::new(Feed::open(tenant)?);
        let mut open = self.0.lock();
        let feed = open.get(&id).and_then(Weak::upgrade).unwrap_or(new);
        open.insert(id, Arc::downgrade(&feed));
        Ok(feed)
    }

    fn held(&self) -> Vec<Arc<Feed>> {
        let mut open = self.0.lock();
        open.retain(|_, feed| feed.strong_count() > 0);
        open.values().filter_map(Weak::upgrade).collect()
    }
}

/// What was written in one tenant.
pub struct Feed {
    tenant: Arc<Tenant>,
    _listening: Listening,
    tail: Mutex<Tail>,
    ring: Mutex<Ring>,
    told: watch::Sender<u64>,
}

impl Feed {
    fn open(tenant: &Arc<Tenant>) -> Result<Self, Error> {
        let listening = tenant.listen();
        let newest = tenant.handle.read::<_, Error>(|session| Ok(outbox::newest(session, MISSING)?))?;
        let tail = Mutex::new(Tail::new(&newest, Instant::now()));
        let (ring, told) = (Mutex::default(), watch::Sender::new(0));
        Ok(Self { tenant: tenant.clone(), _listening: listening, tail, ring, told })
    }

    /// Where those begin that are not yet written.
    pub fn position(&self) -> u64 {
        self.ring.lock().next
    }

    /// What was written from there on, and where it ends; nothing where some of it is no longer kept.
    pub fn since(&self, position: u64) -> (Option<Vec<Written>>, u64) {
        let ring = self.ring.lock();
        (ring.since(position), ring.next)
    }

    /// Changes whenever something was written.
    pub fn told(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    fn read_on(&self) -> Result<(), Error> {
        let mut tail = self.tail.lock();
        loop {
            tail.forget(Instant::now());
            let (top, missing) = (tail.top, tail.missing());
            let written =
                self.tenant.handle.read::<_, Error>(|session| Ok(outbox::written(session, top, &missing, AT_ONCE)?))?;
            if written.is_empty() {
                return Ok(());
            }
            let is_all = (written.len() as u64) < AT_ONCE;
            for written in &written {
                tail.note(written.seq, Instant::now());
            }
            let mut ring = self.ring.lock();
            for written in written {
                ring.push(Written { object: written.object.into(), record: written.record });
            }
            self.told.send_replace(ring.next);
            if is_all {
                return Ok(());
            }
        }
    }
}

/// The last writes, numbered as they came.
#[derive(Default)]
struct Ring {
    next: u64,
    kept: VecDeque<Written>,
}

impl Ring {
    fn push(&mut self, written: Written) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(written);
        self.next += 1;
    }

    fn since(&self, position: u64) -> Option<Vec<Written>> {
        let count = usize::try_from(self.next - position).ok().filter(|count| *count <= self.kept.len())?;
        Some(self.kept.range(self.kept.len() - count..).cloned().collect())
    }
}

/// How far the table of events is read.
struct Tail {
    top: u64,
    /// Numbers below the top that were not there, and since when.
    missing: BTreeMap<u64, Instant>,
}

impl Tail {
    /// Everything is read; what is left out between the newest numbers may still come.
    fn new(newest: &[u64], now: Instant) -> Self {
        let first = newest.first().map_or(0, |first| first - 1);
        let mut tail = Self { top: first, missing: BTreeMap::new() };
        for seq in newest {
            tail.note(*seq, now);
        }
        tail
    }

    fn note(&mut self, seq: u64, now: Instant) {
        if self.missing.remove(&seq).is_some() || seq <= self.top {
            return;
        }
        let from = (self.top + 1).max(seq.saturating_sub(MISSING));
        self.missing.extend((from..seq).map(|missing| (missing, now)));
        self.top = seq;
    }

    fn missing(&self) -> Vec<u64> {
        self.missing.keys().copied().collect()
    }

    /// What has not come by now was never written.
    fn forget(&mut self, now: Instant) {
        self.missing.retain(|_, since| now.duration_since(*since) < PATIENCE);
        while self.missing.len() as u64 > MISSING {
            self.missing.pop_first();
        }
    }
}

/// The thread that reads; stops when dropped.
pub struct Follower {
    runtime: Arc<Runtime>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    pub fn start(runtime: Arc<Runtime>, feeds: Arc<Feeds>) -> std::io::Result<Self> {
        let changes = runtime.changes.clone();
        let follow = move || {
            let mut next_round = Instant::now() + ROUND;
            while let Some(names) = changes.wait(next_round) {
                let is_round = Instant::now() >= next_round;
                if is_round {
                    next_round = Instant::now() + ROUND;
                }
                for feed in feeds.held() {
                    if (is_round || names.contains(&feed.tenant.name))
                        && let Err(error) = feed.read_on()
                    {
                        tracing::warn!(tenant = %feed.tenant.name, %error, "cannot follow what is written");
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("events".into()).spawn(follow)?;
        Ok(Self { runtime, thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.runtime.changes.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that follows what is written panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_come_late_are_waited_for_but_not_for_ever() {
        let start = Instant::now();
        let mut tail = Tail::new(&[7, 8, 10], start);
        assert_eq!((tail.top, tail.missing()), (10, vec![9]));
        for seq in [11, 14, 9, 11] {
            tail.note(seq, start);
        }
        assert_eq!((tail.top, tail.missing()), (14, vec![12, 13]));
        tail.note(12, start);
        tail.note(16, start + PATIENCE / 2);
        tail.forget(start + PATIENCE);
        assert_eq!((tail.top, tail.missing()), (16, vec![15]));
        assert_eq!(Tail::new(&[], start).missing(), Vec::<u64>::new());
        let mut leap = Tail::new(&[1], start);
        leap.note(1_000_000, start);
        assert_eq!((leap.top, leap.missing.len() as u64), (1_000_000, MISSING));
    }

    #[test]
    fn who_is_too_slow_is_told_that_something_is_lost() {
        let mut ring = Ring::default();
        assert_eq!(ring.since(0), Some(Vec::new()));
        let written = |number: usize| Written { object: "o".into(), record: Uuid::from_u128(number as u128) };
        (0..=KEPT).for_each(|number| ring.push(written(number)));
        assert_eq!(ring.since(0), None);
        assert_eq!(ring.since(1).map(|all| all.len()), Some(KEPT));
        assert_eq!(ring.since(ring.next - 1), Some(vec![written(KEPT)]));
    }
}
