//! Why a use case was refused or failed, in terms the API and the pages can answer with.

use trellis_metadata::label::{Label, Locale};
use uuid::Uuid;

use crate::identity::password;
use crate::publish::Plan;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such object, record or action for this caller; hidden and missing look the same.
    #[error("not found")]
    NotFound,
    /// The caller may see it but not do this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// The input breaks rules of the metadata; every finding.
    #[error("the record is not valid: {}", listed(.0))]
    Invalid(Vec<Finding>),
    /// The record moved on since the caller read it.
    #[error("the record is at version {current}")]
    Stale { current: i64 },
    /// The key of the request was used for another one.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The request with this key has not ended yet.
    #[error("a request with this idempotency key is still running")]
    InFlight,
    /// The tenant's documents moved on while the request ran; running it again uses the new ones.
    #[error("the tenant was published while the request ran")]
    Republished,
    /// More records than the caller allowed.
    #[error("{count} records would be affected, more than {limit}")]
    TooManyAffected { limit: u64, count: u64 },
    /// A question whose answer would not fit.
    #[error("more than {limit} {what}")]
    TooLarge { what: &'static str, limit: u32 },
    /// Carried out and taken back, as asked; holds what it would have answered.
    #[error("rolled back as asked")]
    RolledBack(Box<dyn std::any::Any + Send>),
    /// A publish that destroys or may fail needs the hash of the plan that was shown.
    #[error("the plan needs confirmation")]
    NeedsConfirmation { plan: Box<Plan> },
    /// The plan cannot be carried out with the rows there are; its verdicts say why.
    #[error("the plan cannot be carried out")]
    Impossible { plan: Box<Plan> },
    /// A file that is not taken in.
    #[error(transparent)]
    File(#[from] crate::files::Refusal),
    /// Nobody could let him in again.
    #[error("this is the tenant's last active administrator; let another one in first")]
    LastAdministrator,
    #[error("{0}")]
    BadName(String),
    #[error("login failed")]
    Unauthorized,
    #[error(transparent)]
    Plan(#[from] trellis_plan::Error),
    #[error(transparent)]
    Storage(#[from] trellis_storage::Error),
    #[error("internal: {0}")]
    Internal(String),
}

/// One reason a write was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// JSON Pointer into the body: `/lines/0/quantity`, or empty for the record.
    pub pointer: String,
    pub code: FindingCode,
    /// The author's message of a validation rule; the code's own text otherwise.
    pub message: Label,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FindingCode {
    Required,
    Immutable,
    /// Another live record has the same value.
    NotUnique,
    /// The lookup points at nothing the caller can see.
    UnknownReference,
    /// The file is none the caller sent for this field, or another record has it.
    UnknownFile,
    /// A validation rule of the object.
    Rule(String),
    /// The state machine has no such transition from here, or its condition or roles refuse it.
    Transition {
        from: String,
        to: String,
    },
    /// The caller's rights do not cover this field in this record.
    ForbiddenField,
    /// Still referred to by records of this object.
    InUse {
        object: String,
    },
    UnknownField,
    /// No such record for the caller; of one among several changes.
    UnknownRecord,
    /// The caller may not do this; of one among several changes.
    Forbidden,
    /// The record moved on since the caller read it; of one among several changes.
    Stale,
    /// A value its field type refuses, by code.
    Value(&'static str),
    PasswordLength,
    UnknownRole(String),
    /// The record would stand above itself in its tree.
    Loop,
    /// A formula or total of what was written is larger than its field can hold.
    ResultTooLarge,
    /// The time zone is none there is.
    UnknownZone,
    /// An id that is already taken.
    DuplicateId(Uuid),
}

/// Findings on one line, for logs and the command line.
fn listed(findings: &[Finding]) -> String {
    let texts: Vec<String> = findings.iter().map(Finding::sentence).collect();
    texts.join("; ")
}

impl Finding {
    pub fn new(pointer: impl Into<String>, code: FindingCode) -> Self {
        Self { pointer: pointer.into(), code, message: Label::Missing }
    }

    fn sentence(&self) -> String {
        let subject = if self.pointer.is_empty() { "the record" } else { self.pointer.trim_start_matches('/') };
        match &self.code {
            FindingCode::Rule(rule) => match self.message.get(Locale::En) {
                Some(message) => format!("{subject}: {message}"),
                None => format!("{subject}: the rule {rule} is broken"),
            },
            code => format!("{subject} {}", code.predicate()),
        }
    }
}

impl FindingCode {
    /// What is said of the place the finding points at.
    fn predicate(&self) -> String {
        match self {
            FindingCode::Required => "must have a value".into(),
            FindingCode::Immutable => "cannot be changed any more".into(),
            FindingCode::NotUnique => "is taken by another record".into(),
            FindingCode::UnknownReference => "names a record that is not there".into(),
            FindingCode::UnknownFile => "names a file that is not there".into(),
            FindingCode::Rule(rule) => format!("breaks the rule {rule}"),
            FindingCode::Transition { from, to } => format!("may not go from {from} to {to}"),
            FindingCode::ForbiddenField => "may not be written by this user".into(),
            FindingCode::InUse { object } => format!("is still referred to by {object}"),
            FindingCode::UnknownField => "is no field".into(),
            FindingCode::UnknownRecord => "is not there".into(),
            FindingCode::Forbidden => "may not be changed by this user".into(),
            FindingCode::Stale => "was changed by somebody else meanwhile".into(),
            FindingCode::Value(code) => format!("is not accepted ({code})"),
            FindingCode::PasswordLength => {
                let (shortest, longest) = (password::SHORTEST, password::LONGEST);
                format!("must have {shortest} to {longest} characters")
            }
            FindingCode::UnknownRole(role) => format!("names the role {role}, which does not exist"),
            FindingCode::Loop => "would stand above itself".into(),
            FindingCode::ResultTooLarge => "becomes larger than its field can hold".into(),
            FindingCode::UnknownZone => "is no known time zone".into(),
            FindingCode::DuplicateId(id) => format!("has the id {id}, which is taken"),
        }
    }

    /// The stable code, as the API answers it.
    pub fn name(&self) -> &'static str {
        match self {
            FindingCode::Required => "required",
            FindingCode::Immutable => "immutable_field",
            FindingCode::NotUnique => "not_unique",
            FindingCode::UnknownReference => "unknown_reference",
            FindingCode::UnknownFile => "unknown_file",
            FindingCode::Rule(_) => "rule_violated",
            FindingCode::Transition { .. } => "transition_refused",
            FindingCode::ForbiddenField => "forbidden_field",
            FindingCode::InUse { .. } => "in_use",
            FindingCode::UnknownField => "unknown_field",
            FindingCode::Value(code) => code,
            FindingCode::PasswordLength | FindingCode::Loop => "out_of_range",
            FindingCode::UnknownRole(_) => "unknown_option",
            FindingCode::UnknownRecord => "unknown_record",
            FindingCode::Forbidden => "forbidden",
            FindingCode::Stale => "stale_version",
            FindingCode::ResultTooLarge => "result_too_large",
            FindingCode::UnknownZone => "unknown_zone",
            FindingCode::DuplicateId(_) => "duplicate_id",
        }
    }
}

impl From<trellis_plan::CellError> for Error {
    fn from(error: trellis_plan::CellError) -> Self {
        Error::Storage(error.into())
    }
}
