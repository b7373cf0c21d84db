//! Why somebody may or may not: every rule that speaks about a verb on an object, and what they come to together.
//!
//! Made from the same rules and the same merge as enforcement. Whether a coverage holds for one record is decided by
//! whoever can read the record: [`ExplainedCoverage::rows`] is there for that.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Effect, FieldIndex, ObjectIndex, Snapshot, Verb};

use crate::actor::Actor;
use crate::fold::not;
use crate::merge::{self, merge};
use crate::rule::{Origin, Rule, RuleBook, possible_fields};
use crate::words;

/// The layered verdict on a verb, an object and perhaps a field.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub user: String,
    pub object: String,
    pub verb: Verb,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// All roles held, inherited and built-in ones included.
    pub roles: Vec<String>,
    /// For some record at least; a record may still lie outside every coverage.
    pub allowed: bool,
    /// What each rule says.
    pub rules: Vec<ExplainedRule>,
    /// What they come to: a cell is open when one of these covers its row and its field.
    pub coverages: Vec<ExplainedCoverage>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ExplainedRule {
    pub origin: Origin,
    pub effect: &'static str,
    /// The rows in words.
    pub rows: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_after: Option<String>,
    pub fields: String,
    /// Does it speak about the field asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names_field: Option<bool>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ExplainedCoverage {
    pub origins: Vec<Origin>,
    /// The rows in words, denies subtracted.
    pub words: String,
    pub fields: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covers_field: Option<bool>,
    #[serde(skip)]
    pub rows: Arc<Predicate>,
    #[serde(skip)]
    pub rows_after: Arc<Predicate>,
}

pub fn explain(
    snapshot: &Snapshot,
    actor: &Actor,
    object: ObjectIndex,
    verb: Verb,
    field: Option<FieldIndex>,
) -> Explanation {
    let book = RuleBook::new(snapshot, &actor.roles);
    let rules = book.rules(object, verb, merge::rows);
    let possible = possible_fields(snapshot.object(object), verb);
    let explain_rule = |rule: &Rule| ExplainedRule {
        origin: rule.origin.clone(),
        effect: effect(rule),
        rows: words::rows(snapshot, object, &stated(rule)),
        rows_after: (rule.rows_after != rule.rows).then(|| words::rows(snapshot, object, &rule.rows_after)),
        fields: words::fields(snapshot, object, &rule.fields, &possible),
        names_field: field.map(|field| rule.fields.contains(field)),
    };
    let coverages: Vec<ExplainedCoverage> = merge(&rules)
        .into_iter()
        .map(|traced| ExplainedCoverage {
            words: words::rows(snapshot, object, &traced.coverage.rows),
            fields: words::fields(snapshot, object, &traced.coverage.fields, &possible),
            covers_field: field.map(|field| traced.coverage.fields.contains(field)),
            origins: traced.origins,
            rows: traced.coverage.rows,
            rows_after: traced.coverage.rows_after,
        })
        .collect();
    Explanation {
        user: actor.name.clone(),
        object: snapshot.object(object).name.to_string(),
        verb,
        field: field.map(|field| snapshot.field(object, field).name.to_string()),
        roles: book.held().names(),
        allowed: coverages.iter().any(|coverage| coverage.covers_field != Some(false)),
        rules: rules.iter().map(explain_rule).collect(),
        coverages,
    }
}

fn effect(rule: &Rule) -> &'static str {
    match (&rule.origin, rule.effect) {
        (Origin::Restriction { .. }, _) => "restrict",
        (_, Effect::Allow) => "allow",
        (_, Effect::Deny) => "deny",
    }
}

/// The rows as the document has them: a restriction names those it leaves.
fn stated(rule: &Rule) -> Cow<'_, Predicate> {
    match rule.origin {
        Origin::Restriction { .. } => Cow::Owned(not(rule.rows.clone())),
        _ => Cow::Borrowed(&rule.rows),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.allowed { "may" } else { "may not" };
        write!(f, "{} {verdict} {} {}", self.user, self.verb.as_str(), self.object)?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        writeln!(f)?;
        writeln!(f, "  roles: {}", if self.roles.is_empty() { "none".into() } else { self.roles.join(", ") })?;
        if self.rules.is_empty() {
            writeln!(f, "  no role says anything about it")?;
        }
        for rule in &self.rules {
            let silent = if rule.names_field == Some(false) { " (not this field)" } else { "" };
            writeln!(f, "  {} {}: rows {}, fields {}{silent}", rule.effect, rule.origin, rule.rows, rule.fields)?;
            if let Some(after) = &rule.rows_after {
                writeln!(f, "    afterwards: {after}")?;
            }
        }
        for coverage in &self.coverages {
            let origins: Vec<String> = coverage.origins.iter().map(ToString::to_string).collect();
            writeln!(f, "  open: rows {}, fields {} (by {})", coverage.words, coverage.fields, origins.join(", "))?;
        }
        Ok(())
    }
}
