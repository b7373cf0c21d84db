//! The compiled rights of one role set: what a request asks, answered without thinking.
//!
//! Compiled once per role set and revision and shared; a check is an index and a bit test. Knows no user: predicates
//! name attributes of the actor, and the statement's arguments fill them in.

use std::sync::Arc;

use trellis_metadata::identifier::Identifier;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Object, ObjectIndex, Snapshot, Verb};

use crate::field_mask::FieldMask;
use crate::grant::{Coverage, Grant};
use crate::merge::{self, merge};
use crate::rule::RuleBook;

const VERBS: usize = Verb::ALL.len();

/// The rights of one role set at one revision.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// One slot per object and verb.
    grants: Vec<Option<Grant>>,
    /// Bit `verb as u16` per object.
    verbs: Vec<u16>,
}

impl Profile {
    pub fn compile(snapshot: &Snapshot, roles: &[Identifier]) -> Self {
        let book = RuleBook::new(snapshot, roles);
        let mut profile = Self::default();
        for object in &snapshot.objects {
            profile.push(Verb::ALL.map(|verb| grant(&book, object, verb)));
        }
        profile
    }

    /// Everything on every object: for the runtime's own duties, never for a caller's request.
    pub fn system(snapshot: &Snapshot) -> Self {
        let mut profile = Self::default();
        for object in &snapshot.objects {
            profile.push(Verb::ALL.map(|verb| Some(Grant::system(object.index, verb, object.fields.len()))));
        }
        profile
    }

    fn push(&mut self, grants: [Option<Grant>; VERBS]) {
        let bits = grants.iter().enumerate().filter(|(_, grant)| grant.is_some()).fold(0, |bits, (n, _)| bits | 1 << n);
        self.verbs.push(bits);
        self.grants.extend(grants);
    }

    /// The grant for `verb`, or `None` when the roles give no row of it: then the object is to be answered like one
    /// that does not exist.
    pub fn grant(&self, object: ObjectIndex, verb: Verb) -> Option<&Grant> {
        self.grants.get(object.0 * VERBS + verb as usize)?.as_ref()
    }

    pub fn may(&self, object: ObjectIndex, verb: Verb) -> bool {
        self.verbs.get(object.0).is_some_and(|bits| bits & (1 << verb as usize) != 0)
    }

    /// Objects on which anything at all is granted.
    pub fn objects(&self) -> impl Iterator<Item = ObjectIndex> + '_ {
        self.verbs.iter().enumerate().filter(|(_, bits)| **bits != 0).map(|(index, _)| ObjectIndex(index))
    }
}

fn grant(book: &RuleBook<'_>, object: &Object, verb: Verb) -> Option<Grant> {
    let coverages: Arc<[Coverage]> =
        merge(&book.rules(object.index, verb, merge::rows)).into_iter().map(|traced| traced.coverage).collect();
    if coverages.is_empty() {
        return None;
    }
    let rows = coverages.iter().fold(Predicate::Always(false), |any, coverage| any.or((*coverage.rows).clone()));
    let fields = coverages.iter().fold(FieldMask::default(), |mut all, coverage| {
        all.union(&coverage.fields);
        all
    });
    Some(Grant { object: object.index, verb, rows: Arc::new(rows), fields, coverages })
}
