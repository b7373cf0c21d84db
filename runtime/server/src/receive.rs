//! Bytes of a request on their way to a file, without holding more than a part of them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::files::{self, Attachment, Received, Target};
use trellis_engine::{Caller, Runtime, Tenant};

use crate::exchange::blocking;

/// Bytes that are written in one go.
const PART: usize = 256 * 1024;
/// A sender who is silent for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// What comes next; an error where it is broken off.
pub async fn next<E>(stream: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) -> Result<Option<Bytes>, Problem> {
    match actix_web::rt::time::timeout(PATIENCE, stream.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
        Ok(Some(Err(_))) | Err(_) => Err(Problem::new(ErrorCode::InvalidRequest)),
    }
}

/// All of a stream, at most `limit` bytes.
pub async fn receive<E>(
    runtime: &Arc<Runtime>,
    limit: u64,
    stream: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<Received, Problem> {
    let begun = runtime.clone();
    let mut received = blocking(move || Received::begin(&begun.storage, limit)).await?;
    let mut part = Vec::new();
    loop {
        let bytes = next(stream).await?;
        let is_last = bytes.is_none();
        part.extend_from_slice(&bytes.unwrap_or_default());
        if is_last || part.len() >= PART {
            let full = std::mem::take(&mut part);
            received = blocking(move || received.push(&full).map(|()| received)).await?;
        }
        if is_last {
            return Ok(received);
        }
    }
}

/// Keeps what was received for the caller.
pub async fn take_in(
    runtime: &Arc<Runtime>,
    tenant: &Arc<Tenant>,
    caller: &Caller,
    target: Target,
    received: Received,
    name: String,
) -> Result<Attachment, Problem> {
    let (runtime, tenant, caller) = (runtime.clone(), tenant.clone(), caller.clone());
    blocking(move || files::take_in(&runtime, &tenant, &caller, &target, received, &name)).await
}
