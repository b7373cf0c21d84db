//! The journal of a run: where it is and what it did, kept as JSON beside its state.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use trellis_metadata::snapshot::Revision;

use crate::machine::{Place, State};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// The workflow is carried out as it was published then.
    pub revision: Revision,
    pub state: State,
    pub entries: Vec<Entry>,
}

/// One step that was carried out, or the attempt that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub step: Place,
    #[serde(rename = "do")]
    pub done: String,
    /// The case taken, the record written, how many were told.
    pub result: Json,
}

impl Journal {
    pub fn begin(revision: Revision) -> Self {
        Self { revision, state: State::default(), entries: Vec::new() }
    }

    /// `None` when the kept journal is not one.
    pub fn read(json: &Json) -> Option<Self> {
        serde_json::from_value(json.clone()).ok()
    }

    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }
}
