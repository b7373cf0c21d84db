//! One part of a file: its rows written in one transaction, those that are refused set aside.

use trellis_metadata::snapshot::{FieldIndex, Object};
use trellis_plan::request::RecordInput;
use trellis_storage::Job;
use trellis_storage::jobs;

use super::outcome::{Outcome, Refused, Told};
use super::rows::{Content, Reading, Row};
use super::{Existing, Progress, Request, Teller};
use crate::records::{Change, Resolution, Transaction, Upsert, save_all};
use crate::{Error, Finding};

/// How often the rows that are named as wrong are taken out of a batch before it is rather halved: some refusals name
/// one row at a time.
const ROUNDS: usize = 4;
/// Refused rows that are told with the progress itself.
const SAMPLES: usize = 20;

pub fn carry_out(
    tx: &Transaction<'_>,
    job: &Job,
    object: &Object,
    request: &Request,
    at: &mut Progress,
    teller: &Teller,
) -> Result<(), Error> {
    let part = tx.with_session(|session| Ok(jobs::part(session, job.id, at.next)?))?;
    let text = part.and_then(|part| part.input).ok_or_else(|| Error::Internal("a part of an import is gone".into()))?;
    let rows = Reading::new(tx, object, request)?.rows(&text, at.lines)?;
    let writing = Writing { tx, request, key: super::key(object, request), teller };
    let outcome = if request.dry_run {
        let mut outcome = None;
        tx.taken_back(|| {
            outcome = Some(writing.write(rows)?);
            Ok(())
        })?;
        outcome.ok_or_else(|| Error::Internal("a trial has an outcome".into()))?
    } else {
        writing.write(rows)?
    };
    at.next += 1;
    at.lines += text.lines().count() as u64;
    at.created += outcome.created.len() as u64;
    at.updated += outcome.updated.len() as u64;
    at.unchanged += outcome.unchanged;
    at.blank += outcome.blank;
    at.refused += outcome.refused.len() as u64;
    let room = SAMPLES.saturating_sub(at.samples.len());
    at.samples.extend(outcome.refused.iter().take(room).cloned());
    let outcome = serde_json::to_string(&outcome).map_err(|error| Error::Internal(error.to_string()))?;
    tx.with_session(|session| Ok(jobs::finish_part(session, job.id, at.next - 1, &outcome)?))
}

struct Writing<'w, 'a> {
    tx: &'w Transaction<'a>,
    request: &'w Request,
    key: Vec<FieldIndex>,
    teller: &'w Teller,
}

/// A row that can be tried.
struct Candidate<'t> {
    line: u64,
    text: &'t str,
    input: RecordInput,
}

impl Writing<'_, '_> {
    fn write(&self, rows: Vec<Row<'_>>) -> Result<Outcome, Error> {
        let mut outcome = Outcome::default();
        let mut candidates = Vec::with_capacity(rows.len());
        for Row { line, text, content } in rows {
            match content {
                Content::Blank => outcome.blank += 1,
                Content::Record(input) => candidates.push(Candidate { line, text, input }),
                Content::Refused(findings) => outcome.refused.push(self.refused(line, text, &findings)),
            }
        }
        let mut batches = vec![candidates];
        while let Some(batch) = batches.pop() {
            // The first half goes first.
            batches.extend(self.write_batch(batch, &mut outcome)?.into_iter().rev());
        }
        outcome.refused.sort_by_key(|refused| refused.line);
        Ok(outcome)
    }

    /// Writes what can be written of a batch; returns what has to be tried in smaller batches.
    fn write_batch<'t>(
        &self,
        mut batch: Vec<Candidate<'t>>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Vec<Candidate<'t>>>, Error> {
        for _ in 0..ROUNDS {
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let findings = match self.attempt(&batch)? {
                Ok(written) => {
                    for written in written {
                        outcome.add(written);
                    }
                    return Ok(Vec::new());
                }
                Err(findings) => findings,
            };
            let mut of_row: Vec<Vec<Finding>> = batch.iter().map(|_| Vec::new()).collect();
            let mut unnamed = Vec::new();
            for finding in findings {
                match place(&finding.pointer, batch.len()) {
                    Some((row, rest)) => of_row[row].push(Finding { pointer: rest.to_owned(), ..finding }),
                    None => unnamed.push(finding),
                }
            }
            if batch.len() == 1 {
                of_row[0].append(&mut unnamed);
            }
            if of_row.iter().all(Vec::is_empty) {
                break;
            }
            let tried = std::mem::take(&mut batch);
            for (candidate, findings) in tried.into_iter().zip(of_row) {
                if findings.is_empty() {
                    batch.push(candidate);
                } else {
                    outcome.refused.push(self.refused(candidate.line, candidate.text, &findings));
                }
            }
        }
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let rest = batch.split_off(batch.len().div_ceil(2));
        Ok([batch, rest].into_iter().filter(|half| !half.is_empty()).collect())
    }

    fn attempt(&self, batch: &[Candidate<'_>]) -> Result<Result<Vec<crate::records::Written>, Vec<Finding>>, Error> {
        let changes =
            batch.iter().enumerate().map(|(row, candidate)| (self.change(&candidate.input), format!("/{row}")));
        let changes: Vec<(Change, String)> = changes.collect();
        match self.tx.attempt(|| save_all(self.tx, changes))? {
            Ok(written) => Ok(Ok(written)),
            Err(Error::Invalid(findings)) => Ok(Err(findings)),
            Err(error) => Err(error),
        }
    }

    fn change(&self, input: &RecordInput) -> Change {
        let resolution = match self.request.existing {
            None => return Change::Create(input.clone()),
            Some(Existing::Merge) => Resolution::Merge,
            Some(Existing::Ignore) => Resolution::Ignore,
        };
        Change::Upsert(Upsert { input: input.clone(), key: self.key.clone(), resolution, expected: None })
    }

    fn refused(&self, line: u64, text: &str, findings: &[Finding]) -> Refused {
        let told = |finding: &Finding| Told {
            field: finding.pointer.trim_start_matches('/').to_owned(),
            code: finding.code.name().to_owned(),
            message: (self.teller)(finding, self.request.locale),
        };
        Refused { line, text: text.to_owned(), errors: findings.iter().map(told).collect() }
    }
}

/// `/12/site` as the twelfth row and `/site`.
fn place(pointer: &str, rows: usize) -> Option<(usize, &str)> {
    let pointer = pointer.strip_prefix('/')?;
    let end = pointer.find('/').unwrap_or(pointer.len());
    let row = pointer[..end].parse().ok().filter(|row| *row < rows)?;
    Some((row, &pointer[end..]))
}
