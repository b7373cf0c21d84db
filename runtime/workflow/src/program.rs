//! Which steps a run follows: those its workflow had when the run started, even when it was published anew meanwhile.
//!
//! Only the workflow is the old one; objects and roles are today's, because the tables are.

use std::sync::Arc;

use trellis_engine::Error;
use trellis_engine::publish::document_at;
use trellis_engine::records::Transaction;
use trellis_metadata::document::Kind;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::{Revision, Snapshot, Workflow};

use crate::stop::Stop;

/// The workflow as the run knows it, or why there is none.
pub fn program(tx: &Transaction<'_>, id: &str, revision: Revision) -> Result<Result<Arc<Workflow>, Stop>, Error> {
    let Some(today) = find(tx.snapshot(), id) else { return Ok(Err(Stop::WorkflowRemoved)) };
    if revision == tx.pinned.revision {
        return Ok(Ok(today));
    }
    let then = tx.with_session(|session| document_at(session, revision, Kind::Workflow, id))?;
    let Some(then) = then else {
        return Ok(Err(Stop::WorkflowChanged(format!("revision {revision} is no longer kept"))));
    };
    let documents = &tx.pinned.documents;
    let json = |set: &trellis_metadata::document::DocumentSet| {
        set.get(Kind::Workflow, id).map(|document| document.json().clone())
    };
    if json(&then) == json(documents) {
        return Ok(Ok(today));
    }
    let resolution = resolve(&documents.merge(&then), tx.pinned.revision);
    let program = resolution.snapshot.as_ref().and_then(|snapshot| find(snapshot, id));
    Ok(program.ok_or_else(|| {
        Stop::WorkflowChanged(resolution.diagnostics.first().map(ToString::to_string).unwrap_or_default())
    }))
}

fn find(snapshot: &Snapshot, id: &str) -> Option<Arc<Workflow>> {
    snapshot.workflows.iter().find(|workflow| workflow.id.as_str() == id).cloned()
}
