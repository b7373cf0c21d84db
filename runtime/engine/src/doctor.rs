//! Is a tenant in order: its documents, its tables, its files, its workflows and, on request, its computed values; and
//! what it keeps in quarantine.
//!
//! Changes nothing unless asked to mend. Whatever is wrong becomes an ailment with its cause and what to do about it.

mod files;

use std::sync::Arc;

use serde::Serialize;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::Snapshot;
use trellis_plan::tables::{Drift, Kept, Layout, Quarantined, diff, drift};
use trellis_storage::{RunState, Session};
use uuid::Uuid;

use crate::records::{Authority, Miscount, Transaction, recompute, recount};
use crate::{Caller, Error, Pinned, Runtime, Tenant, publish};

/// Revisions and runs that are looked at, newest first.
const LOOKED_AT: u64 = 1_000;

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Quick,
    /// Every formula and roll-up of every record is computed again, every file is read.
    Deep,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ailment {
    pub gravity: Gravity,
    /// What was looked at.
    pub check: &'static str,
    pub cause: String,
    pub fix: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    Error,
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl Ailment {
    fn error(check: &'static str, cause: impl ToString, fix: impl Into<String>) -> Self {
        Self { gravity: Gravity::Error, check, cause: cause.to_string(), fix: fix.into() }
    }

    fn warning(check: &'static str, cause: impl ToString, fix: impl Into<String>) -> Self {
        Self { gravity: Gravity::Warning, ..Self::error(check, cause, fix) }
    }

    fn note(check: &'static str, cause: impl ToString, fix: impl Into<String>) -> Self {
        Self { gravity: Gravity::Note, ..Self::error(check, cause, fix) }
    }
}

const RESTORE: &str = "restore the tenant from a backup";

/// Everything wrong with one tenant.
pub fn examine(runtime: &Runtime, name: &str, depth: Depth) -> Vec<Ailment> {
    let mut found = Vec::new();
    match runtime.storage.tenant(name) {
        Ok(handle) => found.extend(handle.read(revisions).unwrap_or_else(|error| vec![unreadable(&error)])),
        Err(error) => return vec![unreadable(&error.into())],
    }
    let tenant = match runtime.tenant(name) {
        Ok(tenant) => tenant,
        Err(error) => {
            found.push(Ailment::error("documents", error, RESTORE));
            return found;
        }
    };
    let pinned = tenant.pin();
    found.extend(layout(&pinned));
    found.extend(tables(&tenant, &pinned));
    found.extend(drifted(&tenant, &pinned).unwrap_or_else(|error| vec![unreadable(&error)]));
    found.extend(quarantine(&pinned.layout));
    found.extend(tenant.handle.read(workflows).unwrap_or_else(|error| vec![unreadable(&error)]));
    found.extend(files::files(runtime, &tenant, depth).unwrap_or_else(|error| vec![unreadable(&error)]));
    if depth == Depth::Deep {
        found.extend(computed(&tenant, &pinned));
    }
    found
}

fn unreadable(error: &Error) -> Ailment {
    Ailment::error("database", error, "see that the file or schema is there and may be read, else restore it")
}

/// Every revision can be read, and the newest is the one in force.
fn revisions(session: &mut dyn Session) -> Result<Vec<Ailment>, Error> {
    let mut found = Vec::new();
    let (current, _) = trellis_storage::version(session)?;
    let all = trellis_storage::revisions(session, LOOKED_AT)?;
    let newest = all.first().map_or(0, |revision| revision.revision);
    if newest != current {
        let cause = format!("revision {current} is in force, the newest is {newest}");
        found.push(Ailment::error("revisions", cause, RESTORE));
    }
    for revision in all {
        if let Err(error) = publish::documents_of(session, revision.revision) {
            let cause = format!("revision {} cannot be read: {error}", revision.revision);
            found.push(Ailment::error(
                "revisions",
                cause,
                "do not roll back to it; restore the tenant if it is in force",
            ));
        }
    }
    Ok(found)
}

/// The kept layout is what the documents imply.
fn layout(pinned: &Pinned) -> Vec<Ailment> {
    let implied = |snapshot: &Snapshot| diff(&pinned.layout, &Layout::of(snapshot));
    let resolution = resolve(&pinned.documents, pinned.revision);
    let steps = resolution.snapshot.as_ref().map(implied).unwrap_or_default();
    let ailment = |step: &trellis_plan::tables::Step| {
        let cause = format!("the tables lag behind the documents: {}", step.describe());
        Ailment::error("layout", cause, "apply the documents again: `trellis pull`, then `trellis apply`")
    };
    steps.iter().map(ailment).collect()
}

/// Every table can be read with all its columns.
fn tables(tenant: &Tenant, pinned: &Pinned) -> Vec<Ailment> {
    let caller = Caller::system(pinned);
    let read = |session: &mut dyn Session| {
        let tx = Transaction::new(session, pinned, &caller, Authority::System);
        let objects = pinned.snapshot.objects.iter();
        // A transaction that failed once answers nothing more on PostgreSQL, so that the first failure is told alone.
        let failed = objects.map(|object| (object, tx.load(object.index, Uuid::nil()))).find(|(_, read)| read.is_err());
        Ok::<_, Error>(failed.map(|(object, read)| (object.name.clone(), read.err())))
    };
    match tenant.handle.read(read) {
        Ok(None) => Vec::new(),
        Ok(Some((object, error))) => {
            let cause = error.map(|error| error.to_string()).unwrap_or_default();
            vec![Ailment::error("tables", format!("the table of `{object}` cannot be read: {cause}"), RESTORE)]
        }
        Err(error) => vec![unreadable(&error)],
    }
}

/// The database is what the layout says, to the last index.
fn drifted(tenant: &Tenant, pinned: &Pinned) -> Result<Vec<Ailment>, Error> {
    let catalogue = tenant.handle.read(trellis_storage::catalogue)?;
    let ailment = |drift: &Drift| match drift {
        Drift::MissingIndex { .. } => Ailment::error("drift", drift, "`trellis doctor --fix`"),
        drift if drift.is_stray() => Ailment::warning("drift", drift, "see who made it; drop it when nobody needs it"),
        _ => Ailment::error("drift", drift, RESTORE),
    };
    Ok(drift(&pinned.layout, &catalogue, pinned.dialect).iter().map(ailment).collect())
}

/// What was dropped and is kept, oldest first.
fn quarantine(layout: &Layout) -> Vec<Ailment> {
    let note = |entry: &Quarantined| {
        let Quarantined { table, kept_as, kept } = entry;
        let (what, id) = match kept {
            Kept::Column(column) => (format!("the values of field {table}.{}", column.name), "field"),
            Kept::Table(_) => (format!("the records of object {table}"), "object"),
        };
        let fix = format!("nothing; a rollback, or another {id} with this id, brings them back");
        Ailment::note("quarantine", format!("{what} are kept as {kept_as}"), fix)
    };
    layout.quarantined.iter().map(note).collect()
}

/// Nothing waits that nobody serves.
fn workflows(session: &mut dyn Session) -> Result<Vec<Ailment>, Error> {
    let mut found = Vec::new();
    if trellis_storage::outbox::is_waiting(session)? {
        let fix = "start the server: it serves them; if it runs, look for errors in its log";
        found.push(Ailment::warning("outbox", "events wait for workflows", fix));
    }
    for run in trellis_storage::runs::list(session, LOOKED_AT)? {
        if run.state == RunState::Parked {
            let reason = run.error.unwrap_or_default();
            let cause = format!("a run of `{}` (event {}) is parked: {reason}", run.workflow, run.event);
            found.push(Ailment::warning("runs", cause, "mend its cause and make the change again"));
        }
    }
    Ok(found)
}

/// Every computed value is what its inputs come to.
fn computed(tenant: &Tenant, pinned: &Pinned) -> Vec<Ailment> {
    let caller = Caller::system(pinned);
    let counted = tenant.handle.read(|session| recount(&Transaction::new(session, pinned, &caller, Authority::System)));
    let ailment = |wrong: &Miscount| Ailment::error("computed", told(wrong), "`trellis doctor --deep --fix`");
    match counted {
        Ok(wrong) => wrong.iter().map(ailment).collect(),
        Err(error) => vec![unreadable(&error)],
    }
}

/// Makes indexes again that are gone and, deep, computes again what differs from its inputs; tells what that was.
pub fn mend(runtime: &Runtime, name: &str, depth: Depth) -> Result<Vec<Ailment>, Error> {
    let tenant = runtime.tenant(name)?;
    let mut done = index_again(&tenant)?;
    if depth == Depth::Deep {
        done.extend(compute_again(&tenant)?);
    }
    Ok(done)
}

fn index_again(tenant: &Arc<Tenant>) -> Result<Vec<Ailment>, Error> {
    let pinned = tenant.pin();
    let mend = move |session: &mut dyn Session| {
        let found = trellis_storage::catalogue(session)?;
        let mut done = Vec::new();
        for drift in drift(&pinned.layout, &found, pinned.dialect) {
            let Drift::MissingIndex { step, .. } = &drift else { continue };
            trellis_storage::carry_out(session, step)?;
            done.push(Ailment::note("drift", drift, "nothing; it was made again"));
        }
        Ok(done)
    };
    tenant.handle.write_exclusive::<_, Error>(mend).wait()
}

fn compute_again(tenant: &Arc<Tenant>) -> Result<Vec<Ailment>, Error> {
    let mended = tenant.write_blocking(Caller::system(&tenant.pin()), Authority::System, recompute)?;
    Ok(mended.iter().map(|wrong| Ailment::note("computed", told(wrong), "nothing; it was computed again")).collect())
}

fn told(wrong: &Miscount) -> String {
    let Miscount { object, field, id, kept, counted } = wrong;
    format!("{object}.{field} of {id} is {kept}, comes to {counted}")
}
