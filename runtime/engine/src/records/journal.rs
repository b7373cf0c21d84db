//! History and events: one row each per written record, in its transaction.
//!
//! History keeps the changed fields before and after as JSON by field id, so that it outlives renames. The event says
//! that something happened; only where a workflow waits for it does it hold the whole record before and after, and
//! stay open for the worker.

use std::fmt::Write;

use trellis_metadata::field_type;
use trellis_metadata::snapshot::{ChangeKind, Field, FieldIndex, Object, system_field};
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
    let about = [Value::text(object.id.as_str()), Value::Id(draft.after.id())];
    let what = [Value::text(kind_name(draft.kind)), Value::Id(tx.caller.actor.user)];
    let at = Value::DateTime(tx.caller.now);
    if object.history {
        let before = draft.before.as_ref().map_or(Value::Null, |image| text(object, image, &changes));
        let after = text(object, &draft.after, &changes);
        let [name, id] = about.clone();
        let [kind, actor] = what.clone();
        let slots = [name, id, draft.after.get(system_field::VERSION).clone(), kind, actor, at.clone(), before, after];
        tx.execute(&*tx.pinned.statements.history(tx.snapshot())?, &slots)?;
    }
    let awaited = tx.starts_workflows() && tx.pinned.is_awaited(draft.object, draft.kind);
    let (before, after, done_at) = if awaited {
        tx.tell();
        let before = draft.before.as_ref().map_or(Value::Null, |image| whole(object, image));
        (before, whole(object, &draft.after), Value::Null)
    } else {
        (Value::Null, Value::Null, at.clone())
    };
    let [name, id] = about;
    let [kind, actor] = what;
    let revision = Value::Integer(tx.pinned.revision as i64);
    let depth = Value::Integer(i64::from(tx.depth));
    let slots = [at, name, id, kind, actor, before, after, revision, depth, done_at];
    tx.execute(&*tx.pinned.statements.outbox(tx.snapshot())?, &slots).map(drop)
}

pub fn kind_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Create => "create",
        ChangeKind::Update => "update",
        ChangeKind::Delete => "delete",
    }
}

/// Every field that holds something.
fn whole(object: &Object, image: &Image) -> Value {
    let fields: Vec<FieldIndex> =
        object.fields.iter().map(|field| field.index).filter(|field| !image.get(*field).is_null()).collect();
    text(object, image, &fields)
}

/// Written as text right away: a tree in between would cost more than the two rows.
fn text(object: &Object, image: &Image, fields: &[FieldIndex]) -> Value {
    let mut out = String::with_capacity(64 * fields.len());
    let mut separator = '{';
    for field in fields {
        out.push(std::mem::replace(&mut separator, ','));
        // Identifiers need no escaping.
        for part in ["\"", object.field(*field).id.as_str(), "\":"] {
            out.push_str(part);
        }
        member(object.field(*field), image.get(*field), &mut out);
    }
    if separator == '{' {
        out.push('{');
    }
    out.push('}');
    Value::text(out)
}

fn member(field: &Field, value: &Value, out: &mut String) {
    match value {
        Value::Text(text) if is_plain(text) => {
            for part in ["\"", text, "\""] {
                out.push_str(part);
            }
        }
        Value::Decimal(_) | Value::Date(_) | Value::DateTime(_) | Value::Time(_) | Value::Id(_) => {
            // Writing to a text cannot fail.
            let _ = write!(out, "\"{value}\"");
        }
        other => out.push_str(&field_type::to_json(field, other).to_string()),
    }
}

/// Nothing in it has to be escaped in JSON.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
}
