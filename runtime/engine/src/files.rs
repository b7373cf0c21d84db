//! Files of records. One is taken in for a field by who may write that field, and is his alone until a write of the
//! pipeline takes it into a record; from then on whoever may read the field of the record may read the file, asked anew
//! every time. What no record has any more goes after a time.

mod picture;
mod receive;
mod sweep;

use std::collections::HashMap;
use std::sync::Arc;

use trellis_metadata::media::MediaType;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Field, FileRule, Object, Verb};
use trellis_plan::request::{SelectColumn, SelectRequest, Trash};

use trellis_storage::Session;
use trellis_storage::files::{self, FileRow, Key, Store};
use uuid::Uuid;

pub use picture::{Picture, Variant, picture};
pub use receive::{Received, Refusal, take_in};
pub use sweep::sweep;

use crate::caller::Caller;
use crate::records::Reader;
use crate::tenant::Pinned;
use crate::{Error, Runtime, Tenant};

/// A file as its readers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub id: Uuid,
    pub name: String,
    pub media: MediaType,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub hash: String,
}

impl Attachment {
    fn of(row: FileRow) -> Result<Self, Error> {
        let media = MediaType::from_name(&row.media)
            .ok_or_else(|| Error::Internal(format!("the file {} has the unknown type {}", row.id, row.media)))?;
        Ok(Self { id: row.id, name: row.name, media, size: row.size, hash: row.hash })
    }
}

/// The field a file is sent for.
#[derive(Clone, Debug)]
pub struct Target {
    object: String,
    field: String,
    pub rule: FileRule,
    is_picture: bool,
}

/// The field of files that the caller may write, in some record at least.
pub fn target(pinned: &Pinned, caller: &Caller, object: &str, field: &str) -> Option<Target> {
    let object = pinned.snapshot.object_by_name(object)?;
    let field = object.field_by_name(field)?;
    let grants =
        |verb| caller.profile.grant(object.index, verb).is_some_and(|grant| grant.fields().contains(field.index));
    let rule = field.kind.file()?.clone();
    let may = field.writable() && (grants(Verb::Create) || grants(Verb::Update));
    may.then(|| Target {
        object: object.id.to_string(),
        field: field.id.to_string(),
        rule,
        is_picture: field.kind.is_picture(),
    })
}

/// The file, where the caller may read it now. Hidden, gone and never there are one.
pub fn find(session: &mut dyn Session, pinned: &Pinned, caller: &Caller, id: Uuid) -> Result<Attachment, Error> {
    let row = files::find_file(session, id)?.ok_or(Error::NotFound)?;
    let is_his = match row.record {
        Some(record) => row.released_at.is_none() && holds(session, pinned, caller, &row, record)?,
        None => row.released_at.is_none() && row.uploaded_by == caller.actor.user,
    };
    if is_his { Attachment::of(row) } else { Err(Error::NotFound) }
}

/// Does the caller read this file in this record.
fn holds(
    session: &mut dyn Session,
    pinned: &Pinned,
    caller: &Caller,
    row: &FileRow,
    record: Uuid,
) -> Result<bool, Error> {
    let Some((object, field)) = place(pinned, row) else { return Ok(false) };
    let grant = caller.profile.grant(object.index, Verb::Read);
    if !grant.is_some_and(|grant| grant.covers(field.index)) {
        return Ok(false);
    }
    let column = SelectColumn { field: field.index, name: field.name.to_string() };
    let request = SelectRequest {
        object: object.index,
        columns: vec![column],
        embeds: Vec::new(),
        filter: Predicate::Always(true),
        order: Vec::new(),
        limit: 1,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    };
    let page = Reader::new(pinned, caller).list(session, &request.only(record))?;
    let index = page.plan.columns.first().map(|column| column.index);
    Ok(page.rows.first().zip(index).is_some_and(|(found, index)| found.value(index).as_id() == Some(row.id)))
}

/// The field a file is in, while there is such a field.
fn place<'p>(pinned: &'p Pinned, row: &FileRow) -> Option<(&'p Object, &'p Field)> {
    let object = pinned.snapshot.objects.iter().find(|object| object.id.as_str() == row.object)?;
    let field = object.fields.iter().find(|field| field.id.as_str() == row.field)?;
    field.kind.file().map(|_| (object, field))
}

/// What files are called whose ids the caller has read.
pub fn names(session: &mut dyn Session, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, Error> {
    Ok(files::file_rows(session, ids)?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The bytes of a file, to be read in parts. Waits for a disk or a network.
#[derive(Clone)]
pub struct Content {
    store: Arc<dyn Store>,
    key: Key,
    pub size: u64,
}

impl Content {
    /// None where the bytes are missing.
    pub fn of(runtime: &Runtime, tenant: &Tenant, id: Uuid) -> Result<Option<Self>, Error> {
        let (store, key) = (runtime.storage.file_store().clone(), Key::new(tenant.handle.id(), id));
        Ok(store.size(key)?.map(|size| Self { store, key, size }))
    }

    pub fn read(&self, at: u64, length: usize) -> Result<Vec<u8>, Error> {
        Ok(self.store.read(self.key, at, length)?)
    }
}
