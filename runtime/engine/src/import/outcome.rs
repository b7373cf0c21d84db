//! What came of one part: kept with it, so that an import can be told row by row and taken back.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::records::{Effect, Written};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Records with the version they were left at.
    pub created: Vec<(Uuid, i64)>,
    /// Records with the version before and after.
    pub updated: Vec<(Uuid, i64, i64)>,
    pub unchanged: u64,
    pub blank: u64,
    pub refused: Vec<Refused>,
}

/// A row that was not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// In the file; the first is 1.
    pub line: u64,
    /// The row as it stood there.
    pub text: String,
    pub errors: Vec<Told>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Empty for the row as a whole.
    pub field: String,
    pub code: String,
    pub message: String,
}

impl Outcome {
    pub fn add(&mut self, written: Written) {
        match written.effect {
            Effect::Created => self.created.push((written.id, written.version)),
            Effect::Updated if written.was != written.version => {
                self.updated.push((written.id, written.was, written.version));
            }
            Effect::Updated | Effect::Ignored | Effect::Deleted => self.unchanged += 1,
        }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.message),
            field => write!(f, "{field}: {}", self.message),
        }
    }
}
