//! Everything the stages found, each tied to a place in a document.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::document::Document;

#[derive(Debug, Default)]
pub struct Findings {
    diagnostics: Vec<Diagnostic>,
    /// Names of fields that are themselves in error: what follows from them is not reported again.
    broken: HashSet<String>,
}

impl Findings {
    /// At the value `pointer` names.
    pub fn error(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.diagnostics.push(document.finding(Severity::Error, code, pointer, message.into()));
        self
    }

    /// At the key that introduces `pointer`.
    pub fn key_error(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.diagnostics.push(document.key_finding(Severity::Error, code, pointer, message.into()));
        self
    }

    pub fn warning(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.diagnostics.push(document.finding(Severity::Warning, code, pointer, message.into()));
        self
    }

    /// Says what to do about the finding just added.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        if let Some(last) = self.diagnostics.last_mut() {
            last.help = Some(help.into());
        }
        self
    }

    /// Moves the finding just added to the right, where its place is inside a text.
    pub fn shift_column(&mut self, characters: usize) {
        if let Some(last) = self.diagnostics.last_mut().filter(|last| last.line > 0) {
            last.column += characters;
        }
    }

    /// A name that stands for nothing, with the nearest that does.
    pub fn unknown<'a>(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: String,
        given: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        self.error(document, pointer, code, message);
        if let Some(near) = nearest(given, known.clone()) {
            self.help(format!("did you mean `{near}`?"));
            return;
        }
        let known: Vec<&str> = known.take(20).collect();
        if !known.is_empty() {
            self.help(format!("there are: {}", known.join(", ")));
        }
    }

    pub fn mark_broken(&mut self, field: &str) {
        self.broken.insert(field.to_owned());
    }

    pub fn mentions_broken(&self, expression: &str) -> bool {
        let mut words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        !self.broken.is_empty() && words.any(|word| self.broken.contains(word))
    }

    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by(|a, b| {
            (&a.file, a.line, a.column, &a.pointer, a.code).cmp(&(&b.file, b.line, b.column, &b.pointer, b.code))
        });
        diagnostics.dedup();
        diagnostics
    }
}
