//! A record named by one of its keys, as somebody who may read it would name it.

use trellis_metadata::field_type::parse_text;
use trellis_metadata::snapshot::{Field, FieldIndex, Object};
use uuid::Uuid;

use super::permit;
use super::prepare::rights_apply;
use super::transaction::Transaction;
use crate::Error;

/// The live record of `target` that `text` names: by `key`, or by its id, a key of its own, or its name where only one
/// has it. A record whose key the caller cannot read is none.
pub fn referred(
    tx: &Transaction<'_>,
    target: &Object,
    key: Option<FieldIndex>,
    text: &str,
) -> Result<Option<Uuid>, Error> {
    if let Some(key) = key {
        return by_key(tx, target, target.field(key), text);
    }
    if let Ok(id) = Uuid::try_parse(text) {
        return Ok(tx.load(target.index, id)?.map(|image| image.id()));
    }
    let is_key = |field: &&Field| field.unique || field.external_id;
    let name = target.fields.iter().filter(|field| field.index == target.record_name && !is_key(field));
    for field in target.fields.iter().filter(is_key).chain(name) {
        if let Some(id) = by_key(tx, target, field, text)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn by_key(tx: &Transaction<'_>, target: &Object, field: &Field, text: &str) -> Result<Option<Uuid>, Error> {
    let Ok(value) = parse_text(field, text) else { return Ok(None) };
    if value.is_null() {
        return Ok(None);
    }
    let found = tx.find_all_by_key(target.index, &[field.index], &[value])?;
    let [id] = found.as_slice() else { return Ok(None) };
    let Some(image) = tx.load(target.index, *id)? else { return Ok(None) };
    let is_shown = !rights_apply(tx) || permit::reads(tx, target, &image, field.index)?;
    Ok(is_shown.then_some(*id))
}
