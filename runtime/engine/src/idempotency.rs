//! Requests with a key of the caller's choice: carried out once, answered alike however often they are sent.
//!
//! The answer is kept in the transaction of the write it belongs to, so that neither can be lost without the other.
//! A refused request writes nothing and keeps nothing: its key stays free. Knows of an answer only its status and a
//! text.

use chrono::{TimeDelta, Utc};
use sha2::{Digest, Sha256};
use trellis_storage::{Error as StorageError, TenantHandle, claim_key, forget_answers, keep_answer, kept_answer};

use crate::Error;
use crate::caller::Caller;
use crate::records::{Authority, Transaction};
use crate::tenant::Tenant;

/// Longest key.
pub const MAX_KEY: usize = 200;
/// Answers are kept for at least seven days.
const KEPT: TimeDelta = TimeDelta::days(8);

/// A key with what it was sent for.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    key: String,
    digest: String,
}

/// An answer as it was given first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub status: u16,
    pub response: String,
}

impl KeyedRequest {
    /// `None` where the key is empty, too long, or not of visible ASCII. The parts are what the request consists of.
    pub fn new(key: &str, parts: &[&[u8]]) -> Option<Self> {
        let is_sound = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        is_sound.then(|| Self { key: key.to_owned(), digest })
    }

    /// The answer given before, if any.
    pub fn find(&self, handle: &TenantHandle, caller: &Caller) -> Result<Option<Kept>, Error> {
        handle.read(|session| self.judge(kept_answer(session, caller.actor.user, &self.key)?))
    }

    /// Takes the key for this transaction, or finds the answer that came first.
    pub fn claim(&self, tx: &Transaction<'_>) -> Result<Option<Kept>, Error> {
        let user = tx.caller.actor.user;
        tx.with_session(|session| {
            match claim_key(session, user, &self.key, &self.digest, tx.caller.now) {
                Ok(true) => Ok(None),
                Ok(false) => self.judge(kept_answer(session, user, &self.key)?),
                // It waited for whoever holds the key, as long as anything may wait.
                Err(StorageError::Deadline) => Err(Error::InFlight),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Keeps the answer of the transaction that claimed the key.
    pub fn keep(&self, tx: &Transaction<'_>, status: u16, response: &str) -> Result<(), Error> {
        let user = tx.caller.actor.user;
        tx.with_session(|session| Ok(keep_answer(session, user, &self.key, status, response)?))
    }

    fn judge(&self, found: Option<trellis_storage::KeptAnswer>) -> Result<Option<Kept>, Error> {
        let Some(found) = found else { return Ok(None) };
        if found.digest != self.digest {
            return Err(Error::KeyReused);
        }
        let status =
            u16::try_from(found.status).map_err(|_| Error::Internal("a kept status is out of range".into()))?;
        Ok(Some(Kept { status, response: found.response }))
    }
}

/// Forgets the tenant's answers that are old enough.
pub fn sweep(tenant: &std::sync::Arc<Tenant>) -> Result<u64, Error> {
    let before = Utc::now() - KEPT;
    tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, move |tx| {
        tx.with_session(|session| Ok(forget_answers(session, before)?))
    })
}
