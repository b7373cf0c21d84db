//! Carries out the commands that read and write records, each through the one write pipeline.
//!
//! The trigger's condition saw the record as its change left it; steps see it as it is now, so that nothing is counted
//! on a stale value. A record deleted meanwhile is seen as the event last saw it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use trellis_engine::records::{Change, Image, RecordFacts, Related, SharedImage, Transaction, fit, save};
use trellis_engine::request::RecordInput;
use trellis_engine::{Error, Event, Finding, FindingCode, Run};
use trellis_metadata::expression::{Expression, evaluate, is_true};
use trellis_metadata::field_type;
use trellis_metadata::label::{Label, Locale};
use trellis_metadata::snapshot::{Field, FieldIndex, Object, ObjectIndex, SwitchCase, UpdateTarget, Workflow};
use trellis_metadata::value::Value;

use crate::claim::Occasion;

/// What the steps of a run look at.
pub struct Scene<'a> {
    /// Name of the tenant.
    pub tenant: &'a str,
    pub workflow: &'a Workflow,
    pub event: &'a Event,
    pub run: &'a Run,
    pub object: &'a Object,
    pub before: Option<&'a Image>,
    pub record: SharedImage,
}

impl<'a> Scene<'a> {
    pub fn load(
        tx: &Transaction<'_>,
        tenant: &'a str,
        workflow: &'a Workflow,
        event: &'a Event,
        occasion: &'a Occasion<'_>,
        run: &'a Run,
    ) -> Result<Self, Error> {
        let object = occasion.object;
        let live = tx.load(object.index, event.record)?;
        let record = live.unwrap_or_else(|| Arc::new(occasion.after.clone()));
        Ok(Self { tenant, workflow, event, run, object, before: occasion.before.as_ref(), record })
    }

    fn facts<'t, 'x>(&'t self, transaction: &'t Transaction<'x>) -> RecordFacts<'t, 'x> {
        RecordFacts {
            transaction,
            object: self.object.index,
            before: self.before,
            after: &self.record,
            related: Related::Current,
        }
    }

    /// The first case that holds.
    pub fn choose(&self, tx: &Transaction<'_>, cases: &[SwitchCase]) -> Option<usize> {
        cases.iter().position(|case| case.when.as_ref().is_none_or(|when| is_true(when, &self.facts(tx))))
    }

    pub fn create(
        &self,
        tx: &Transaction<'_>,
        object: ObjectIndex,
        values: &[(FieldIndex, Expression)],
    ) -> Result<Json, Error> {
        let mut values = self.values(tx, tx.object(object), values)?;
        values.retain(|_, value| !value.is_null());
        let written = save(tx, Change::Create(RecordInput { object, id: None, values, children: Vec::new() }))?;
        Ok(json!({ "object": tx.object(object).id, "record": written.id }))
    }

    pub fn update(
        &self,
        tx: &Transaction<'_>,
        target: &UpdateTarget,
        values: &[(FieldIndex, Expression)],
    ) -> Result<Json, Error> {
        let (object, id) = match target {
            UpdateTarget::Record => (self.object.index, Some(self.event.record)),
            UpdateTarget::Lookup(field) => {
                let Some(relation) = self.object.field(*field).kind.relation() else {
                    return Err(Error::Internal("an update goes along a lookup".into()));
                };
                (relation.target, self.record.get(*field).as_id())
            }
        };
        let Some(id) = id else { return Ok(json!({ "skipped": "the lookup is empty" })) };
        let values = self.values(tx, tx.object(object), values)?;
        let input = RecordInput { object, id: Some(id), values, children: Vec::new() };
        let written = save(tx, Change::Update { id, expected: None, input })?;
        Ok(json!({ "object": tx.object(object).id, "record": written.id, "version": written.version }))
    }

    fn values(
        &self,
        tx: &Transaction<'_>,
        target: &Object,
        assignments: &[(FieldIndex, Expression)],
    ) -> Result<BTreeMap<FieldIndex, Value>, Error> {
        let mut values = BTreeMap::new();
        let mut findings = Vec::new();
        for (index, expression) in assignments {
            let field = target.field(*index);
            match typed(field, evaluate(expression, &self.facts(tx))) {
                Ok(value) => drop(values.insert(*index, value)),
                Err(finding) => findings.push(*finding),
            }
        }
        tx.raise_failure()?;
        if findings.is_empty() { Ok(values) } else { Err(Error::Invalid(findings)) }
    }
}

/// The value as the field takes it from anybody else: within its length, range, options.
fn typed(field: &Field, value: Value) -> Result<Value, Box<Finding>> {
    let refused = |code: &'static str, message: String| {
        let finding = Finding::new(format!("/{}", field.name), FindingCode::Value(code));
        Box::new(Finding { message: Label::plain(message), ..finding })
    };
    let was_null = value.is_null();
    let fitted = fit(field, value);
    if fitted.is_null() && !was_null {
        return Err(refused("does_not_fit", format!("{} cannot hold the computed value", field.label(Locale::En))));
    }
    field_type::check(field, &field_type::to_json(field, &fitted))
        .map_err(|error| refused(error.code, error.message(Locale::En, &field.label(Locale::En))))
}
