//! From documents to a published revision: plan, confirm, apply, swap.
//!
//! A publish is one transaction with no other write beside it: the revision is checked again, tables change, new
//! computed columns are filled, seeds are planted, the revision row is written. Either all of it or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use trellis_access::Profile;
use trellis_metadata::diagnostic::{Diagnostic, Severity};
use trellis_metadata::document::{DocumentSet, Kind};
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::{Layer, Revision, Snapshot};
use trellis_plan::tables::{Layout, Level, Migration, Step};
use trellis_storage::{Publication, Session};

use crate::caller::Caller;
use crate::records::{Authority, Transaction, fill_computed};
use crate::tenant::{Pinned, Tenant};
use crate::{Error, seed};

/// Documents to merge over the current ones, and those to take away.
#[derive(Clone, Debug, Default)]
pub struct DocumentChanges {
    pub documents: DocumentSet,
    /// What was found while reading them.
    pub diagnostics: Vec<Diagnostic>,
    pub remove: Vec<(Kind, String)>,
}

impl DocumentChanges {
    /// Documents as JSON texts, so that size, depth, repeated keys and positions are judged on what was sent; findings
    /// name them `documents[0]` and so on.
    pub fn from_texts<'t>(documents: impl IntoIterator<Item = &'t str>) -> Self {
        let named = documents.into_iter().enumerate().map(|(at, text)| (format!("documents[{at}]"), text.to_owned()));
        let (documents, diagnostics) = DocumentSet::parse(named);
        Self { documents, diagnostics, remove: Vec::new() }
    }

    /// Documents as files of a package folder.
    pub fn from_files(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let (documents, diagnostics) = DocumentSet::parse(files);
        Self { documents: documents.in_layer(Layer::Package), diagnostics, remove: Vec::new() }
    }
}

/// What a publish would do.
#[derive(Debug, Serialize)]
pub struct Plan {
    pub diagnostics: Vec<Diagnostic>,
    pub steps: Vec<Step>,
    /// The steps in words, one for each.
    pub summary: Vec<String>,
    pub verdicts: Vec<trellis_plan::tables::Verdict>,
    /// Documents that would be added, changed or removed.
    pub documents: Vec<DocumentChange>,
    /// Empty when there is nothing to do or the documents have errors.
    pub hash: String,
    /// The revision the plan was made against; after apply, the new one.
    pub revision: Revision,
    pub level: Level,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct DocumentChange {
    pub change: &'static str,
    pub kind: String,
    pub id: String,
}

impl Plan {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.documents.is_empty()
    }
}

/// A plan with all it takes to carry it out.
struct Prepared {
    plan: Plan,
    next: Option<(Arc<Snapshot>, DocumentSet, Layout)>,
}

/// Checks documents and shows what applying them would change. Changes nothing.
pub fn plan(tenant: &Tenant, changes: DocumentChanges) -> Result<Plan, Error> {
    Ok(prepare(tenant, changes)?.plan)
}

fn prepare(tenant: &Tenant, changes: DocumentChanges) -> Result<Prepared, Error> {
    let pinned = tenant.pin();
    let merged = pinned.documents.merge(&changes.documents);
    let documents = changes.remove.iter().fold(merged, |set, (kind, id)| set.without(*kind, id));
    let mut diagnostics = changes.diagnostics;
    let resolution = resolve(&documents, pinned.revision + 1);
    diagnostics.extend(resolution.diagnostics);
    let mut plan = Plan {
        diagnostics,
        steps: Vec::new(),
        summary: Vec::new(),
        verdicts: Vec::new(),
        documents: document_changes(&pinned.documents, &documents),
        hash: String::new(),
        revision: pinned.revision,
        level: Level::Safe,
    };
    let Some(snapshot) = resolution.snapshot else { return Ok(Prepared { plan, next: None }) };
    let layout = Layout::of(&snapshot);
    let migration = tenant.handle.read(|session| {
        Migration::plan(&pinned.layout, layout, pinned.dialect, |question| trellis_storage::ask(session, question))
    })?;
    plan.summary = migration.steps.iter().map(Step::describe).collect();
    plan.level = migration.level();
    plan.hash = migration.hash;
    plan.steps = migration.steps;
    plan.verdicts = migration.verdicts;
    Ok(Prepared { plan, next: Some((Arc::new(snapshot), documents, migration.layout)) })
}

/// How a publish is confirmed.
#[derive(Clone, Debug)]
pub enum Confirmation {
    /// Safe steps only; anything risky is refused with the hash to confirm.
    SafeOnly,
    /// The plan with this hash, whatever it risks.
    Hash(String),
}

/// Publishes. The caller is the author; the new snapshot is in force when this returns.
pub fn apply(
    tenant: &Arc<Tenant>,
    changes: DocumentChanges,
    confirmation: &Confirmation,
    author: &Caller,
    message: &str,
) -> Result<Plan, Error> {
    let Prepared { mut plan, next } = prepare(tenant, changes)?;
    let Some((snapshot, documents, layout)) = next else { return Ok(plan) };
    if plan.is_empty() {
        return Ok(plan);
    }
    confirm(&plan, confirmation)?;
    let pinned = tenant.pin();
    let next = Arc::new(Pinned::new(plan.revision + 1, snapshot, Arc::new(documents), layout.clone(), pinned.dialect));
    let publication = Publication {
        expected: plan.revision,
        steps: plan.steps.clone(),
        layout,
        documents: stored(&next.documents),
        hash: plan.hash.clone(),
        author: Some(author.actor.user),
        message: message.to_owned(),
        at: author.now,
    };
    let author = Caller { profile: Arc::new(Profile::system(&next.snapshot)), ..author.clone() };
    let (filling, filler) = (next.clone(), author.clone());
    let (planting, planter) = (next.clone(), author);
    let done = trellis_storage::publish(
        &tenant.handle,
        publication,
        move |session, step| fill(session, &filling, &filler, step),
        move |session, _| seed::plant_all(&Transaction::new(session, &planting, &planter, Authority::System)),
    );
    plan.revision = done.wait()?;
    tenant.swap(next);
    Ok(plan)
}

/// Computes a new or changed computed field of every record.
fn fill(session: &mut dyn Session, next: &Pinned, author: &Caller, step: &Step) -> Result<(), Error> {
    let Step::FillComputed { table, column } = step else { return Ok(()) };
    let Some(object) = next.snapshot.objects.iter().find(|object| object.id == *table) else { return Ok(()) };
    let Some(field) = object.fields.iter().find(|field| field.id == *column) else { return Ok(()) };
    fill_computed(&Transaction::new(session, next, author, Authority::System), object.index, field.index)
}

fn confirm(plan: &Plan, confirmation: &Confirmation) -> Result<(), Error> {
    if plan.level == Level::Impossible {
        return Err(Error::Impossible);
    }
    match confirmation {
        Confirmation::Hash(hash) if *hash == plan.hash => Ok(()),
        Confirmation::SafeOnly if plan.level == Level::Safe => Ok(()),
        _ => Err(Error::NeedsConfirmation { hash: plan.hash.clone() }),
    }
}

fn document_changes(previous: &DocumentSet, next: &DocumentSet) -> Vec<DocumentChange> {
    let (before, after) = (contents(previous), contents(next));
    let change = |change, (kind, id): &(Kind, &str)| DocumentChange {
        change,
        kind: kind.name().to_owned(),
        id: (*id).to_owned(),
    };
    let added = after.keys().filter(|key| !before.contains_key(*key)).map(|key| change("add", key));
    let changed = after
        .iter()
        .filter(|(key, json)| before.get(*key).is_some_and(|was| was != *json))
        .map(|(key, _)| change("change", key));
    let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|key| change("remove", key));
    added.chain(changed).chain(removed).collect()
}

fn contents(set: &DocumentSet) -> BTreeMap<(Kind, &str), &serde_json::Value> {
    set.documents.iter().map(|document| ((document.kind(), document.id.as_str()), document.json())).collect()
}

/// A document as a revision keeps it: with the layer that owns it.
#[derive(Serialize, Deserialize)]
struct Stored {
    layer: Layer,
    document: serde_json::Value,
}

fn stored(set: &DocumentSet) -> String {
    let all: Vec<Stored> = set
        .documents
        .iter()
        .map(|document| Stored { layer: document.layer, document: document.json().clone() })
        .collect();
    // Plain data with text keys is always written.
    serde_json::to_string(&all).unwrap_or_default()
}

fn unstored(text: &str) -> Result<DocumentSet, Error> {
    let broken = |error: String| Error::Internal(format!("stored documents: {error}"));
    let all: Vec<Stored> = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    all.into_iter().try_fold(DocumentSet::default(), |set, Stored { layer, document }| {
        let (one, findings) = DocumentSet::from_json([document]);
        match findings.into_iter().find(|finding| finding.severity == Severity::Error) {
            Some(finding) => Err(broken(finding.to_string())),
            None => Ok(set.merge(&one.in_layer(layer))),
        }
    })
}

/// The documents as they were at a revision; [`Error::NotFound`] when there is none of this number.
pub fn documents_at(tenant: &Tenant, revision: Revision) -> Result<DocumentSet, Error> {
    tenant.handle.read(|session| documents_of(session, revision))
}

/// As [`documents_at`], inside a read that is open already.
pub fn documents_of(session: &mut dyn Session, revision: Revision) -> Result<DocumentSet, Error> {
    unstored(&trellis_storage::documents(session, revision)?.ok_or(Error::NotFound)?)
}

/// What it takes to make the documents those of an earlier revision again.
pub fn back_to(tenant: &Tenant, revision: Revision) -> Result<DocumentChanges, Error> {
    let documents = documents_at(tenant, revision)?;
    let wanted = contents(&documents);
    let pinned = tenant.pin();
    let current = contents(&pinned.documents);
    let remove =
        current.keys().filter(|key| !wanted.contains_key(*key)).map(|(kind, id)| (*kind, (*id).to_owned())).collect();
    Ok(DocumentChanges { documents, diagnostics: Vec::new(), remove })
}

/// One document as it was at a revision; none when either is not there.
pub fn document_at(
    session: &mut dyn Session,
    revision: Revision,
    kind: Kind,
    id: &str,
) -> Result<Option<DocumentSet>, Error> {
    let broken = |error: String| Error::Internal(format!("stored documents: {error}"));
    let Some(text) = trellis_storage::documents(session, revision)? else { return Ok(None) };
    let all: Vec<Stored> = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    for Stored { layer, document } in all {
        if document["kind"] == kind.name() && (document["id"] == id || document["name"] == id) {
            let (one, _) = DocumentSet::from_json([document]);
            if one.get(kind, id).is_some() {
                return Ok(Some(one.in_layer(layer)));
            }
        }
    }
    Ok(None)
}

/// All revisions, newest first.
pub fn revisions(tenant: &Tenant, limit: u64) -> Result<Vec<trellis_storage::Revision>, Error> {
    tenant.handle.read(|session| Ok(trellis_storage::revisions(session, limit)?))
}

/// The tenant as the database has it now.
pub fn load(session: &mut dyn Session) -> Result<(Revision, Layout, DocumentSet), Error> {
    let state = trellis_storage::state(session)?;
    let documents = match trellis_storage::documents(session, state.revision)? {
        None => DocumentSet::default(),
        Some(text) => unstored(&text)?,
    };
    Ok((state.revision, state.layout, documents))
}

/// The first revision of a new tenant: the platform objects.
pub fn found(tenant: &Arc<Tenant>) -> Result<Plan, Error> {
    let author = Caller::system(&tenant.pin());
    apply(tenant, DocumentChanges::default(), &Confirmation::SafeOnly, &author, "tenant created")
}
