//! Auto-numbers: the next number of a sequence, taken in the record's transaction, so numbers are distinct and, on
//! rollback, returned.

use chrono::Datelike;
use trellis_metadata::snapshot::{FieldKind, Object, Sequence, SequencePart, SequenceReset};
use trellis_metadata::value::Value;

use super::image::Image;
use super::transaction::Transaction;
use crate::Error;

/// Fills the empty auto-number fields of a new record.
pub fn number(tx: &Transaction<'_>, image: &mut Image, object: &Object) -> Result<(), Error> {
    for field in &object.fields {
        let FieldKind::AutoNumber { sequence } = field.kind else { continue };
        if image.get(field.index).is_null() {
            image.set(field.index, next(tx, sequence)?);
        }
    }
    Ok(())
}

/// Takes the next number of a sequence.
pub fn next(tx: &Transaction<'_>, sequence: usize) -> Result<Value, Error> {
    let sequence = &tx.snapshot().sequences[sequence];
    let number = tx.take_number(sequence.name.as_str(), &period(tx, sequence))?;
    Ok(Value::text(format(tx, sequence, number)))
}

/// Numbers start again with each period.
fn period(tx: &Transaction<'_>, sequence: &Sequence) -> String {
    let today = tx.caller.today();
    match sequence.reset {
        SequenceReset::Never => String::new(),
        SequenceReset::Year => today.format("%Y").to_string(),
        SequenceReset::Month => today.format("%Y-%m").to_string(),
        SequenceReset::Day => today.format("%Y-%m-%d").to_string(),
    }
}

fn format(tx: &Transaction<'_>, sequence: &Sequence, number: i64) -> String {
    let today = tx.caller.today();
    let part = |part: &SequencePart| match part {
        SequencePart::Text(text) => text.clone(),
        SequencePart::Year => format!("{:04}", today.year()),
        SequencePart::Month => format!("{:02}", today.month()),
        SequencePart::Day => format!("{:02}", today.day()),
        SequencePart::Number { width } => format!("{number:0width$}", width = *width),
    };
    sequence.pattern.iter().map(part).collect()
}
