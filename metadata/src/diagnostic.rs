//! One finding about a document: where, what, how to fix it. Resolving returns all of them.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code such as `unknown_field`; documented in `docs/errors/`.
    pub code: &'static str,
    pub severity: Severity,
    /// File of the package folder, or `documents[3]` for a set sent over the API.
    pub file: String,
    /// 1-based; 0 when the place is the whole file.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// JSON Pointer into the document.
    pub pointer: String,
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// `file:line:column`, or the file with the pointer where there are no lines.
pub fn place(file: &str, line: usize, column: usize, pointer: &str) -> String {
    match (line, pointer) {
        (0, "") => file.to_owned(),
        (0, pointer) => format!("{file} {pointer}"),
        (line, _) => format!("{file}:{line}:{column}"),
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        let place = place(&self.file, self.line, self.column, &self.pointer);
        write!(f, "{place} {} {severity} {}", self.code, self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n    help: {help}")?;
        }
        Ok(())
    }
}

/// Longest text a suggestion is looked for.
const MAX_COMPARED: usize = 100;

/// The candidate nearest to `given`, for "did you mean".
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time in proportion to both lengths, and no name we know is near a very long one.
    let candidates = candidates.into_iter().take_while(|_| given.len() <= MAX_COMPARED);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(given, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(given.len()) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}
