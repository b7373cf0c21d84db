//! What is wrong with one control of a submitted form.

use serde::Serialize;

use crate::input::control_id;

/// A message in the reader's language, tied to a control by its form name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// `f.to_on`, `c.lines.2.quantity`; empty when it is about the record as a whole.
    pub name: String,
    pub message: String,
}

impl FieldProblem {
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into() }
    }

    /// Where the error summary leads.
    pub fn href(&self) -> String {
        if self.name.is_empty() { "#main".to_owned() } else { format!("#{}", control_id(&self.name)) }
    }
}
