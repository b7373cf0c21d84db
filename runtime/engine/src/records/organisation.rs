//! Keeps the manager and unit trees in step with `user` and `org_unit` records, in the transaction of the write.

use trellis_metadata::snapshot::{ChangeKind, FieldIndex, ObjectIndex, platform_object};
use trellis_metadata::value::Value;
use trellis_plan::records::Closure;
use uuid::Uuid;

use super::draft::Draft;
use super::transaction::Transaction;
use crate::{Error, Finding, FindingCode};

/// Puts a new record into its tree, before any record is hung below another.
pub fn enter(tx: &Transaction<'_>, draft: &Draft) -> Result<(), Error> {
    if matches!(draft.object, platform_object::USER | platform_object::ORG_UNIT) {
        tx.change_people();
    }
    match tree_of(tx, draft.object) {
        Some((tree, _)) if draft.kind == ChangeKind::Create => add(tx, tree, draft.after.id()),
        _ => Ok(()),
    }
}

/// Moves the record in its tree when it is new or its parent changed; a loop is refused.
pub fn follow(tx: &Transaction<'_>, draft: &Draft, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let Some((tree, parent_field)) = tree_of(tx, draft.object) else { return Ok(()) };
    if draft.kind == ChangeKind::Delete || !draft.changed(parent_field) {
        return Ok(());
    }
    let id = draft.after.id();
    let parent = draft.after.get(parent_field).as_id();
    if let Some(parent) = parent
        && tx.in_closure(tree, id, parent)?
    {
        let name = tx.snapshot().field(draft.object, parent_field).name.as_str();
        findings.push(Finding::new(draft.field_pointer(name), FindingCode::Loop));
        return Ok(());
    }
    if draft.kind == ChangeKind::Update {
        tx.execute(&*tx.pinned.statements.detach(tx.snapshot(), tree)?, &[Value::Id(id)])?;
    }
    attach(tx, tree, id, parent)
}

fn tree_of(tx: &Transaction<'_>, object: ObjectIndex) -> Option<(Closure, FieldIndex)> {
    let (tree, field) = match object {
        platform_object::USER => (Closure::Managers, "manager"),
        platform_object::ORG_UNIT => (Closure::Units, "parent"),
        _ => return None,
    };
    Some((tree, tx.object(object).field_by_name(field)?.index))
}

fn add(tx: &Transaction<'_>, tree: Closure, id: Uuid) -> Result<(), Error> {
    tx.execute(&*tx.pinned.statements.add_node(tx.snapshot(), tree)?, &[Value::Id(id)]).map(drop)
}

fn attach(tx: &Transaction<'_>, tree: Closure, id: Uuid, parent: Option<Uuid>) -> Result<(), Error> {
    let Some(parent) = parent else { return Ok(()) };
    tx.execute(&*tx.pinned.statements.attach(tx.snapshot(), tree)?, &[Value::Id(id), Value::Id(parent)]).map(drop)
}
