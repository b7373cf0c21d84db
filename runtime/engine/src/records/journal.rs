//! History and events: one row each per written record, in its transaction.
//!
//! History keeps the changed fields before and after as JSON by field id, so that it outlives renames. The event only
//! says that something happened; who needs the values reads them from history.

use serde_json::Map;
use trellis_metadata::snapshot::{ChangeKind, FieldIndex, Object, system_field};
use trellis_metadata::value::Value;

use super::draft::Draft;
use super::image::Image;
use super::transaction::Transaction;
use crate::Error;

/// Fields that every write changes and that say nothing by themselves.
const NOISE: [FieldIndex; 3] = [system_field::UPDATED_AT, system_field::UPDATED_BY, system_field::VERSION];

pub fn record(tx: &Transaction<'_>, draft: &Draft) -> Result<(), Error> {
    let changes: Vec<FieldIndex> = draft.changes().into_iter().filter(|field| !NOISE.contains(field)).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let object = tx.object(draft.object);
    let kind = Value::text(kind_name(draft.kind));
    let actor = Value::Id(tx.caller.actor.user);
    let at = Value::DateTime(tx.caller.now);
    let before = draft.before.as_ref().map_or(Value::Null, |image| text(object, image, &changes));
    let after = text(object, &draft.after, &changes);
    let id = Value::Id(draft.after.id());
    let name = Value::text(object.id.as_str());
    if object.history {
        let slots = [
            name.clone(),
            id.clone(),
            draft.after.get(system_field::VERSION).clone(),
            kind.clone(),
            actor.clone(),
            at.clone(),
            before.clone(),
            after.clone(),
        ];
        tx.execute(&*tx.pinned.statements.history(tx.snapshot())?, &slots)?;
    }
    let revision = Value::Integer(tx.pinned.revision as i64);
    let slots = [at, name, id, kind, actor, before, after, revision, Value::Integer(i64::from(tx.depth))];
    tx.execute(&*tx.pinned.statements.outbox(tx.snapshot())?, &slots).map(drop)
}

pub fn kind_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Create => "create",
        ChangeKind::Update => "update",
        ChangeKind::Delete => "delete",
    }
}

fn text(object: &Object, image: &Image, fields: &[FieldIndex]) -> Value {
    let entries = fields.iter().map(|field| (object.field(*field).id.to_string(), image.get(*field).to_json()));
    Value::text(serde_json::Value::Object(entries.collect::<Map<_, _>>()).to_string())
}
