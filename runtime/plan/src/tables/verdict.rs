//! From answers to verdicts, and the migration a person confirms.
//!
//! Judging looks at steps and counts only; it knows no SQL.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::check::{Answer, Question, questions};
use super::diff::diff;
use super::layout::Layout;
use super::step::{Promise, Step, kind_text};
use crate::Dialect;
use trellis_metadata::field_type::Conversion;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Safe,
    /// May be done; the reason says what it costs.
    Risky,
    /// Would fail or lose values.
    Impossible,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Position of the step.
    pub step: usize,
    pub level: Level,
    pub rows: u64,
    pub samples: Vec<Uuid>,
    pub reason: String,
}

/// What is shown, confirmed by its hash, and carried out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Migration {
    pub steps: Vec<Step>,
    /// One for each step.
    pub verdicts: Vec<Verdict>,
    /// The layout to keep afterwards.
    pub layout: Layout,
    /// Of steps and layout, in hex: another hash is another migration.
    pub hash: String,
}

impl Migration {
    /// Plans the way from the layout in force to the one wanted; `ask` puts each question to the rows.
    pub fn plan<E>(
        previous: &Layout,
        next: Layout,
        dialect: Dialect,
        mut ask: impl FnMut(&Question, &Step) -> Result<Answer, E>,
    ) -> Result<Self, E> {
        let steps = diff(previous, &next);
        let mut answers = BTreeMap::new();
        for question in questions(&steps, dialect) {
            answers.insert(question.step, ask(&question, &steps[question.step])?);
        }
        let verdicts = judge(&steps, &answers);
        let layout = Layout::after(previous, next, &steps);
        let hash = hash(&steps, &layout);
        Ok(Self { steps, verdicts, layout, hash })
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The worst of the verdicts.
    pub fn level(&self) -> Level {
        self.verdicts.iter().map(|verdict| verdict.level).max().unwrap_or(Level::Safe)
    }
}

fn hash(steps: &[Step], layout: &Layout) -> String {
    // Both are plain data with text keys, which serde_json always writes.
    let text = serde_json::to_string(&(steps, layout)).unwrap_or_default();
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// `answers` by position of the step; a step without a question needs none.
pub fn judge(steps: &[Step], answers: &BTreeMap<usize, Answer>) -> Vec<Verdict> {
    let verdict = |(position, step): (usize, &Step)| {
        let answer = answers.get(&position).cloned().unwrap_or_default();
        let (level, reason) = judge_step(step, answer.rows);
        Verdict { step: position, level, rows: answer.rows, samples: answer.samples, reason }
    };
    steps.iter().enumerate().map(verdict).collect()
}

fn judge_step(step: &Step, rows: u64) -> (Level, String) {
    if rows == 0 {
        return (Level::Safe, untouched(step).to_owned());
    }
    let records = if rows == 1 { "1 record".to_owned() } else { format!("{rows} records") };
    match step {
        Step::QuarantineColumn { .. } => {
            (Level::Risky, format!("{records} hold a value; it leaves every page and API but can be restored."))
        }
        Step::QuarantineTable { .. } => {
            (Level::Risky, format!("{records} leave every page and API but can be restored."))
        }
        Step::ReplaceColumn { column, .. } if column.is_derived() => {
            (Level::Risky, format!("{records} hold a value that gives way to a computed one but can be restored."))
        }
        Step::ReplaceColumn { was, column, .. } => (
            Level::Impossible,
            format!(
                "{records} hold a value, and {} does not turn into {} without guessing. Add a field with another id \
                 and fill it, or drop this one first.",
                was.type_text(),
                column.type_text()
            ),
        ),
        Step::TranslateColumn { was, column, kept_as, .. } => {
            let loss = match Conversion::between(was.type_name(), column.type_name()) {
                Conversion::Simplify => "lose their formatting",
                _ => "hold a value that cannot be read so and become empty",
            };
            (Level::Risky, format!("{records} {loss}; what they were stays in quarantine as {kept_as}."))
        }
        Step::ConvertColumn { to, .. } => (
            Level::Impossible,
            format!("{records} hold a value that does not fit {} exactly. Change those first.", kind_text(*to)),
        ),
        Step::Tighten { promise, .. } => judge_promise(promise, &records),
        Step::Backfill { .. } => (Level::Safe, format!("{records} without a value get the default.")),
        Step::CreateUniqueIndex { .. } => {
            (Level::Impossible, format!("{records} share their value with another. Make them differ first."))
        }
        Step::RestoreTable { .. } => (Level::Safe, format!("{records} come back as they were.")),
        Step::RestoreColumn { .. } => (Level::Safe, format!("{records} get back the value they had.")),
        Step::DropIndex { .. }
        | Step::CreateTable { .. }
        | Step::AddColumn { .. }
        | Step::FillComputed { .. }
        | Step::CreateIndex { .. } => (Level::Safe, untouched(step).to_owned()),
    }
}

fn judge_promise(promise: &Promise, records: &str) -> (Level, String) {
    match promise {
        Promise::Required => {
            (Level::Risky, format!("{records} have no value; each must be given one when it is next changed."))
        }
        Promise::MaxLength(length) => {
            (Level::Risky, format!("{records} are longer than {length} characters; they stay until they are changed."))
        }
        Promise::Codes(_) => (
            Level::Risky,
            format!("{records} hold a code that is no option any more; they stay until they are changed."),
        ),
        Promise::Limits { to, .. } => (
            Level::Risky,
            format!("{records} hold a value that this {to} field refuses now; they stay until they are changed."),
        ),
        Promise::Target(target) => (
            Level::Impossible,
            format!("{records} point at something that is no record of {target}. Clear them first."),
        ),
        Promise::Found(target) => (
            Level::Risky,
            format!("{records} point at a record of {target} that is gone; they stay until they are changed."),
        ),
    }
}

/// Why a step is safe when no row stands against it.
fn untouched(step: &Step) -> &'static str {
    match step {
        Step::DropIndex { index, .. } if index.starts_with("ux_") => "Values need not differ any more.",
        Step::DropIndex { .. } | Step::CreateIndex { .. } => "Changes speed only.",
        Step::QuarantineColumn { column, .. } if column.is_derived() => "Its values were computed.",
        Step::ReplaceColumn { was, .. } | Step::RestoreColumn { column: was, .. } if was.is_derived() => {
            "Its values are computed anew."
        }
        Step::QuarantineColumn { .. } => "No record holds a value.",
        Step::QuarantineTable { .. } => "There are no records.",
        Step::RestoreTable { .. } => "No records are kept.",
        Step::RestoreColumn { .. } => "No values are kept.",
        Step::AddColumn { stays: Some(_), .. } => "Adds only; what is kept cannot be stored in the new field as it is.",
        Step::CreateTable { .. } | Step::AddColumn { .. } => "Adds only.",
        Step::ReplaceColumn { .. } => "No record holds a value, so nothing is lost.",
        Step::ConvertColumn { .. } => "Every value is kept.",
        Step::TranslateColumn { back: Some(_), .. } => "Every value comes back or can be read.",
        Step::TranslateColumn { .. } => "Every value can be read.",
        Step::Tighten { .. } => "Every record complies already.",
        Step::Backfill { .. } => "No record is without a value.",
        Step::FillComputed { .. } => "Computed from what is stored.",
        Step::CreateUniqueIndex { .. } => "No two records share a value.",
    }
}
