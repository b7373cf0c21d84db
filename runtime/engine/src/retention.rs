//! What an object keeps for a time only: deleted records, and the history of all.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::value::Value;

use crate::Error;
use crate::caller::Caller;
use crate::records::{Authority, purge_before};
use crate::tenant::Tenant;

/// Deleted records that go in one transaction.
const BATCH: u64 = 200;
/// Events that go in one transaction.
const EVENTS_AT_ONCE: u64 = 5_000;

/// Lets go of what is due; answers with the number of deleted records that were removed.
pub fn sweep(tenant: &Arc<Tenant>, now: DateTime<Utc>) -> Result<u64, Error> {
    let pinned = tenant.pin();
    let mut gone = 0;
    for object in &pinned.snapshot.objects {
        if let Some(days) = object.retention.deleted_days {
            gone += empty_bin(tenant, &object.id, before(now, days))?;
        }
        if let Some(days) = object.retention.history_days {
            let slots = [Value::text(object.id.as_str()), Value::DateTime(before(now, days))];
            tenant.write_blocking(Caller::system(&pinned), Authority::System, move |tx| {
                tx.execute(&*tx.pinned.statements.forget_history_before(tx.snapshot())?, &slots)
            })?;
        }
    }
    Ok(gone)
}

/// Days an import can be taken back, or the file of an export fetched.
const JOBS_KEPT: u32 = 30;

/// Forgets imports and exports that ended long ago.
pub fn forget_jobs(tenant: &Arc<Tenant>, now: DateTime<Utc>) -> Result<u64, Error> {
    let moment = before(now, JOBS_KEPT);
    tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
        tx.with_session(|session| Ok(trellis_storage::jobs::forget(session, moment)?))
    })
}

/// Days that it is known of a write that it happened, for workflows and streams of events; history is another thing.
const EVENTS_KEPT: u32 = 30;

/// Forgets events of long ago that nothing waits for.
pub fn forget_events(tenant: &Arc<Tenant>, now: DateTime<Utc>) -> Result<u64, Error> {
    let moment = before(now, EVENTS_KEPT);
    let mut gone = 0;
    loop {
        let count = tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
            tx.with_session(|session| Ok(trellis_storage::outbox::forget(session, moment, EVENTS_AT_ONCE)?))
        })?;
        gone += count;
        if count < EVENTS_AT_ONCE {
            return Ok(gone);
        }
    }
}

fn empty_bin(tenant: &Arc<Tenant>, object: &Identifier, moment: DateTime<Utc>) -> Result<u64, Error> {
    let mut gone = 0;
    loop {
        let id = object.clone();
        let count = tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
            let found = tx.snapshot().objects.iter().find(|object| object.id == id);
            found.map_or(Ok(0), |object| purge_before(tx, object.index, moment, BATCH))
        })?;
        gone += count;
        if count < BATCH {
            return Ok(gone);
        }
    }
}

fn before(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
