//! The files of the records written: taken from who sent them, let go of where another value takes their place.

use trellis_metadata::snapshot::{ChangeKind, Field, Object};
use trellis_storage::files::{self, FileRow};
use uuid::Uuid;

use super::check;
use super::draft::Draft;
use super::prepare::rights_apply;
use super::transaction::Transaction;
use crate::{Error, Finding, FindingCode};

/// A deleted record keeps its files: it may come back.
pub fn settle(tx: &Transaction<'_>, draft: &Draft, findings: &mut Vec<Finding>) -> Result<(), Error> {
    if draft.kind == ChangeKind::Delete {
        return Ok(());
    }
    let object = tx.object(draft.object);
    let holding = object.fields.iter().filter(|field| field.kind.file().is_some());
    for field in holding.filter(|field| draft.changed(field.index)) {
        if let Some(file) = draft.after.get(field.index).as_id()
            && !take(tx, object, field, file, draft.after.id())?
        {
            findings.push(Finding::new(check::pointer(tx, draft, field.index), FindingCode::UnknownFile));
        }
        if let Some(file) = draft.before.as_ref().and_then(|before| before.get(field.index).as_id()) {
            tx.with_session(|session| Ok(files::release_file(session, file, draft.after.id(), tx.caller.now)?))?;
        }
    }
    Ok(())
}

/// Gives the record a file that was sent for this field and that nobody else has; false where it is not to be had.
fn take(tx: &Transaction<'_>, object: &Object, field: &Field, file: Uuid, record: Uuid) -> Result<bool, Error> {
    let sent_for_it = |row: &FileRow| row.object == object.id.as_str() && row.field == field.id.as_str();
    tx.with_session(|session| {
        let Some(row) = files::find_file(session, file)?.filter(sent_for_it) else { return Ok(false) };
        match row.record {
            // Its own, from before.
            Some(owner) => Ok(owner == record && files::keep_file(session, file, record)?),
            None if rights_apply(tx) && row.uploaded_by != tx.caller.actor.user => Ok(false),
            None => Ok(files::claim_file(session, file, record)?),
        }
    })
}
