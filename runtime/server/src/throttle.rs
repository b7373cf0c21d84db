//! Failed logins per network address: who guesses waits. What a body claims (an e-mail, a tenant) counts for nothing, so
//! that nobody can lock another out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use parking_lot::Mutex;
use trellis_api::Problem;

use crate::limits::too_many;

/// Failures of one address before it has to wait.
const FAILURES: u32 = 20;
/// How long they count.
const WINDOW: Duration = Duration::from_mins(1);
/// Addresses kept before old ones are swept.
const CAPACITY: usize = 10_000;

#[derive(Default)]
pub struct Throttle {
    /// A proxy of ours stands in front and says where requests come from.
    behind_proxy: bool,
    failed: Mutex<HashMap<IpAddr, Failed>>,
}

#[derive(Clone, Copy)]
struct Failed {
    since: Instant,
    count: u32,
}

impl Throttle {
    pub fn new(behind_proxy: bool) -> Self {
        Self { behind_proxy, ..Self::default() }
    }

    /// Where the request comes from; of an IPv6 address only the network, since a host has many.
    pub fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        let forwarded = || {
            let header = request.headers().get("x-forwarded-for")?.to_str().ok()?;
            header.rsplit(',').next()?.trim().parse().ok()
        };
        let address = if self.behind_proxy { forwarded().unwrap_or(peer) } else { peer };
        Some(match address {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
            address @ IpAddr::V4(_) => address,
        })
    }

    /// Refused while the address has failed too often.
    pub fn admit(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        let now = Instant::now();
        let failed = address.and_then(|address| self.failed.lock().get(&address).copied());
        match failed {
            Some(failed) if failed.count >= FAILURES && now - failed.since < WINDOW => Err(too_many(WINDOW)),
            _ => Ok(()),
        }
    }

    pub fn fail(&self, address: Option<IpAddr>) {
        let (Some(address), now) = (address, Instant::now()) else { return };
        let mut all = self.failed.lock();
        if all.len() >= CAPACITY {
            all.retain(|_, failed| now - failed.since < WINDOW);
        }
        let failed = all.entry(address).or_insert(Failed { since: now, count: 0 });
        if now - failed.since >= WINDOW {
            *failed = Failed { since: now, count: 0 };
        }
        failed.count += 1;
    }
}
