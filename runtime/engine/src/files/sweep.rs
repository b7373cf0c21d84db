//! Letting files go that no record has any more. First they are forgotten, then their bytes are removed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use trellis_metadata::snapshot::{Field, Object};
use trellis_storage::Session;
use trellis_storage::files::{abandoned_files, forget_file, released_files, unclaimed_files};
use uuid::Uuid;

use crate::caller::Caller;
use crate::records::{Authority, Transaction};
use crate::{Error, Runtime, Tenant};

/// What was sent is saved with a record within this time.
const CLAIMED_WITHIN: TimeDelta = TimeDelta::hours(24);
/// What a record let go of stays so long, so that a mistake can be mended.
const QUARANTINE: TimeDelta = TimeDelta::days(30);
/// Files that go in one transaction.
const BATCH: u64 = 200;

/// Lets go of what is due; answers with the number of files removed.
pub fn sweep(runtime: &Runtime, tenant: &Arc<Tenant>, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut gone = 0;
    loop {
        let forgotten = tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
            let due = due(tx, now)?;
            due.iter().try_for_each(|id| tx.with_session(|session| Ok(forget_file(session, *id)?)))?;
            Ok(due)
        })?;
        for id in &forgotten {
            runtime.storage.file_store().remove(tenant.handle.id(), *id)?;
        }
        gone += forgotten.len() as u64;
        if (forgotten.len() as u64) < BATCH {
            return Ok(gone);
        }
    }
}

/// Some of the files that may go.
fn due(tx: &Transaction<'_>, now: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let mut due = tx.with_session(|session| {
        let mut due = unclaimed_files(session, before(now, CLAIMED_WITHIN), BATCH)?;
        due.extend(abandoned_files(session, before(now, QUARANTINE), BATCH)?);
        Ok(due)
    })?;
    for object in &tx.snapshot().objects {
        for field in object.fields.iter().filter(|field| field.kind.file().is_some()) {
            let Some(time) = kept_for(object, field) else { continue };
            let place = (object.id.as_str(), field.id.as_str());
            let released = |session: &mut dyn Session| Ok(released_files(session, place, before(now, time), BATCH)?);
            due.extend(tx.with_session(released)?);
        }
    }
    due.truncate(BATCH as usize);
    Ok(due)
}

/// How long a file stays that its record let go of: as long as the history of the field names it. None is for ever.
fn kept_for(object: &Object, field: &Field) -> Option<TimeDelta> {
    if !(object.history && field.history) {
        return Some(QUARANTINE);
    }
    let days = object.retention.history_days?;
    Some(TimeDelta::days(i64::from(days)).max(QUARANTINE))
}

fn before(now: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
    now.checked_sub_signed(time).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
