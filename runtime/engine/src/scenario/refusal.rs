//! Why a write was refused, in the words a scenario uses for it.

use std::fmt;

use crate::{Error, Finding, FindingCode};

/// One reason: a code, and for a rule of an object its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    code: &'static str,
    rule: Option<String>,
    pointer: String,
}

impl Reason {
    fn plain(code: &'static str) -> Self {
        Self { code, rule: None, pointer: String::new() }
    }

    fn of(finding: &Finding) -> Self {
        let rule = match &finding.code {
            FindingCode::Rule(name) => Some(name.clone()),
            _ => None,
        };
        Self { code: finding.code.name(), rule, pointer: finding.pointer.clone() }
    }

    /// Does a scenario mean this reason when it says `stated`.
    pub fn is(&self, stated: &str) -> bool {
        self.code == stated || self.rule.as_deref() == Some(stated)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule.as_deref().unwrap_or(self.code))?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " at {}", self.pointer) }
    }
}

/// The reasons of a refusal; failures of the runtime are handed on.
pub fn reasons(error: Error) -> Result<Vec<Reason>, Error> {
    Ok(match error {
        Error::Invalid(findings) => findings.iter().map(Reason::of).collect(),
        Error::NotFound => vec![Reason::plain("unknown_record")],
        Error::Forbidden(_) => vec![Reason::plain("forbidden")],
        Error::Stale { .. } => vec![Reason::plain("stale_version")],
        other => return Err(other),
    })
}

pub fn listed(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return "done".into();
    }
    let texts: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    format!("refused: {}", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolving accepts what running can find.
    #[test]
    fn every_code_may_be_stated() {
        let codes = [
            FindingCode::Required,
            FindingCode::Immutable,
            FindingCode::NotUnique,
            FindingCode::UnknownReference,
            FindingCode::Rule("r".into()),
            FindingCode::Transition { from: "a".into(), to: "b".into() },
            FindingCode::ForbiddenField,
            FindingCode::InUse { object: "o".into() },
            FindingCode::Loop,
            FindingCode::DuplicateId(uuid::Uuid::nil()),
        ];
        let plain = ["unknown_record", "forbidden", "stale_version"];
        for code in codes.iter().map(FindingCode::name).chain(plain) {
            assert!(trellis_metadata::document::scenario::REFUSALS.contains(&code), "{code}");
        }
    }
}
