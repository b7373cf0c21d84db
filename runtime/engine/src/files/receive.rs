//! Taking a file in: measured, looked at and hashed as it comes, then put where it stays, then known of.
//!
//! In this order a crash leaves bytes that nobody knows of, never a file without its bytes.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use trellis_metadata::media::{MediaType, Sniffer, safe_name};
use trellis_storage::Storage;
use trellis_storage::files::{FileRow, Incoming, Key, new_file, waiting_files};
use uuid::Uuid;

use super::{Attachment, Target, picture};
use crate::caller::Caller;
use crate::records::Authority;
use crate::{Error, Runtime, Tenant};

/// Files one user may have sent that no record has taken yet, and their bytes.
const MOST_WAITING: u64 = 200;
const MOST_WAITING_BYTES: u64 = 2_000_000_000;

/// Why a file is not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the file is none of {accept}")]
    Type { accept: String },
    #[error("the file is no picture that can be read, or has more than {limit} pixels")]
    NoPicture { limit: u64 },
    #[error("too many files wait to be saved with a record")]
    TooManyWaiting,
}

/// A file that is coming in.
#[derive(Debug)]
pub struct Received {
    incoming: Incoming,
    sniffer: Sniffer,
    hasher: Sha256,
    limit: u64,
}

impl Received {
    /// At most `limit` bytes.
    pub fn begin(storage: &Storage, limit: u64) -> Result<Self, Error> {
        Ok(Self { incoming: storage.receive()?, sniffer: Sniffer::default(), hasher: Sha256::new(), limit })
    }

    /// Waits for the disk.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.incoming.size() + bytes.len() as u64 > self.limit {
            return Err(Refusal::TooLarge { limit: self.limit }.into());
        }
        self.sniffer.push(bytes);
        self.hasher.update(bytes);
        Ok(self.incoming.push(bytes)?)
    }

    pub fn is_empty(&self) -> bool {
        self.incoming.size() == 0
    }
}

/// Keeps a file for its sender until a record takes it. Waits for the disk and the database.
pub fn take_in(
    runtime: &Runtime,
    tenant: &Arc<Tenant>,
    caller: &Caller,
    target: &Target,
    received: Received,
    name: &str,
) -> Result<Attachment, Error> {
    let media = accepted(target, &received)?;
    if target.is_picture {
        picture::check(&received.incoming.bytes()?, media)?;
    }
    let user = caller.actor.user;
    let waiting = tenant.handle.read::<_, Error>(|session| Ok(waiting_files(session, user)?))?;
    let size = received.incoming.size();
    if waiting.count >= MOST_WAITING || waiting.bytes + size > MOST_WAITING_BYTES {
        return Err(Refusal::TooManyWaiting.into());
    }
    let file = FileRow {
        id: Uuid::now_v7(),
        object: target.object.clone(),
        field: target.field.clone(),
        record: None,
        name: safe_name(name, media),
        media: media.name().to_owned(),
        size,
        hash: received.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        uploaded_by: user,
        uploaded_at: caller.now,
        released_at: None,
    };
    let key = Key::new(tenant.handle.id(), file.id);
    runtime.storage.file_store().put(key, received.incoming)?;
    let row = file.clone();
    let known = tenant.write_blocking(caller.clone(), Authority::Caller, move |tx| {
        tx.with_session(|session| Ok(new_file(session, &row)?))
    });
    if let Err(error) = known {
        // Nobody will ever ask for it; what cannot be removed now, the doctor names.
        let _ = runtime.storage.file_store().remove(key.tenant, key.file);
        return Err(error);
    }
    Attachment::of(file)
}

fn accepted(target: &Target, received: &Received) -> Result<MediaType, Error> {
    let accept = &target.rule.accept;
    received.sniffer.finish().filter(|media| accept.contains(media)).ok_or_else(|| {
        let names: Vec<&str> = accept.iter().map(|media| media.name()).collect();
        Refusal::Type { accept: names.join(", ") }.into()
    })
}
