//! Keeps the manager and unit trees in step with `user` and `org_unit` records, in the transaction of the write.

use trellis_access::TENANT_ADMIN;
use trellis_metadata::snapshot::{ChangeKind, FieldIndex, ObjectIndex, platform_object};
use trellis_metadata::value::Value;
use trellis_plan::records::Closure;
use uuid::Uuid;

use super::draft::Draft;
use super::prepare::rights_apply;
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

/// An administrator's account is his and other administrators'; a time zone is one there is; who is kept out is logged
/// out.
pub fn check_user(tx: &Transaction<'_>, draft: &Draft, findings: &mut Vec<Finding>) -> Result<(), Error> {
    if draft.object != platform_object::USER {
        return Ok(());
    }
    let object = tx.object(draft.object);
    let named = |name: &str| object.field_by_name(name).map(|field| field.index);
    if let Some(zone) = named("time_zone").filter(|field| draft.changed(*field))
        && draft.after.get(zone).as_text().is_some_and(|text| text.parse::<chrono_tz::Tz>().is_err())
    {
        findings.push(Finding::new(draft.field_pointer("time_zone"), FindingCode::UnknownZone));
    }
    let is_out = |field| draft.changed(field) && draft.after.get(field) == &Value::Boolean(false);
    if draft.kind == ChangeKind::Delete || named("is_active").is_some_and(is_out) {
        tx.shut_out(draft.after.id());
    }
    if !rights_apply(tx) || tx.caller.actor.has_role(TENANT_ADMIN) || draft.before.is_none() {
        return Ok(());
    }
    let id = draft.after.id();
    let roles = tx.with_session(|session| Ok(trellis_storage::roles_of(session, id)?))?;
    if !roles.iter().any(|role| role == TENANT_ADMIN) {
        return Ok(());
    }
    if draft.kind == ChangeKind::Delete {
        findings.push(Finding::new(draft.pointer.clone(), FindingCode::ForbiddenField));
    }
    for name in ["email", "is_active"] {
        if named(name).is_some_and(|field| draft.changed(field)) {
            findings.push(Finding::new(draft.field_pointer(name), FindingCode::ForbiddenField));
        }
    }
    Ok(())
}

/// Whoever is kept out by what was written, an administrator who is not has to be left.
pub fn keep_an_administrator(tx: &Transaction<'_>) -> Result<(), Error> {
    let is_administrator = |user: &Uuid| {
        let roles = tx.with_session(|session| Ok(trellis_storage::roles_of(session, *user)?))?;
        Ok::<_, Error>(roles.iter().any(|role| role == TENANT_ADMIN))
    };
    for user in tx.are_shut_out() {
        if is_administrator(&user)? {
            return demand_an_administrator(tx);
        }
    }
    Ok(())
}

fn demand_an_administrator(tx: &Transaction<'_>) -> Result<(), Error> {
    let is_left =
        tx.is_abandoned() || tx.with_session(|session| Ok(trellis_storage::is_held(session, TENANT_ADMIN)?))?;
    if is_left { Ok(()) } else { Err(Error::LastAdministrator) }
}

/// Makes these the user's roles; the last administrator keeps his.
pub fn put_roles(tx: &Transaction<'_>, user: Uuid, roles: &[String]) -> Result<(), Error> {
    let before = tx.with_session(|session| Ok(trellis_storage::roles_of(session, user)?))?;
    tx.change_people();
    tx.with_session(|session| Ok(trellis_storage::assign_roles(session, user, roles)?))?;
    let is_administrator = |roles: &[String]| roles.iter().any(|role| role == TENANT_ADMIN);
    if is_administrator(&before) && !is_administrator(roles) { demand_an_administrator(tx) } else { Ok(()) }
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
