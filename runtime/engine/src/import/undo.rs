//! Takes an import back, the last part first: what it created is deleted, what it changed gets its former values.
//!
//! A record that was changed since, by whomever, is left as it is and counted.

use trellis_metadata::snapshot::Object;
use trellis_storage::Job;
use trellis_storage::jobs;
use uuid::Uuid;

use super::Progress;
use super::outcome::Outcome;
use crate::Error;
use crate::records::{Change, Transaction, revert, save_all};

pub fn take_back(tx: &Transaction<'_>, job: &Job, object: &Object, at: &mut Progress) -> Result<(), Error> {
    at.next -= 1;
    let part = tx.with_session(|session| Ok(jobs::part(session, job.id, at.next)?))?;
    let text = part.and_then(|part| part.outcome).unwrap_or_else(|| "{}".to_owned());
    let outcome: Outcome = read(&text)?;
    let mut changes = Vec::new();
    for (id, was, now) in outcome.updated.iter().rev() {
        match is_at(tx, object, *id, *now)?.then(|| revert(tx, object.index, *id, *was, None, Some(*now))) {
            Some(Ok(change)) => changes.push(change),
            // Its history is not kept, or it is not his to change any more.
            Some(Err(Error::NotFound | Error::Forbidden(_))) | None => at.kept += 1,
            Some(Err(error)) => return Err(error),
        }
    }
    for (id, version) in outcome.created.iter().rev() {
        if is_at(tx, object, *id, *version)? {
            changes.push(Change::Delete { object: object.index, id: *id, expected: Some(*version) });
        } else {
            at.kept += 1;
        }
    }
    let mut batches = vec![changes];
    while let Some(batch) = batches.pop() {
        batches.extend(undo_batch(tx, batch, at)?.into_iter().rev());
    }
    Ok(())
}

fn read(text: &str) -> Result<Outcome, Error> {
    serde_json::from_str(text).map_err(|_| Error::Internal("the outcome of a part is not readable".into()))
}

/// Nobody has changed it since.
fn is_at(tx: &Transaction<'_>, object: &Object, id: Uuid, version: i64) -> Result<bool, Error> {
    Ok(tx.load(object.index, id)?.is_some_and(|image| image.version() == version))
}

/// All of it, or the halves that are to be tried; one alone that cannot be taken back stays.
fn undo_batch(tx: &Transaction<'_>, batch: Vec<Change>, at: &mut Progress) -> Result<Vec<Vec<Change>>, Error> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let count = batch.len();
    let numbered = batch.iter().cloned().enumerate().map(|(row, change)| (change, format!("/{row}")));
    let changes: Vec<(Change, String)> = numbered.collect();
    match tx.attempt(|| save_all(tx, changes))? {
        Ok(_) => {
            at.undone += count as u64;
            Ok(Vec::new())
        }
        Err(_) if count == 1 => {
            at.kept += 1;
            Ok(Vec::new())
        }
        Err(_) => {
            let mut first = batch;
            let rest = first.split_off(count.div_ceil(2));
            Ok(vec![first, rest])
        }
    }
}
