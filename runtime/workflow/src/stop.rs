//! Why a run stands still: a code to search for and a sentence for the person who looks at it.

use trellis_engine::{Error, StorageError};

use crate::machine::{Fault, MAX_DEPTH};

/// A reason to park a run or to leave it waiting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    #[error(
        "too_deep: {MAX_DEPTH} workflow effects lie between a person and this change; does a workflow start itself?"
    )]
    TooDeep,
    #[error("event_gone: the event that started the run is no longer kept")]
    EventGone,
    #[error("workflow_removed: the workflow was removed")]
    WorkflowRemoved,
    #[error("workflow_changed: the workflow as it was when the run started does not fit today's documents: {0}")]
    WorkflowChanged(String),
    #[error("starter_gone: the user who started it is no longer active, and the workflow runs as its starter")]
    StarterGone,
    #[error("journal_unreadable: the journal of the run cannot be read")]
    JournalUnreadable,
    #[error("program_fault: {0}")]
    Program(Fault),
    #[error("refused: {0}")]
    Refused(String),
    #[error("gave_up: failed {attempts} times, the last time with: {last}")]
    GaveUp { attempts: u64, last: String },
    #[error(
        "approval_not_available: waits for the approval `{0}`; answering approvals is not built yet in this version, so the steps after it do not run"
    )]
    Approval(String),
}

/// Would the same step be refused again, so that only a person can help.
pub fn is_final(error: &Error) -> bool {
    match error {
        Error::NotFound | Error::Forbidden(_) | Error::Invalid(_) | Error::BadName(_) => true,
        Error::Storage(error) => matches!(error, StorageError::Unique { .. } | StorageError::Parameter { .. }),
        _ => false,
    }
}
