//! What is wrong with one control of a submitted form.

use serde::Serialize;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Field;

use crate::catalogue::Message;
use crate::input::control_id;
use crate::site::in_sentence;

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

    /// A required field was left blank.
    pub fn missing(locale: Locale, field: &Field, name: impl Into<String>) -> Self {
        let label = in_sentence(locale, &field.label(locale));
        Self::new(name, Message::EnterField.fill(locale, &[&label]))
    }

    /// Where the error summary leads.
    pub fn href(&self) -> String {
        if self.name.is_empty() { "#main".to_owned() } else { format!("#{}", control_id(&self.name)) }
    }
}
