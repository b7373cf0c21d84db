//! Tells the workflow worker of this process that a tenant has something to do, so that it need not look all the time.
//!
//! A hint and no more: what a poke was lost for is found by the worker's next round.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

#[derive(Debug, Default)]
pub struct Wake {
    asked: Mutex<Asked>,
    signal: Condvar,
}

#[derive(Debug, Default)]
struct Asked {
    tenants: HashSet<String>,
    stop: bool,
}

impl Wake {
    pub fn poke(&self, tenant: &str) {
        let mut asked = self.asked.lock();
        if !asked.tenants.contains(tenant) {
            asked.tenants.insert(tenant.to_owned());
        }
        drop(asked);
        self.signal.notify_one();
    }

    /// Ends every present and later [`wait`](Self::wait).
    pub fn stop(&self) {
        self.asked.lock().stop = true;
        self.signal.notify_all();
    }

    pub fn is_stopped(&self) -> bool {
        self.asked.lock().stop
    }

    /// The tenants poked since the last call; waits until there are some, but not beyond `until`. `None`: stop.
    pub fn wait(&self, until: Instant) -> Option<HashSet<String>> {
        let mut asked = self.asked.lock();
        while asked.tenants.is_empty() && !asked.stop && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.signal.wait_for(&mut asked, left);
        }
        if asked.stop { None } else { Some(std::mem::take(&mut asked.tenants)) }
    }
}
