//! Everything the stages found, each tied to a place in a document.

use std::collections::{BTreeSet, HashSet};

use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::document::Document;
use crate::identifier::Identifier;

#[derive(Debug, Default)]
pub struct Findings {
    diagnostics: Vec<Diagnostic>,
    /// The last finding had room, so that what is said about it belongs to the last of `diagnostics`.
    last_kept: bool,
    /// Names that are themselves in error: what follows from them is not reported again.
    broken: HashSet<String>,
    /// Packages of whose documents nothing more is said.
    left_out: HashSet<Identifier>,
}

/// More findings than a person reads at once; the rest come with the next attempt.
const MAX_FINDINGS: usize = 1_000;
/// Suggestions cost time, so that only the first unknown names get one.
const MAX_SUGGESTIONS: usize = 200;

impl Findings {
    /// About documents of which these names could not be read.
    pub fn without(lost: &BTreeSet<String>) -> Self {
        Self { broken: lost.iter().cloned().collect(), ..Self::default() }
    }

    /// Warnings stop at half the room, so that they never push an error out.
    fn add(
        &mut self,
        document: &Document,
        severity: Severity,
        finding: impl FnOnce(Severity) -> Diagnostic,
    ) -> &mut Self {
        let room = if severity == Severity::Error { MAX_FINDINGS } else { MAX_FINDINGS / 2 };
        let is_left_out = document.package.as_ref().is_some_and(|package| self.left_out.contains(package));
        self.last_kept = !is_left_out && self.diagnostics.len() < room;
        if self.last_kept {
            self.diagnostics.push(finding(severity));
        }
        self
    }

    /// At the value `pointer` names.
    pub fn error(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.add(document, Severity::Error, |severity| document.finding(severity, code, pointer, message.into()))
    }

    /// At the key that introduces `pointer`.
    pub fn key_error(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.add(document, Severity::Error, |severity| document.key_finding(severity, code, pointer, message.into()))
    }

    pub fn warning(
        &mut self,
        document: &Document,
        pointer: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> &mut Self {
        self.add(document, Severity::Warning, |severity| document.finding(severity, code, pointer, message.into()))
    }

    /// Says what to do about the finding just added.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        if let Some(last) = self.diagnostics.last_mut().filter(|_| self.last_kept) {
            last.help = Some(help.into());
        }
        self
    }

    /// Moves the finding just added to the right, where its place is inside a text.
    pub fn shift_column(&mut self, characters: usize) {
        if let Some(last) = self.diagnostics.last_mut().filter(|last| self.last_kept && last.line > 0) {
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
        if self.broken.contains(given) {
            self.last_kept = false;
            return;
        }
        self.error(document, pointer, code, message);
        if self.diagnostics.len() > MAX_SUGGESTIONS {
            return;
        }
        if let Some(near) = nearest(given, known.clone()) {
            self.help(format!("did you mean `{near}`?"));
            return;
        }
        let known: Vec<&str> = known.take(20).collect();
        if !known.is_empty() {
            self.help(format!("there are: {}", known.join(", ")));
        }
    }

    /// What will be found in the documents of this package from here on follows from what was found already.
    pub fn leave_out(&mut self, package: &Identifier) {
        self.left_out.insert(package.clone());
    }

    pub fn mark_broken(&mut self, name: &str) {
        self.broken.insert(name.to_owned());
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
