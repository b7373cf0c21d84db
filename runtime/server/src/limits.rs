//! How many requests a second are answered: for one network address, one member, one tenant. Off unless asked for.
//!
//! Each limit is a budget that fills steadily and holds two seconds' worth, so that short bursts pass. What a body or an
//! unproven token claims counts for nothing. Knows no route and no permission.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use trellis_api::{ErrorCode, Problem};
use uuid::Uuid;

/// Seconds' worth of requests that may come at once.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
/// Keys kept before those that are full again are let go.
const CAPACITY: usize = 10_000;

#[derive(Args, Clone, Debug, Default)]
pub struct LimitArgs {
    /// Requests a second of one network address, whoever asks.
    #[arg(long = "limit-address", env = "TRELLIS_LIMIT_ADDRESS", value_name = "N")]
    address: Option<NonZeroU32>,
    /// Requests a second of one member of a tenant, over all his sessions and tokens.
    #[arg(long = "limit-member", env = "TRELLIS_LIMIT_MEMBER", value_name = "N")]
    member: Option<NonZeroU32>,
    /// Requests a second of one tenant, so that no neighbour waits for it.
    #[arg(long = "limit-tenant", env = "TRELLIS_LIMIT_TENANT", value_name = "N")]
    tenant: Option<NonZeroU32>,
}

pub struct Limits {
    address: Limit<IpAddr>,
    member: Limit<(Uuid, Uuid)>,
    tenant: Limit<Uuid>,
}

impl Limits {
    pub fn new(args: &LimitArgs) -> Self {
        Self {
            address: Limit::new("address", args.address),
            member: Limit::new("member", args.member),
            tenant: Limit::new("tenant", args.tenant),
        }
    }

    /// Before anything is looked up.
    pub fn admit_address(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        address.map_or(Ok(()), |address| self.address.admit(&address))
    }

    /// Of a caller who is known; his own budget first, so that one flooding member does not use up his tenant's.
    pub fn admit_member(&self, tenant: Uuid, user: Uuid) -> Result<(), Problem> {
        self.member.admit(&(tenant, user))?;
        self.tenant.admit(&tenant)
    }

    /// How many requests each limit refused since the start.
    pub fn refused(&self) -> [(&'static str, u64); 3] {
        [self.address.refused(), self.member.refused(), self.tenant.refused()]
    }
}

type Buckets<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

struct Limit<K: Hash + Eq + Clone> {
    of: &'static str,
    /// And how many requests a second each takes.
    buckets: Option<(Buckets<K>, NonZeroU32)>,
    refused: AtomicU64,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(of: &'static str, per_second: Option<NonZeroU32>) -> Self {
        let buckets = per_second.map(|limit| {
            let quota = Quota::per_second(limit).allow_burst(limit.saturating_mul(BURST));
            (RateLimiter::keyed(quota), limit)
        });
        Self { of, buckets, refused: AtomicU64::default() }
    }

    fn admit(&self, key: &K) -> Result<(), Problem> {
        let Some((buckets, per_second)) = &self.buckets else { return Ok(()) };
        let Err(early) = buckets.check_key(key) else { return Ok(()) };
        self.refused.fetch_add(1, Ordering::Relaxed);
        if buckets.len() > CAPACITY {
            buckets.retain_recent();
        }
        let wait = early.wait_time_from(DefaultClock::default().now());
        Err(too_many(wait).with("limit", per_second).with("of", self.of))
    }

    fn refused(&self) -> (&'static str, u64) {
        (self.of, self.refused.load(Ordering::Relaxed))
    }
}

/// The refusal that tells how long to wait, in whole seconds.
pub fn too_many(wait: Duration) -> Problem {
    Problem::new(ErrorCode::TooManyRequests).with("seconds", wait.as_secs().max(1))
}
