//! Records of a stream as they are now, read through the gate and rendered.

use trellis_engine::records::{Page, Reader};
use trellis_engine::request::{MAX_LIMIT, SelectRequest};
use trellis_engine::{Error, TenantHandle};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::subscription::MAX_RECORDS;
use crate::render;

/// Ids a statement names.
const AT_ONCE: usize = 100;

/// Which records may be other than they were.
#[derive(Clone, Debug)]
pub enum Doubtful {
    All,
    These(Vec<Uuid>),
}

/// A record the reader sees.
pub struct Seen {
    pub id: Uuid,
    pub json: Vec<u8>,
}

/// Those of the doubtful records that are in the list.
pub fn look(
    handle: &TenantHandle,
    reader: &Reader<'_>,
    request: &SelectRequest,
    doubtful: &Doubtful,
) -> Result<Vec<Seen>, Error> {
    match doubtful {
        Doubtful::All => all(handle, reader, request),
        Doubtful::These(ids) => {
            let mut seen = Vec::new();
            for ids in ids.chunks(AT_ONCE) {
                let request = request.clone().among(&padded(ids));
                let page = handle.read(|session| reader.list(session, &request))?;
                keep(&page, &request, &mut seen)?;
            }
            Ok(seen)
        }
    }
}

fn all(handle: &TenantHandle, reader: &Reader<'_>, request: &SelectRequest) -> Result<Vec<Seen>, Error> {
    let mut request = SelectRequest { limit: MAX_LIMIT, ..request.clone() };
    let mut seen = Vec::new();
    loop {
        let page = handle.read(|session| reader.list(session, &request))?;
        keep(&page, &request, &mut seen)?;
        if seen.len() > MAX_RECORDS {
            return Err(Error::TooLarge { what: "records", limit: MAX_RECORDS as u32 });
        }
        if page.rows.len() < MAX_LIMIT as usize {
            return Ok(seen);
        }
        request.after = page.continuation();
    }
}

fn keep(page: &Page, request: &SelectRequest, seen: &mut Vec<Seen>) -> Result<(), Error> {
    let id = page.plan.id;
    for (row, json) in page.rows.iter().zip(render::each(page, request)?) {
        if let Value::Id(id) = row.value(id) {
            seen.push(Seen { id, json });
        }
    }
    Ok(())
}

/// Few lengths, so that few different statements are prepared.
fn padded(ids: &[Uuid]) -> Vec<Uuid> {
    let length = if ids.len() <= 1 { ids.len() } else { ids.len().next_power_of_two().min(AT_ONCE) };
    ids.iter().copied().chain(std::iter::repeat(ids[ids.len() - 1])).take(length).collect()
}
