//! The one write pipeline: every create, update and delete of a record goes through [`save`], whatever asked for it.
//!
//! prepare (defaults, before-save rules, formulas) → check before → write rows → settle computed values → check after →
//! journal. One transaction; any finding leaves nothing written.

use std::sync::Arc;

use trellis_metadata::snapshot::{ChangeKind, FieldIndex, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::RecordInput;
use uuid::Uuid;

use super::draft::Draft;
use super::prepare::{self, Prepared};
use super::transaction::Transaction;
use super::upsert::{Decision, Upsert, Upserts};
use super::{attach, bin, check, compute, consequences, journal, organisation};
use crate::{Error, Finding, FindingCode};

/// A write one caller asks for.
#[derive(Debug)]
pub enum Change {
    Create(RecordInput),
    Update {
        id: Uuid,
        expected: Option<i64>,
        input: RecordInput,
    },
    Delete {
        object: trellis_metadata::snapshot::ObjectIndex,
        id: Uuid,
        expected: Option<i64>,
    },
    /// Out of the recycle bin, with what went in with it.
    Restore {
        object: trellis_metadata::snapshot::ObjectIndex,
        id: Uuid,
        expected: Option<i64>,
    },
    /// Create, or what `resolution` says where a record with the same key is there already.
    Upsert(Upsert),
}

impl Change {
    /// The record, where it is known beforehand.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Change::Create(input) => input.id,
            Change::Upsert(upsert) => upsert.input.id,
            Change::Update { id, .. } | Change::Delete { id, .. } | Change::Restore { id, .. } => Some(*id),
        }
    }
}

/// What a write left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub id: Uuid,
    pub version: i64,
    pub effect: Effect,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Created,
    Updated,
    Deleted,
    /// An upsert that leaves what is there alone.
    Ignored,
}

/// Carries out one change within the transaction. On `Err` the caller must roll back.
pub fn save(tx: &Transaction<'_>, change: Change) -> Result<Written, Error> {
    let written = save_all(tx, vec![(change, String::new())])?;
    written.into_iter().next().ok_or_else(|| Error::Internal("a saved change has a result".into()))
}

/// Carries out many changes as one: all or none. Each comes with its place in the request body. Computed values are
/// settled once for all of them.
pub fn save_all(tx: &Transaction<'_>, changes: Vec<(Change, String)>) -> Result<Vec<Written>, Error> {
    let mut drafts = Vec::new();
    let mut upserts = Upserts::default();
    let mut amiss = Vec::new();
    let heads = prepare_all(tx, changes, &mut Prepared::new(&mut drafts, &mut amiss), &mut upserts)?;
    let mut findings = Vec::new();
    for draft in &drafts {
        place(check::before(tx, draft, &mut findings), &draft.pointer, &mut findings)?;
    }
    // Only to those who may write at all: what is there and what is not is no news for others.
    findings.append(&mut amiss);
    refuse(&mut findings)?;
    let asked = drafts.len();
    consequences::follow(tx, &mut drafts)?;
    for draft in drafts[asked..].iter().filter(|draft| !draft.is_idle()) {
        check::before(tx, draft, &mut findings)?;
    }
    refuse(&mut findings)?;
    write_all(tx, &mut drafts, &upserts)?;
    for draft in &drafts {
        organisation::enter(tx, draft)?;
    }
    for draft in &drafts {
        organisation::follow(tx, draft, &mut findings)?;
        attach::settle(tx, draft, &mut findings)?;
    }
    compute::settle(tx, &drafts)?;
    too_large(tx, &drafts, &mut findings);
    refuse(&mut findings)?;
    for draft in &mut drafts {
        refresh(tx, draft)?;
        // What the totals of an idle one are judged by has not changed.
        if draft.kind == ChangeKind::Delete || !draft.is_idle() {
            place(check::after(tx, draft, &mut findings), &draft.pointer, &mut findings)?;
        }
    }
    refuse(&mut findings)?;
    organisation::keep_an_administrator(tx)?;
    for draft in &drafts {
        journal::record(tx, draft)?;
    }
    Ok(heads.into_iter().map(|head| head.written(&drafts)).collect())
}

fn prepare_all(
    tx: &Transaction<'_>,
    changes: Vec<(Change, String)>,
    prepared: &mut Prepared<'_>,
    upserts: &mut Upserts,
) -> Result<Vec<Head>, Error> {
    let mut findings = Vec::new();
    let mut heads = Vec::with_capacity(changes.len());
    for (change, pointer) in changes {
        let decision = match change {
            Change::Upsert(upsert) => upserts.decide(tx, upsert, &pointer),
            change => Ok(Decision::Do(change)),
        };
        match decision {
            Err(error) => place(Err(error), &pointer, &mut findings)?,
            Ok(Decision::Do(change)) => {
                heads.push(Head::Draft(prepared.drafts.len()));
                place(prepare_change(tx, change, &pointer, prepared), &pointer, &mut findings)?;
            }
            Ok(Decision::Ignore(written)) => heads.push(Head::Ignored(written)),
            Ok(Decision::Refuse(refused)) => findings.extend(refused),
        }
    }
    refuse(&mut findings)?;
    Ok(heads)
}

/// Where the outcome of a change is found.
enum Head {
    Draft(usize),
    Ignored(Written),
}

impl Head {
    fn written(self, drafts: &[Draft]) -> Written {
        match self {
            Head::Ignored(written) => written,
            Head::Draft(at) => {
                let draft = &drafts[at];
                let effect = match draft.kind {
                    ChangeKind::Create => Effect::Created,
                    ChangeKind::Update => Effect::Updated,
                    ChangeKind::Delete => Effect::Deleted,
                };
                Written { id: draft.after.id(), version: draft.after.version(), effect }
            }
        }
    }
}

/// Of several changes the refused one is named.
fn place(done: Result<(), Error>, pointer: &str, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let code = match &done {
        Err(Error::NotFound) if !pointer.is_empty() => FindingCode::UnknownRecord,
        Err(Error::Forbidden(_)) if !pointer.is_empty() => FindingCode::Forbidden,
        Err(Error::Stale { .. }) if !pointer.is_empty() => FindingCode::Stale,
        _ => return done,
    };
    findings.push(Finding::new(pointer, code));
    Ok(())
}

fn refuse(findings: &mut Vec<Finding>) -> Result<(), Error> {
    if findings.is_empty() { Ok(()) } else { Err(Error::Invalid(std::mem::take(findings))) }
}

fn prepare_change(tx: &Transaction<'_>, change: Change, pointer: &str, drafts: &mut Prepared<'_>) -> Result<(), Error> {
    match change {
        Change::Upsert(_) => Err(Error::Internal("an upsert is decided before".into())),
        Change::Create(input) => prepare::create(tx, input, pointer.to_owned(), None, drafts).map(|_| ()),
        Change::Update { id, expected, input } => prepare::update(tx, id, input, expected, pointer.to_owned(), drafts),
        Change::Restore { object, id, expected } => {
            bin::restore(tx, (object, id), expected, pointer.to_owned(), drafts)
        }
        Change::Delete { object, id, expected } => {
            let before = tx.lock(object, id)?.ok_or(Error::NotFound)?;
            let deletion = prepare::deletion(tx, object, before, pointer.to_owned());
            drafts.add(Draft { expected, ..deletion });
            Ok(())
        }
    }
}

/// What goes makes room first: unique keys are judged row by row.
fn write_all(tx: &Transaction<'_>, drafts: &mut [Draft], upserts: &Upserts) -> Result<(), Error> {
    for kind in [ChangeKind::Delete, ChangeKind::Update, ChangeKind::Create] {
        for draft in drafts.iter_mut().filter(|draft| draft.kind == kind) {
            write(tx, draft, upserts)?;
        }
    }
    Ok(())
}

/// A value that cannot be kept must not pass for no value. Of a record the request does not name, the request as a
/// whole is to blame.
fn too_large(tx: &Transaction<'_>, drafts: &[Draft], findings: &mut Vec<Finding>) {
    for (object, id, field) in tx.too_large() {
        let draft = drafts.iter().find(|draft| draft.object == object && draft.after.id() == id && !draft.consequence);
        let pointer = draft.map_or_else(String::new, |draft| check::pointer(tx, draft, field));
        findings.push(Finding::new(pointer, FindingCode::ResultTooLarge));
    }
}

fn write(tx: &Transaction<'_>, draft: &mut Draft, upserts: &Upserts) -> Result<(), Error> {
    let result = match draft.kind {
        ChangeKind::Create => tx.insert(draft.object, &draft.after),
        ChangeKind::Update | ChangeKind::Delete => write_changes(tx, draft),
    };
    result.map_err(|error| match error {
        error if upserts.is_overtaken(tx, draft, &error) => tx.give_way(),
        error => unique_finding(tx, draft, error),
    })?;
    match draft.kind {
        // What was prepared is remembered already.
        ChangeKind::Create => {}
        ChangeKind::Update => tx.remember(draft.object, Arc::new(draft.after.clone())),
        ChangeKind::Delete => tx.forget(draft.object, draft.after.id()),
    }
    Ok(())
}

/// An unchanged record is left alone: its version stays, unless its details change.
fn write_changes(tx: &Transaction<'_>, draft: &mut Draft) -> Result<(), Error> {
    let mut changes = draft.changes();
    if changes.is_empty() && !draft.details_change {
        return Ok(());
    }
    let version = draft.after.version();
    draft.after.set(system_field::VERSION, Value::Integer(version + 1));
    draft.after.set(system_field::UPDATED_AT, Value::DateTime(tx.caller.now));
    draft.after.set(system_field::UPDATED_BY, Value::Id(tx.caller.actor.user));
    changes.extend([system_field::VERSION, system_field::UPDATED_AT, system_field::UPDATED_BY]);
    changes.sort_unstable();
    changes.dedup();
    match draft.kind {
        ChangeKind::Delete => tx.bin(draft.object, &draft.after, version),
        _ if draft.is_restore() => tx.unbin(draft.object, &changes, &draft.after, version),
        _ => tx.update(draft.object, &changes, &draft.after, version),
    }
}

/// Computed values may have moved on since the draft was written.
fn refresh(tx: &Transaction<'_>, draft: &mut Draft) -> Result<(), Error> {
    if draft.kind != ChangeKind::Delete
        && !tx.object(draft.object).computed.is_empty()
        && let Some(image) = tx.load(draft.object, draft.after.id())?
    {
        draft.after = (*image).clone();
    }
    Ok(())
}

/// A refused unique index becomes a finding on its fields, without a word about the other record.
fn unique_finding(tx: &Transaction<'_>, draft: &Draft, error: Error) -> Error {
    let Error::Storage(trellis_storage::Error::Unique { index }) = &error else { return error };
    let object = tx.object(draft.object);
    let Some((_, key)) = tx.pinned.layout.unique_index(index) else {
        return Error::Invalid(vec![Finding::new(
            draft.field_pointer("id"),
            FindingCode::DuplicateId(draft.after.id()),
        )]);
    };
    let fields =
        key.columns.iter().filter_map(|column| object.fields.iter().find(|field| field.id.as_str() == column.as_str()));
    let shown: Vec<FieldIndex> =
        fields.map(|field| field.index).filter(|field| object.master != Some(*field)).collect();
    let mut pointers: Vec<String> = shown.iter().map(|field| check::pointer(tx, draft, *field)).collect();
    pointers.dedup();
    if pointers.is_empty() {
        pointers.push(draft.pointer.clone());
    }
    Error::Invalid(pointers.into_iter().map(|pointer| Finding::new(pointer, FindingCode::NotUnique)).collect())
}
