//! Workflows that run in the transaction before a record is written: they may set its fields, nothing else.

use trellis_metadata::expression::{evaluate, is_true};
use trellis_metadata::snapshot::{Step, Timing};

use super::compute::fit;
use super::draft::Draft;
use super::transaction::Transaction;
use crate::Error;

pub fn run(tx: &Transaction<'_>, draft: &mut Draft) -> Result<(), Error> {
    let snapshot = tx.snapshot();
    let (object, kind) = (draft.object, draft.kind);
    let workflows = snapshot.workflows.iter().filter(|workflow| {
        workflow.object == object && workflow.timing == Timing::BeforeSave && workflow.events.contains(&kind)
    });
    for workflow in workflows {
        if workflow.when.as_ref().is_none_or(|when| is_true(when, &draft.facts(tx))) {
            steps(tx, &workflow.steps, draft);
        }
    }
    tx.raise_failure()
}

fn steps(tx: &Transaction<'_>, program: &[Step], draft: &mut Draft) {
    for step in program {
        match step {
            Step::Set(assignments) => {
                for (field, expression) in assignments {
                    let value = evaluate(expression, &draft.facts(tx));
                    draft.after.set(*field, fit(tx.snapshot().field(draft.object, *field), value));
                }
            }
            Step::Switch(cases) => {
                let taken =
                    cases.iter().find(|case| case.when.as_ref().is_none_or(|when| is_true(when, &draft.facts(tx))));
                if let Some(case) = taken {
                    steps(tx, &case.steps, draft);
                }
            }
            // The resolver refuses other steps before save.
            Step::Create { .. } | Step::Update { .. } | Step::Notify(_) | Step::Approve(_) => {}
        }
    }
}
