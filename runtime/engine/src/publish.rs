//! From documents to a published revision: plan, confirm, apply, swap.
//!
//! A publish is one transaction with no other write beside it: the revision is checked again, tables change, new
//! computed columns are filled, seeds are planted, the revision row is written. Either all of it or nothing.

mod changes;
mod values;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use trellis_access::Profile;
use trellis_metadata::diagnostic::{Diagnostic, Severity};
use trellis_metadata::document::{DocumentSet, Kind};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::{Layer, Revision, Snapshot};
use trellis_plan::tables::{Layout, Level, Migration, Reply, Step};
use trellis_storage::{Publication, Session};

use self::changes::document_changes;
pub use self::changes::{DocumentChange, DocumentChanges, Extent, Stray};
use self::values::Types;
use crate::caller::Caller;
use crate::records::{Authority, Transaction, fill_computed};
use crate::tenant::{Pinned, Tenant};
use crate::{Error, seed};

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
    /// Documents that stay though their package, as it is brought, no longer has them.
    pub strays: Vec<Stray>,
    /// Empty when there is nothing to do or the documents have errors.
    pub hash: String,
    /// The revision the plan was made against; after apply, the new one.
    pub revision: Revision,
    pub level: Level,
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
    let (documents, strays) = (changes.over(&pinned.documents), changes.strays(&pinned.documents));
    let mut diagnostics = changes.diagnostics;
    let resolution = resolve(&documents, pinned.revision + 1);
    diagnostics.extend(resolution.diagnostics);
    let mut plan = Plan {
        diagnostics,
        steps: Vec::new(),
        summary: Vec::new(),
        verdicts: Vec::new(),
        documents: document_changes(&pinned.documents, &documents),
        strays,
        hash: String::new(),
        revision: pinned.revision,
        level: Level::Safe,
    };
    let Some(snapshot) = resolution.snapshot else { return Ok(Prepared { plan, next: None }) };
    let layout = Layout::of(&snapshot);
    let migration = tenant.handle.read(|session| {
        let types = Types { before: &pinned.snapshot, after: &snapshot };
        Migration::plan(&pinned.layout, layout, pinned.dialect, |question, step| match question.reply {
            Reply::Counted => Ok(trellis_storage::ask(session, question)?),
            Reply::Values => types.judge(session, &question.statement, step),
        })
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
    let Prepared { plan, next } = prepare(tenant, changes)?;
    let Some((snapshot, documents, layout)) = next else { return Ok(plan) };
    if plan.is_empty() {
        return Ok(plan);
    }
    let plan = confirm(plan, confirmation)?;
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
    let (before, filling, filler) = (pinned.snapshot.clone(), next.clone(), author.clone());
    let (planting, planter) = (next.clone(), author);
    let done = trellis_storage::publish(
        &tenant.handle,
        publication,
        move |session, step| match step {
            Step::TranslateColumn { .. } => Types { before: &before, after: &filling.snapshot }.rewrite(session, step),
            _ => fill(session, &filling, &filler, step),
        },
        move |session, _| seed::plant_all(&Transaction::new(session, &planting, &planter, Authority::System)),
    );
    let revision = done.wait()?;
    tenant.swap(next);
    Ok(Plan { revision, ..plan })
}

/// Computes a new or changed computed field of every record.
fn fill(session: &mut dyn Session, next: &Pinned, author: &Caller, step: &Step) -> Result<(), Error> {
    let Step::FillComputed { table, column } = step else { return Ok(()) };
    let Some(object) = next.snapshot.objects.iter().find(|object| object.id == *table) else { return Ok(()) };
    let Some(field) = object.fields.iter().find(|field| field.id == *column) else { return Ok(()) };
    fill_computed(&Transaction::new(session, next, author, Authority::System), object.index, field.index)
}

/// The plan, when it may be carried out.
fn confirm(plan: Plan, confirmation: &Confirmation) -> Result<Plan, Error> {
    if plan.level == Level::Impossible {
        return Err(Error::Impossible { plan: Box::new(plan) });
    }
    match confirmation {
        Confirmation::Hash(hash) if *hash == plan.hash => Ok(plan),
        Confirmation::SafeOnly if plan.level == Level::Safe => Ok(plan),
        _ => Err(Error::NeedsConfirmation { plan: Box::new(plan) }),
    }
}

/// A document as a revision keeps it: with the layer and the package it belongs to.
#[derive(Serialize, Deserialize)]
struct Stored {
    layer: Layer,
    #[serde(default)]
    package: Option<Identifier>,
    document: serde_json::Value,
}

impl Stored {
    /// As it is among others.
    fn put_back(&self, read: DocumentSet) -> DocumentSet {
        read.in_layer(self.layer).in_package(self.package.as_ref())
    }
}

fn stored(set: &DocumentSet) -> String {
    let all: Vec<Stored> = set
        .documents
        .iter()
        .map(|document| Stored {
            layer: document.layer,
            package: document.package.clone(),
            document: document.json().clone(),
        })
        .collect();
    // Plain data with text keys is always written.
    serde_json::to_string(&all).unwrap_or_default()
}

fn unstored(text: &str) -> Result<DocumentSet, Error> {
    let broken = |error: String| Error::Internal(format!("stored documents: {error}"));
    let all: Vec<Stored> = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    all.into_iter().try_fold(DocumentSet::default(), |set, stored| {
        let (one, findings) = DocumentSet::from_json([stored.document.clone()]);
        match findings.into_iter().find(|finding| finding.severity == Severity::Error) {
            Some(finding) => Err(broken(finding.to_string())),
            None => Ok(set.merge(&stored.put_back(one))),
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
    Ok(DocumentChanges { documents, extent: Extent::Tenant, ..DocumentChanges::default() })
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
    for stored in all {
        let document = &stored.document;
        if document["kind"] == kind.name() && (document["id"] == id || document["name"] == id) {
            let (one, _) = DocumentSet::from_json([document.clone()]);
            if one.get(kind, id).is_some() {
                return Ok(Some(stored.put_back(one)));
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
