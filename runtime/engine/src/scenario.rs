//! Scenarios of packages, carried out on a tenant of their own through the one write pipeline and the one read gate.
//!
//! What is given is written as the runtime, each action in a transaction of its own, and looked at as its actor. Serving
//! workflows between the actions is left to the caller: this module only hears what got stuck.

mod act;
mod expect;
mod look;
mod person;
mod refusal;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use trellis_metadata::document::scenario::Scenario;
use trellis_metadata::document::{Document, DocumentSet};
use trellis_metadata::snapshot::{Layer, ObjectIndex};
use uuid::Uuid;

use crate::publish::{self, Confirmation, DocumentChanges};
use crate::{Caller, Error, Runtime, Tenant};
use refusal::Reason;

/// How a scenario ended; it passed when nothing differs.
#[derive(Debug)]
pub struct Outcome {
    pub differences: Vec<Difference>,
}

/// Something that should hold and does not.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// JSON Pointer into the document.
    pub pointer: String,
    pub expected: String,
    pub found: String,
}

/// Serves the tenant's workflows until nothing is left to do now; answers with what got stuck.
pub type Settle<'f> = &'f dyn Fn(&Arc<Tenant>) -> Result<Vec<String>, Error>;

/// A new tenant with these documents, for one scenario.
pub fn prepare(runtime: &Runtime, name: &str, documents: &DocumentSet) -> Result<Arc<Tenant>, Error> {
    let tenant = runtime.create_tenant(name)?;
    let author = Caller::system(&tenant.pin());
    let documents = documents.clone().in_layer(Layer::Package);
    let changes = DocumentChanges { documents, ..DocumentChanges::default() };
    let plan = publish::apply(&tenant, changes, &Confirmation::SafeOnly, &author, "to run a scenario")?;
    match plan.diagnostics.iter().find(|_| plan.has_errors()) {
        Some(finding) => Err(Error::Internal(format!("the documents do not resolve: {finding}"))),
        None => Ok(tenant),
    }
}

/// Carries a scenario out on the tenant made for it. Only `Err` when the runtime itself fails.
pub fn run(
    runtime: &Runtime,
    tenant: &Arc<Tenant>,
    document: &Document,
    scenario: &Scenario,
    settle: Settle<'_>,
) -> Result<Outcome, Error> {
    let mut stage = Stage::new(runtime, tenant, document, scenario)?;
    stage.play(scenario, settle)?;
    Ok(Outcome { differences: stage.differences })
}

/// Who and what is there so far, and what differed.
struct Stage<'s> {
    tenant: &'s Arc<Tenant>,
    now: Option<DateTime<Utc>>,
    people: HashMap<String, Uuid>,
    names: HashMap<String, (ObjectIndex, Uuid)>,
    /// Why the last action was refused.
    last: Vec<Reason>,
    differences: Vec<Difference>,
}

impl Stage<'_> {
    fn play(&mut self, scenario: &Scenario, settle: Settle<'_>) -> Result<(), Error> {
        for (position, action) in scenario.given.iter().enumerate() {
            if !self.give(action, &format!("/given/{position}"))? {
                return Ok(());
            }
        }
        let states_error = scenario.then.iter().any(|expectation| expectation.error.is_some());
        for (position, action) in scenario.when.iter().enumerate() {
            let may_fail = states_error && position + 1 == scenario.when.len();
            let pointer = format!("/when/{position}");
            if !self.act(action, &pointer, may_fail)? {
                return Ok(());
            }
            for stuck in settle(self.tenant)? {
                self.differs(&pointer, "workflows that run".into(), stuck);
            }
        }
        for (position, expectation) in scenario.then.iter().enumerate() {
            self.check(expectation, &format!("/then/{position}"))?;
        }
        Ok(())
    }

    fn differs(&mut self, pointer: &str, expected: String, found: String) {
        self.differences.push(Difference { pointer: pointer.to_owned(), expected, found });
    }
}
