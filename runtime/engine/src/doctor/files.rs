//! Are the files there that are known, and known that are there.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use trellis_storage::files::{FileRow, Key, all_files};
use uuid::Uuid;

use super::{Ailment, Depth};
use crate::{Error, Runtime, Tenant};

const CHECK: &str = "files";
/// Rows read, and bytes hashed, in one go.
const ROWS: u64 = 1_000;
const PART: usize = 256 * 1024;
/// Of one kind of finding so many are named.
const NAMED: usize = 20;

pub fn files(runtime: &Runtime, tenant: &Tenant, depth: Depth) -> Result<Vec<Ailment>, Error> {
    let id = tenant.handle.id();
    // First, so that what comes in meanwhile is known of and not taken for lost.
    let mut there = runtime.storage.file_store().list(id)?;
    let (mut missing, mut changed) = (Vec::new(), Vec::new());
    let mut after = Uuid::nil();
    loop {
        let rows = tenant.handle.read::<_, Error>(|session| Ok(all_files(session, after, ROWS)?))?;
        for row in &rows {
            match there.remove(&row.id) {
                Some(size) if size == row.size && (depth == Depth::Quick || is_whole(runtime, id, row)?) => {}
                Some(_) => changed.push(row.clone()),
                // Let in since the list was made.
                None if runtime.storage.file_store().size(Key::new(id, row.id))?.is_some() => {}
                None => missing.push(row.clone()),
            }
        }
        match rows.last() {
            Some(last) => after = last.id,
            None => break,
        }
    }
    let mut found = told(missing.iter().map(|row| {
        let cause = format!("{}, of {}, has no bytes: {} is not there", row.name, owner(row), Key::new(id, row.id));
        Ailment::error(CHECK, cause, "put it back from a copy, or give the record another file")
    }));
    found.extend(told(changed.iter().map(|row| {
        let cause = format!("{}, of {}, is not what was sent: {}", row.name, owner(row), Key::new(id, row.id));
        Ailment::error(CHECK, cause, "put it back from a copy, or give the record another file")
    })));
    found.extend(orphans(id, &there));
    Ok(found)
}

fn orphans(tenant: Uuid, there: &BTreeMap<Uuid, u64>) -> Vec<Ailment> {
    told(there.iter().map(|(file, size)| {
        let cause = format!("{} ({size} bytes) is known to no record and no sender", Key::new(tenant, *file));
        Ailment::warning(CHECK, cause, "remove it, unless the database was put back from an older copy than the files")
    }))
}

fn owner(row: &FileRow) -> String {
    match row.record {
        Some(record) if row.released_at.is_none() => format!("{}.{} of {record}", row.object, row.field),
        _ => format!("{}.{} of no record now", row.object, row.field),
    }
}

/// The first of them, and how many more there are.
fn told(all: impl ExactSizeIterator<Item = Ailment>) -> Vec<Ailment> {
    let more = all.len().saturating_sub(NAMED);
    let mut named: Vec<Ailment> = all.take(NAMED).collect();
    if let (Some(last), true) = (named.last_mut(), more > 0) {
        last.cause.push_str(&format!("; and {more} more like it"));
    }
    named
}

fn is_whole(runtime: &Runtime, tenant: Uuid, row: &FileRow) -> Result<bool, Error> {
    let (store, key) = (runtime.storage.file_store(), Key::new(tenant, row.id));
    let mut hasher = Sha256::new();
    let mut at = 0;
    while at < row.size {
        let bytes = store.read(key, at, PART)?;
        if bytes.is_empty() {
            return Ok(false);
        }
        at += bytes.len() as u64;
        hasher.update(&bytes);
    }
    let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(hash == row.hash)
}
