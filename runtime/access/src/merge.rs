//! Merges the rules of all roles into coverages: allowed rows and cells, denies subtracted.
//!
//! A deny that cannot be decided for a row (its condition is unknown there) denies: access fails closed.

use std::sync::Arc;

use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Effect, system_field};

use crate::field_mask::FieldMask;
use crate::fold::not;
use crate::grant::Coverage;
use crate::rule::{Origin, Rule};

/// A coverage and the rules it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    pub origins: Vec<Origin>,
    pub coverage: Coverage,
}

/// Rows that any of the rules allows.
pub(crate) fn rows(rules: &[Rule]) -> Predicate {
    merge(rules).into_iter().fold(Predicate::Always(false), |any, traced| any.or((*traced.coverage.rows).clone()))
}

pub(crate) fn merge(rules: &[Rule]) -> Vec<Traced> {
    let mut merged: Vec<Traced> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.effect == Effect::Allow) {
        let mut parts = vec![Part::of(rule)];
        for deny in rules.iter().filter(|rule| rule.effect == Effect::Deny) {
            parts = parts.into_iter().flat_map(|part| part.without(deny)).collect();
        }
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            part.join(&rule.origin, &mut merged);
        }
    }
    drop_redundant(merged)
}

#[derive(Clone)]
struct Part {
    rows: Predicate,
    rows_after: Predicate,
    fields: FieldMask,
}

impl Part {
    fn of(rule: &Rule) -> Self {
        Self { rows: rule.rows.clone(), rows_after: rule.rows_after.clone(), fields: rule.fields.clone() }
    }

    /// What is left after a deny: rows when it names every field, else the named cells.
    fn without(self, deny: &Rule) -> Vec<Part> {
        if deny.every_field {
            return vec![self.outside(deny)];
        }
        let mut named = deny.fields.clone();
        named.remove(system_field::ID);
        named.remove(system_field::VERSION);
        let mut fields = self.fields.clone();
        named.iter().for_each(|field| fields.remove(field));
        if fields == self.fields {
            return vec![self];
        }
        let everywhere = Part { fields, ..self.clone() };
        vec![everywhere, self.outside(deny)]
    }

    fn outside(self, deny: &Rule) -> Part {
        Part {
            rows: self.rows.and(not(deny.rows.clone())),
            rows_after: self.rows_after.and(not(deny.rows_after.clone())),
            fields: self.fields,
        }
    }

    fn is_empty(&self) -> bool {
        self.rows == Predicate::Always(false) || self.rows_after == Predicate::Always(false)
    }

    /// Adds the part; the fields of parts with equal rows unite, which shows no cell that one of them did not.
    fn join(self, origin: &Origin, merged: &mut Vec<Traced>) {
        let same =
            |traced: &&mut Traced| *traced.coverage.rows == self.rows && *traced.coverage.rows_after == self.rows_after;
        if let Some(traced) = merged.iter_mut().find(same) {
            traced.coverage.fields.union(&self.fields);
            if !traced.origins.contains(origin) {
                traced.origins.push(origin.clone());
            }
            return;
        }
        let rows = Arc::new(self.rows);
        let rows_after = if *rows == self.rows_after { rows.clone() } else { Arc::new(self.rows_after) };
        let coverage = Coverage { rows, rows_after, fields: self.fields };
        merged.push(Traced { origins: vec![origin.clone()], coverage });
    }
}

/// A coverage of all rows makes narrower ones with no more fields pointless.
fn drop_redundant(merged: Vec<Traced>) -> Vec<Traced> {
    let everything = Predicate::Always(true);
    let Some(widest) = merged
        .iter()
        .position(|traced| *traced.coverage.rows == everything && *traced.coverage.rows_after == everything)
    else {
        return merged;
    };
    let all = merged[widest].coverage.fields.clone();
    merged
        .into_iter()
        .enumerate()
        .filter(|(position, traced)| *position == widest || !all.contains_all(&traced.coverage.fields))
        .map(|(_, traced)| traced)
        .collect()
}
