//! How auto-numbers are written and when they begin again.

use crate::identifier::Identifier;

#[derive(Clone, Debug)]
pub struct Sequence {
    pub name: Identifier,
    pub pattern: Vec<SequencePart>,
    pub reset: SequenceReset,
    /// No number is skipped: taken inside the record's transaction.
    pub gapless: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SequencePart {
    Text(String),
    Year,
    Month,
    Day,
    /// The number, zero-padded to this width.
    Number {
        width: usize,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SequenceReset {
    #[default]
    Never,
    Year,
    Month,
    Day,
}
