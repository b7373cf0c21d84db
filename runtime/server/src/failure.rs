//! From what went wrong to a problem+json answer. The only place that knows a status line.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use trellis_api::{Class, ErrorCode, FieldError, Occurrence, Problem};
use trellis_engine::files::Refusal;
use trellis_engine::{Error, Finding, FindingCode, StorageError};
use trellis_forms::{DecodedForm, FieldProblem, Message};
use trellis_metadata::label::{Label, Locale};
use trellis_metadata::snapshot::{Field, Object, Snapshot};

/// A problem on its way out, with what the answer says of the request.
#[derive(Debug)]
pub struct Failure {
    pub problem: Problem,
    pub locale: Locale,
    pub instance: String,
    pub trace_id: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.text(self.locale))
    }
}

impl Failure {
    /// The problem document.
    pub fn body(&self) -> Vec<u8> {
        self.problem.to_bytes(Occurrence {
            status: self.status_code().as_u16(),
            locale: self.locale,
            instance: &self.instance,
            trace_id: &self.trace_id,
        })
    }

    /// When to come back and, of a limit on requests, which one it was.
    fn limited(&self, answer: &mut HttpResponseBuilder) {
        let seconds = self.problem.param("seconds").unwrap_or("1");
        answer.insert_header((RETRY_AFTER, seconds));
        if let (Some(of), Some(limit)) = (self.problem.param("of"), self.problem.param("limit")) {
            answer.insert_header(("ratelimit-policy", format!("\"{of}\";q={limit};w=1")));
            answer.insert_header(("ratelimit", format!("\"{of}\";r=0;t={seconds}")));
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        status(self.problem.class())
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        answer.insert_header((CONTENT_TYPE, "application/problem+json; charset=utf-8"));
        if status == StatusCode::UNAUTHORIZED {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        match status {
            StatusCode::SERVICE_UNAVAILABLE => drop(answer.insert_header((RETRY_AFTER, "1"))),
            StatusCode::TOO_MANY_REQUESTS => self.limited(&mut answer),
            _ => {}
        }
        answer.body(self.body())
    }
}

pub fn status(class: Class) -> StatusCode {
    match class {
        Class::BadRequest => StatusCode::BAD_REQUEST,
        Class::Unauthorized => StatusCode::UNAUTHORIZED,
        Class::Forbidden => StatusCode::FORBIDDEN,
        Class::NotFound => StatusCode::NOT_FOUND,
        Class::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Class::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Class::Conflict => StatusCode::CONFLICT,
        Class::Gone => StatusCode::GONE,
        Class::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Class::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Class::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Class::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Class::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Class::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Class::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The problem an engine error is answered with. Causes that a caller must not see are logged here, once.
pub fn problem(error: Error) -> Problem {
    match error {
        Error::NotFound => Problem::unknown_record(),
        Error::Forbidden(_) => Problem::new(ErrorCode::Forbidden),
        Error::Invalid(findings) => Problem::of_record(findings.into_iter().map(field_error).collect()),
        Error::Stale { current } => Problem::new(ErrorCode::StaleVersion).with("current", current),
        Error::TooLarge { what, limit } => {
            Problem::new(ErrorCode::QueryTooLarge).with("what", what).with("limit", limit)
        }
        Error::KeyReused => Problem::new(ErrorCode::IdempotencyMismatch),
        Error::InFlight => Problem::new(ErrorCode::RequestInFlight),
        Error::NeedsConfirmation { plan } => Problem::new(ErrorCode::ConfirmationRequired).with("hash", plan.hash),
        Error::Impossible { .. } => Problem::new(ErrorCode::MigrationRefused),
        Error::File(refusal) => file(refusal),
        Error::LastAdministrator => Problem::new(ErrorCode::LastAdministrator),
        Error::Unauthorized => Problem::new(ErrorCode::InvalidCredentials),
        Error::BadName(reason) => Problem::new(ErrorCode::InvalidRequest).detail(Label::plain(reason)),
        Error::TooManyAffected { limit, count } => {
            Problem::new(ErrorCode::TooManyAffected).with("limit", limit).with("count", count)
        }
        Error::Plan(error) => planning(error),
        Error::Republished | Error::Storage(StorageError::Undefined(_)) => Problem::new(ErrorCode::Republished),
        Error::Storage(error) => storage(error),
        Error::Internal(_) | Error::RolledBack(_) => {
            tracing::error!(%error, "internal error");
            Problem::new(ErrorCode::Internal)
        }
    }
}

fn file(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooLarge { limit } => Problem::new(ErrorCode::FileTooLarge).with("limit", limit),
        Refusal::Type { accept } => Problem::new(ErrorCode::FileType).with("accept", accept),
        Refusal::NoPicture { limit } => Problem::new(ErrorCode::UnreadablePicture).with("limit", limit),
        Refusal::TooManyWaiting => Problem::new(ErrorCode::TooManyFiles),
    }
}

/// Most characters of a reason that quotes what was sent.
const LONGEST_REASON: usize = 300;

/// A body that is not what its route reads.
pub fn unreadable(error: serde_json::Error) -> Problem {
    let reason: String = plain(&error.to_string()).chars().take(LONGEST_REASON).collect();
    Problem::new(ErrorCode::InvalidRequest).detail(Label::plain(reason))
}

/// The reason without the names our types have: `invalid length 0, expected struct Body with 4 elements at line 1`.
fn plain(reason: &str) -> String {
    match reason.split_once("expected struct ") {
        Some((_, rest)) => {
            let place = rest.find(" at line ").map_or("", |at| &rest[at..]);
            format!("a JSON object is expected{place}")
        }
        None => reason.to_owned(),
    }
}

fn planning(error: trellis_engine::PlanError) -> Problem {
    use trellis_engine::PlanError;
    match error {
        PlanError::TooComplex | PlanError::Pattern { .. } => {
            Problem::new(ErrorCode::QueryTooLarge).with("what", "conditions").with("limit", 100)
        }
        PlanError::Continuation => Problem::new(ErrorCode::InvalidCursor),
        PlanError::HiddenObject { .. } => Problem::unknown_record(),
        PlanError::NotSortable { .. } | PlanError::HiddenField { .. } | PlanError::NotARelation { .. } => {
            Problem::new(ErrorCode::InvalidQuery).detail(Label::plain(error.to_string()))
        }
        PlanError::Grant | PlanError::Build => {
            tracing::error!(%error, "planning failed");
            Problem::new(ErrorCode::Internal)
        }
    }
}

fn storage(error: StorageError) -> Problem {
    match error {
        StorageError::UnknownTenant => Problem::new(ErrorCode::UnknownTenant),
        StorageError::TenantExists => Problem::new(ErrorCode::NotUnique),
        StorageError::StaleRevision { .. } => Problem::new(ErrorCode::StaleRevision),
        StorageError::Deadline => Problem::new(ErrorCode::Deadline),
        StorageError::Busy(_) | StorageError::Unavailable(_) => {
            tracing::warn!(%error, "storage not available");
            Problem::new(ErrorCode::Unavailable)
        }
        other => {
            tracing::error!(error = %other, source = ?std::error::Error::source(&other), "storage failed");
            Problem::new(ErrorCode::Internal)
        }
    }
}

/// What a finding says to a person.
pub fn sentence(finding: &Finding, locale: Locale) -> String {
    field_error(finding.clone()).text(locale)
}

fn field_error(finding: Finding) -> FieldError {
    let error = |code| FieldError::new(code, finding.pointer.clone());
    match &finding.code {
        FindingCode::Required => error(ErrorCode::Required),
        FindingCode::Immutable => error(ErrorCode::ImmutableField).message(finding.message.clone()),
        FindingCode::NotUnique => error(ErrorCode::NotUnique),
        FindingCode::UnknownReference => error(ErrorCode::UnknownReference),
        FindingCode::UnknownFile => error(ErrorCode::UnknownFile),
        FindingCode::Rule(name) => error(ErrorCode::RuleViolated).with("rule", name).message(finding.message.clone()),
        FindingCode::Transition { from, to } => error(ErrorCode::TransitionRefused).with("from", from).with("to", to),
        FindingCode::ForbiddenField => {
            let name = finding.pointer.rsplit('/').next().unwrap_or_default();
            error(ErrorCode::ForbiddenField).with("name", name)
        }
        FindingCode::InUse { object } => error(ErrorCode::InUse).with("object", object),
        FindingCode::UnknownRecord => error(ErrorCode::UnknownRecord),
        FindingCode::Forbidden => error(ErrorCode::Forbidden),
        FindingCode::Stale => error(ErrorCode::StaleVersion),
        FindingCode::UnknownField => error(ErrorCode::UnknownField).message(finding.message.clone()),
        FindingCode::Value(code) => {
            error(ErrorCode::find(code).unwrap_or(ErrorCode::InvalidFormat)).message(finding.message.clone())
        }
        FindingCode::Loop | FindingCode::PasswordLength => error(ErrorCode::OutOfRange),
        FindingCode::UnknownRole(role) => error(ErrorCode::UnknownOption).with("value", role),
        FindingCode::ResultTooLarge => error(ErrorCode::ResultTooLarge),
        FindingCode::UnknownZone => error(ErrorCode::UnknownZone),
        FindingCode::DuplicateId(id) => error(ErrorCode::DuplicateId).with("id", id),
    }
}

/// The findings of a problem as lines to read.
pub fn field_texts(problem: &Problem, locale: Locale) -> Vec<String> {
    problem.errors.iter().map(|error| error.text(locale)).collect()
}

/// Findings of the pipeline at the controls of the form they are about.
pub fn form_problems(
    findings: &[Finding],
    decoded: &DecodedForm,
    object: &Object,
    snapshot: &Snapshot,
    locale: Locale,
) -> Vec<FieldProblem> {
    let problem = |finding: &Finding| {
        let name = decoded.control_of(&finding.pointer);
        let text = field_error(finding.clone()).text(locale);
        match (field_of(finding, object, snapshot), &finding.code) {
            (Some(field), FindingCode::Required) => FieldProblem::missing(locale, field, name),
            (Some(field), _) if finding.message.is_missing() => {
                FieldProblem::new(name, Message::About.fill(locale, &[&field.label(locale), &text]))
            }
            _ => FieldProblem::new(name, text),
        }
    };
    findings.iter().map(problem).collect()
}

/// The field a finding is about.
fn field_of<'s>(finding: &Finding, object: &'s Object, snapshot: &'s Snapshot) -> Option<&'s Field> {
    let parts: Vec<&str> = finding.pointer.split('/').skip(1).collect();
    match parts.as_slice() {
        [field] => object.field_by_name(field),
        [collection, _, field] => snapshot.object(object.collection(collection)?.object).field_by_name(field),
        _ => None,
    }
}
