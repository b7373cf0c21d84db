//! Why somebody may or may not do something: the rules from the code path that enforces them, decided for one record
//! where one is named.

use std::fmt;

use serde::Serialize;
use trellis_access::{Explanation, explain as explain_access};
use trellis_metadata::predicate::holds;
use trellis_metadata::snapshot::Verb;
use uuid::Uuid;

use crate::Error;
use crate::caller::Caller;
use crate::identity::{find_member, load_actor};
use crate::records::{Authority, RecordFacts, Related, Transaction};
use crate::tenant::Tenant;

/// What is asked, in names.
#[derive(Clone, Debug)]
pub struct Question {
    /// E-mail address.
    pub user: String,
    pub object: String,
    pub verb: String,
    pub record: Option<Uuid>,
    pub field: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Answer {
    #[serde(flatten)]
    pub explanation: Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordAnswer>,
}

/// The verdict for one record.
#[derive(Debug, Serialize)]
pub struct RecordAnswer {
    pub id: Uuid,
    /// There is such a live record.
    pub exists: bool,
    pub allowed: bool,
    /// One entry per coverage of the explanation: does the record lie in its rows.
    pub coverages: Vec<bool>,
}

impl Answer {
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.explanation)?;
        let Some(record) = &self.record else { return Ok(()) };
        let verdict = match (record.exists, record.allowed) {
            (false, _) => "does not exist",
            (true, true) => "allowed",
            (true, false) => "not allowed: no rule covers it",
        };
        write!(f, "\nrecord {}: {verdict}", record.id)
    }
}

pub fn explain(tenant: &Tenant, question: &Question) -> Result<Answer, Error> {
    let pinned = tenant.pin();
    let unknown = |what: &str, name: &str| Error::BadName(format!("there is no {what} {name}"));
    let user = find_member(tenant, &question.user)?.ok_or_else(|| unknown("user", &question.user))?;
    let actor = load_actor(tenant, user)?.ok_or_else(|| unknown("active user", &question.user))?;
    let object = pinned.snapshot.object_by_name(&question.object).ok_or_else(|| unknown("object", &question.object))?;
    let verb = Verb::ALL.into_iter().find(|verb| format!("{verb:?}").eq_ignore_ascii_case(&question.verb));
    let verb = verb.ok_or_else(|| unknown("verb", &question.verb))?;
    let field = match &question.field {
        Some(name) => Some(object.field_by_name(name).ok_or_else(|| unknown("field", name))?.index),
        None => None,
    };
    let explanation = explain_access(&pinned.snapshot, &actor, object.index, verb, field);
    let caller = Caller { profile: pinned.profile(&actor.roles), actor: actor.into(), ..Caller::system(&pinned) };
    let record = match question.record {
        None => None,
        Some(id) => Some(tenant.handle.read(|session| {
            let tx = Transaction::new(session, &pinned, &caller, Authority::System);
            let Some(image) = tx.load(object.index, id)? else {
                return Ok(RecordAnswer { id, exists: false, allowed: false, coverages: Vec::new() });
            };
            let facts = RecordFacts {
                transaction: &tx,
                object: object.index,
                before: None,
                after: &image,
                related: Related::Current,
            };
            let coverages: Vec<bool> =
                explanation.coverages.iter().map(|coverage| holds(&coverage.rows, &facts) == Some(true)).collect();
            tx.raise_failure()?;
            let allowed = coverages
                .iter()
                .zip(&explanation.coverages)
                .any(|(holds, coverage)| *holds && coverage.covers_field != Some(false));
            Ok::<_, Error>(RecordAnswer { id, exists: true, allowed, coverages })
        })?),
    };
    Ok(Answer { explanation, record })
}
