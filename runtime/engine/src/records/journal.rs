//! History and events: one row each per written record, in its transaction.
//!
//! History keeps the changed fields before and after as JSON by field id, so that it outlives renames. The event says
//! that something happened; only where a workflow waits for it does it hold the whole record before and after, and
//! stay open for the worker.

use std::fmt::Write;

use trellis_metadata::field_type;
use trellis_metadata::snapshot::{ChangeKind, Field, FieldIndex, Object, ObjectIndex, system_field};
use trellis_metadata::value::Value;

use super::draft::Draft;
use super::image::Image;
use super::transaction::Transaction;
use crate::Error;

/// How history names what is no [`ChangeKind`] of its own: back from the recycle bin, gone for good.
pub const RESTORED: &str = "restore";
const PURGED: &str = "purge";

pub fn record(tx: &Transaction<'_>, draft: &Draft) -> Result<(), Error> {
    let changes = draft.substance();
    if changes.is_empty() {
        return Ok(());
    }
    let object = tx.object(draft.object);
    let at = Value::DateTime(tx.caller.now);
    if object.history {
        remember(tx, draft, &changes)?;
    }
    let awaited = tx.starts_workflows() && tx.pinned.is_awaited(draft.object, draft.kind);
    let (before, after, done_at) = if awaited {
        tx.tell();
        let before = draft.before.as_ref().map_or(Value::Null, |image| whole(object, image));
        (before, whole(object, &draft.after), Value::Null)
    } else {
        (Value::Null, Value::Null, at.clone())
    };
    let (name, id) = (Value::text(object.id.as_str()), Value::Id(draft.after.id()));
    let (kind, actor) = (Value::text(kind_name(draft.kind)), Value::Id(tx.caller.actor.user));
    let revision = Value::Integer(tx.pinned.revision as i64);
    let depth = Value::Integer(i64::from(tx.depth));
    let slots = [at, name, id, kind, actor, before, after, revision, depth, done_at];
    tx.execute(&*tx.pinned.statements.outbox(tx.snapshot())?, &slots).map(drop)
}

/// The history of a change: what it did to fields whose history is kept.
fn remember(tx: &Transaction<'_>, draft: &Draft, changes: &[FieldIndex]) -> Result<(), Error> {
    let object = tx.object(draft.object);
    let kept: Vec<FieldIndex> = changes.iter().copied().filter(|field| object.field(*field).history).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let kind = if draft.is_restore() { RESTORED } else { kind_name(draft.kind) };
    let before = draft.before.as_ref().map_or(Value::Null, |image| text(object, image, &kept));
    append(tx, object, &draft.after, kind, [before, text(object, &draft.after, &kept)])
}

fn append(
    tx: &Transaction<'_>,
    object: &Object,
    image: &Image,
    kind: &str,
    [before, after]: [Value; 2],
) -> Result<(), Error> {
    let (name, id) = (Value::text(object.id.as_str()), Value::Id(image.id()));
    let (actor, at) = (Value::Id(tx.caller.actor.user), Value::DateTime(tx.caller.now));
    let slots = [name, id, image.get(system_field::VERSION).clone(), Value::text(kind), actor, at, before, after];
    tx.execute(&*tx.pinned.statements.history(tx.snapshot())?, &slots).map(drop)
}

/// Of a record that went for good only that is kept, and who did it.
pub fn forget(tx: &Transaction<'_>, object: ObjectIndex, image: &Image) -> Result<(), Error> {
    let object = tx.object(object);
    let slots = [Value::text(object.id.as_str()), Value::Id(image.id())];
    tx.execute(&*tx.pinned.statements.forget_history(tx.snapshot())?, &slots)?;
    if object.history { append(tx, object, image, PURGED, [Value::Null, Value::Null]) } else { Ok(()) }
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
