//! May these drafts be written? Every finding, before anything is.
//!
//! `before` runs on the drafts as given; `after` runs once children and computed values are settled, because rules and
//! transitions may look at totals.

use std::collections::BTreeSet;

use trellis_access::{Coverage, Grant};
use trellis_metadata::expression::is_true;
use trellis_metadata::predicate::holds;
use trellis_metadata::snapshot::{ChangeKind, DefaultValue, FieldIndex, Object, StateMachine, Verb, system_field};
use trellis_metadata::value::Value;

use super::draft::Draft;
use super::facts::{RecordFacts, Related};
use super::image::Image;
use super::organisation;
use super::prepare::{is_auto_number, rights_apply};
use super::transaction::Transaction;
use crate::{Error, Finding, FindingCode};

/// Required, immutable, references, and the right to touch the record as it was.
pub fn before(tx: &Transaction<'_>, draft: &Draft, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let object = tx.object(draft.object);
    if rights_apply(tx) && !draft.consequence {
        permission(tx, object, draft, findings)?;
    }
    organisation::check_user(tx, draft, findings)?;
    fresh(draft)?;
    if draft.kind == ChangeKind::Delete {
        return Ok(());
    }
    for field in &object.fields {
        let value = draft.after.get(field.index);
        let pointer = || pointer(tx, draft, field.index);
        if field.required && is_empty(value) && !is_auto_number(&field.kind) {
            findings.push(Finding::new(pointer(), FindingCode::Required));
        }
        if field.immutable && rights_apply(tx) && is_reset(draft, field.index) {
            findings.push(Finding::new(pointer(), FindingCode::Immutable));
        }
        if let (Some(relation), Some(id)) = (field.kind.relation(), value.as_id())
            && (field.writable() || draft.touched.contains(&field.index))
            && (draft.changed(field.index) || draft.is_restore())
            && !reference_exists(tx, relation.target, id, draft.touched.contains(&field.index))?
        {
            findings.push(Finding::new(pointer(), FindingCode::UnknownReference));
        }
    }
    Ok(())
}

/// The record is still at the version the caller read. Asked after his rights, so that a hidden record tells nothing.
fn fresh(draft: &Draft) -> Result<(), Error> {
    let current = draft.before.as_ref().map(|before| before.version());
    match (draft.expected, current) {
        (Some(expected), Some(current)) if expected != current => Err(Error::Stale { current }),
        _ => Ok(()),
    }
}

/// Where a finding about a field points: at the record alone when the caller is not to know the field.
pub fn pointer(tx: &Transaction<'_>, draft: &Draft, field: FieldIndex) -> String {
    let profile = &tx.caller.profile;
    let known = |verb| profile.grant(draft.object, verb).is_some_and(|grant| grant.covers(field));
    if !rights_apply(tx) || [Verb::Read, Verb::Create, Verb::Update].into_iter().any(known) {
        draft.field_pointer(tx.object(draft.object).field(field).name.as_str())
    } else {
        draft.pointer.clone()
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.chars().all(is_invisible),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

/// Space, or a character that has no shape of its own: zero width, joiners, marks of direction and byte order.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(character, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
}

fn is_reset(draft: &Draft, field: FieldIndex) -> bool {
    draft
        .before
        .as_ref()
        .is_some_and(|before| !before.get(field).is_null() && before.get(field) != draft.after.get(field))
}

/// A live record that the caller, when he chose it himself, can see.
fn reference_exists(
    tx: &Transaction<'_>,
    target: trellis_metadata::snapshot::ObjectIndex,
    id: uuid::Uuid,
    chosen: bool,
) -> Result<bool, Error> {
    let Some(image) = tx.load(target, id)? else { return Ok(false) };
    if !chosen || !rights_apply(tx) {
        return Ok(true);
    }
    let Some(grant) = tx.caller.profile.grant(target, Verb::Read) else { return Ok(false) };
    let facts = RecordFacts { transaction: tx, object: target, before: None, after: &image, related: Related::Current };
    let visible = holds(grant.rows(), &facts) == Some(true);
    tx.raise_failure()?;
    Ok(visible)
}

/// A line without the record it belongs to.
fn is_orphan(object: &Object, draft: &Draft) -> bool {
    object.master.is_some_and(|master| object.field(master).required && draft.after.get(master).is_null())
}

/// One coverage must hold the record before and after, and name each field the caller set.
fn permission(tx: &Transaction<'_>, object: &Object, draft: &Draft, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let verb = draft.verb();
    let profile = &tx.caller.profile;
    let Some(grant) = profile.grant(draft.object, verb) else {
        return Err(refusal(tx, object, draft, "this action on this object"));
    };
    if draft.kind == ChangeKind::Create && is_orphan(object, draft) {
        // Required says so.
        return Ok(());
    }
    let subject = draft.before.as_deref().unwrap_or(&draft.after);
    let covering = covering(tx, object, grant, subject, |coverage| &coverage.rows)?;
    if covering.is_empty() {
        let refusal = refusal(tx, object, draft, "this action on this record");
        // Nothing of a record he can see is changed: only its lines may be.
        let is_idle = draft.verb() == Verb::Update && draft.touched.is_empty();
        if !(is_idle && matches!(refusal, Error::Forbidden(_))) {
            return Err(refusal);
        }
    }
    for field in &draft.touched {
        let allowed = if is_owner(*field) {
            starts_as_own(tx, draft, *field) || transfers(tx, object, draft, *field, false)?
        } else {
            covering.iter().any(|coverage| coverage.fields.contains(*field))
        };
        if !allowed {
            findings.push(Finding::new(
                draft.field_pointer(object.field(*field).name.as_str()),
                FindingCode::ForbiddenField,
            ));
        }
    }
    Ok(())
}

/// Owner and unit of a new record are the caller's own.
fn starts_as_own(tx: &Transaction<'_>, draft: &Draft, field: FieldIndex) -> bool {
    let actor = &tx.caller.actor;
    let own = if field == system_field::OWNER_ID { Some(actor.user) } else { actor.org_unit };
    draft.kind == ChangeKind::Create && draft.after.get(field).as_id() == own
}

fn is_owner(field: FieldIndex) -> bool {
    matches!(field, system_field::OWNER_ID | system_field::ORG_UNIT_ID)
}

/// One rule lets the caller give this record away and, asked afterwards, leave it so.
fn transfers(
    tx: &Transaction<'_>,
    object: &Object,
    draft: &Draft,
    field: FieldIndex,
    afterwards: bool,
) -> Result<bool, Error> {
    let Some(grant) = tx.caller.profile.grant(draft.object, Verb::Transfer) else { return Ok(false) };
    let subject = draft.before.as_deref().unwrap_or(&draft.after);
    let mut rules = covering(tx, object, grant, subject, |coverage| &coverage.rows)?;
    rules.retain(|coverage| coverage.fields.contains(field));
    if afterwards {
        let left: Vec<_> = covering(tx, object, grant, &draft.after, |coverage| &coverage.rows_after)?;
        rules.retain(|coverage| left.iter().any(|other| std::ptr::eq(*coverage, *other)));
    }
    Ok(!rules.is_empty())
}

fn covering<'g>(
    tx: &Transaction<'_>,
    object: &Object,
    grant: &'g Grant,
    image: &Image,
    rows: impl Fn(&Coverage) -> &trellis_metadata::predicate::Predicate,
) -> Result<Vec<&'g Coverage>, Error> {
    let facts =
        RecordFacts { transaction: tx, object: object.index, before: None, after: image, related: Related::Original };
    let covering = grant.coverages().iter().filter(|coverage| holds(rows(coverage), &facts) == Some(true)).collect();
    tx.raise_failure()?;
    Ok(covering)
}

/// Forbidden when the caller can read the record (or the object, for a new one), else not found.
fn refusal(tx: &Transaction<'_>, object: &Object, draft: &Draft, what: &'static str) -> Error {
    let Some(grant) = tx.caller.profile.grant(object.index, Verb::Read) else { return Error::NotFound };
    match &draft.before {
        None => Error::Forbidden(what),
        Some(before) => match covering(tx, object, grant, before, |coverage| &coverage.rows) {
            Ok(seen) if seen.is_empty() => Error::NotFound,
            Ok(_) => Error::Forbidden(what),
            Err(error) => error,
        },
    }
}

/// Rules, transitions and the right to leave the record so.
pub fn after(tx: &Transaction<'_>, draft: &Draft, findings: &mut Vec<Finding>) -> Result<(), Error> {
    if draft.kind == ChangeKind::Delete {
        return Ok(());
    }
    let object = tx.object(draft.object);
    rules(tx, object, draft, findings);
    if let Some(machine) = &object.state_machine {
        transition(tx, object, machine, draft, findings);
    }
    if rights_apply(tx) && !draft.consequence {
        right_to_leave(tx, object, draft, findings)?;
    }
    tx.raise_failure()
}

fn rules(tx: &Transaction<'_>, object: &Object, draft: &Draft, findings: &mut Vec<Finding>) {
    for rule in &object.validation_rules {
        if is_true(&rule.invalid_when, &draft.facts(tx)) {
            let pointer = rule.field.map_or_else(|| draft.pointer.clone(), |field| pointer(tx, draft, field));
            findings.push(Finding {
                pointer,
                code: FindingCode::Rule(rule.name.to_string()),
                message: rule.message.clone(),
            });
        }
    }
}

fn transition(
    tx: &Transaction<'_>,
    object: &Object,
    machine: &StateMachine,
    draft: &Draft,
    findings: &mut Vec<Finding>,
) {
    if !draft.changed(machine.field) {
        return;
    }
    let to = draft.after.get(machine.field);
    let from = draft.before.as_ref().map(|before| before.get(machine.field));
    let allowed = match from {
        None => !rights_apply(tx) || starts_here(object, machine, to),
        Some(from) => machine.transitions.iter().any(|transition| {
            from.as_text().is_some_and(|from| transition.from.iter().any(|state| &**state == from))
                && to.as_text() == Some(&*transition.to)
                && (!rights_apply(tx) || transition.roles.is_empty() || may_take(tx, &transition.roles))
                && transition.when.as_ref().is_none_or(|when| is_true(when, &draft.facts(tx)))
        }),
    };
    if !allowed {
        let code =
            FindingCode::Transition { from: from.map(ToString::to_string).unwrap_or_default(), to: to.to_string() };
        findings.push(Finding::new(pointer(tx, draft, machine.field), code));
    }
}

pub fn may_take(tx: &Transaction<'_>, roles: &[trellis_metadata::identifier::Identifier]) -> bool {
    roles.iter().any(|role| tx.caller.actor.has_role(role.as_str())) || tx.caller.actor.has_role("tenant_admin")
}

/// A new record starts in the default state, when the field has one.
fn starts_here(object: &Object, machine: &StateMachine, to: &Value) -> bool {
    match &object.field(machine.field).default {
        Some(DefaultValue::Value(initial)) => initial == to,
        _ => true,
    }
}

/// Fields the caller set must be covered by one rule that also holds for the record as it will be.
fn right_to_leave(
    tx: &Transaction<'_>,
    object: &Object,
    draft: &Draft,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let Some(grant) = tx.caller.profile.grant(draft.object, draft.verb()) else { return Err(Error::NotFound) };
    let subject = draft.before.as_deref().unwrap_or(&draft.after);
    let before = covering(tx, object, grant, subject, |coverage| &coverage.rows)?;
    let facts = RecordFacts {
        transaction: tx,
        object: object.index,
        before: None,
        after: &draft.after,
        related: Related::Original,
    };
    let leaving: Vec<_> =
        before.into_iter().filter(|coverage| holds(&coverage.rows_after, &facts) == Some(true)).collect();
    let mut uncovered = BTreeSet::new();
    for field in draft.touched.iter().copied() {
        let covered = if is_owner(field) {
            starts_as_own(tx, draft, field) || transfers(tx, object, draft, field, true)?
        } else {
            leaving.iter().any(|coverage| coverage.fields.contains(field))
        };
        if !covered {
            uncovered.insert(field);
        }
    }
    for field in uncovered {
        findings
            .push(Finding::new(draft.field_pointer(object.field(field).name.as_str()), FindingCode::ForbiddenField));
    }
    let asked = draft.verb() != Verb::Update || !draft.touched.is_empty();
    if leaving.is_empty() && asked && findings.is_empty() {
        return Err(Error::Forbidden("to leave the record so"));
    }
    Ok(())
}
