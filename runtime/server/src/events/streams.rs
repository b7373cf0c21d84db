//! The streams that are open, and those whose reader may come back: how many each may hold, and what was told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};
use trellis_api::{ErrorCode, Problem};
use uuid::Uuid;

use super::feed::Feeds;
use super::subscription::{EventId, Subject, Subscription};

/// Streams a member, and a tenant, may hold open.
const OF_MEMBER: usize = 10;
const OF_TENANT: usize = 200;
/// How long a stream waits for its reader.
const LINGER: Duration = Duration::from_mins(1);
/// Looks at once; each takes a processor.
const LOOKS: usize = 2;

pub struct Streams {
    pub feeds: Arc<Feeds>,
    pub looks: Semaphore,
    open: Mutex<HashMap<Uuid, Open>>,
    is_closed: watch::Sender<bool>,
}

/// What a stream told; nothing when another connection took it up.
pub type Held = Arc<Mutex<Option<Subscription>>>;

struct Open {
    tenant: Uuid,
    user: Uuid,
    held: Held,
    /// When its reader left.
    left: Option<Instant>,
}

impl Streams {
    pub fn new(feeds: Arc<Feeds>) -> Arc<Self> {
        let (looks, is_closed) = (Semaphore::new(LOOKS), watch::Sender::new(false));
        Arc::new(Self { feeds, looks, open: Mutex::default(), is_closed })
    }

    /// Ends all streams.
    pub fn close(&self) {
        self.is_closed.send_replace(true);
    }

    pub fn closed(&self) -> watch::Receiver<bool> {
        self.is_closed.subscribe()
    }

    /// Streams with a reader.
    pub fn count(&self) -> usize {
        self.open.lock().values().filter(|open| open.left.is_none()).count()
    }

    /// What the stream told that its reader comes back to; whoever reads it still is cut off.
    pub fn take(&self, last: EventId, subject: &Subject) -> Option<Subscription> {
        let mut open = self.open.lock();
        let found = open.get(&last.stream)?.held.clone();
        let mut held = found.lock();
        if held.as_ref().is_none_or(|subscription| subscription.subject != *subject) {
            return None;
        }
        open.remove(&last.stream);
        held.take()
    }

    /// Keeps a stream open until the place is dropped, and for a while after.
    pub fn hold(self: &Arc<Self>, subscription: Subscription) -> Result<Place, Problem> {
        let mut open = self.open.lock();
        open.retain(|_, open| open.left.is_none_or(|left| left.elapsed() < LINGER));
        let Subject { tenant, user, .. } = subscription.subject;
        let read = |open: &&Open| open.left.is_none() && open.tenant == tenant;
        let of_tenant = open.values().filter(read).count();
        let of_member = open.values().filter(read).filter(|open| open.user == user).count();
        for (count, limit) in [(of_member, OF_MEMBER), (of_tenant, OF_TENANT)] {
            if count >= limit {
                return Err(Problem::new(ErrorCode::TooManyStreams).with("limit", limit));
            }
        }
        forget_oldest(&mut open, tenant);
        let (stream, held) = (subscription.id, Arc::new(Mutex::new(Some(subscription))));
        open.insert(stream, Open { tenant, user, held: held.clone(), left: None });
        Ok(Place { streams: self.clone(), stream, held })
    }
}

/// Of a tenant no more wait for their readers than may have one.
fn forget_oldest(open: &mut HashMap<Uuid, Open>, tenant: Uuid) {
    let waiting = open.iter().filter(|(_, open)| open.tenant == tenant);
    let mut waiting: Vec<(Instant, Uuid)> = waiting.filter_map(|(id, open)| Some((open.left?, *id))).collect();
    waiting.sort_unstable();
    for (_, id) in waiting.iter().rev().skip(OF_TENANT) {
        open.remove(id);
    }
}

/// A stream that is being read.
pub struct Place {
    streams: Arc<Streams>,
    stream: Uuid,
    pub held: Held,
}

impl Place {
    /// Its reader came back over another connection.
    pub fn is_lost(&self) -> bool {
        self.held.lock().is_none()
    }

    /// Nobody may come back to it.
    pub fn end(&self) {
        self.held.lock().take();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock();
        if self.held.lock().is_none() {
            // Another may hold a stream of this name by now.
            if open.get(&self.stream).is_some_and(|open| Arc::ptr_eq(&open.held, &self.held)) {
                open.remove(&self.stream);
            }
        } else if let Some(open) = open.get_mut(&self.stream) {
            open.left = Some(Instant::now());
        }
    }
}
