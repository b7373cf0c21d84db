//! Which objects a list depends on. What happens to records of any other cannot change what it shows.
//!
//! Rather one too many than one too few: whether a change does matter is seen by reading again.

use std::collections::HashSet;

use trellis_metadata::expression::FieldPath;
use trellis_metadata::predicate::{Predicate, Scope};
use trellis_metadata::snapshot::{ObjectIndex, Route, Snapshot, platform_object};
use trellis_plan::request::SelectRequest;

use super::read::Reader;
use crate::Error;

impl Reader<'_> {
    /// Objects whose records other rows of the list depend on than themselves. The listed object is among them where
    /// one row depends on another.
    pub fn reach(&self, request: &SelectRequest) -> Result<HashSet<ObjectIndex>, Error> {
        let mut reach = Reach { snapshot: &self.pinned.snapshot, found: HashSet::new() };
        reach.of_list(self, request)?;
        reach.of_computed(request.object);
        Ok(reach.found)
    }
}

struct Reach<'s> {
    snapshot: &'s Snapshot,
    found: HashSet<ObjectIndex>,
}

impl Reach<'_> {
    fn of_list(&mut self, reader: &Reader<'_>, request: &SelectRequest) -> Result<(), Error> {
        self.of_predicate(&request.filter);
        let grant = reader.grant(request.object)?;
        self.of_predicate(grant.rows());
        for coverage in grant.coverages() {
            self.of_predicate(&coverage.rows);
        }
        for embed in &request.embeds {
            self.found.insert(embed.request.object);
            self.of_list(reader, &embed.request)?;
        }
        Ok(())
    }

    fn of_predicate(&mut self, predicate: &Predicate) {
        predicate.paths().for_each(|(_, path)| self.of_path(path));
        match predicate {
            Predicate::And(all) | Predicate::Or(all) => all.iter().for_each(|one| self.of_predicate(one)),
            Predicate::Not(one) => self.of_predicate(one),
            Predicate::HasChild { object, where_, .. }
            | Predicate::Parent { object, where_, .. }
            | Predicate::Below { object, where_, .. } => {
                self.found.insert(*object);
                self.of_predicate(where_);
            }
            Predicate::Scope(Scope::Subordinates) => drop(self.found.insert(platform_object::USER)),
            Predicate::Scope(Scope::UnitAndBelow) => drop(self.found.insert(platform_object::ORG_UNIT)),
            _ => {}
        }
    }

    /// Records that the path crosses.
    fn of_path(&mut self, path: &FieldPath) {
        let mut object = path.object;
        for step in path.steps.iter().rev().skip(1).rev() {
            let Some(relation) = self.snapshot.field(object, *step).kind.relation() else { return };
            object = relation.target;
            self.found.insert(object);
        }
    }

    /// Records that computed fields here are computed from, and those that theirs are.
    fn of_computed(&mut self, listed: ObjectIndex) {
        let mut open: Vec<ObjectIndex> = self.found.iter().copied().chain([listed]).collect();
        let mut done = HashSet::new();
        while let Some(object) = open.pop() {
            if !done.insert(object) {
                continue;
            }
            for source in &self.snapshot.objects {
                let mut dependents = source.dependents.iter().filter(|dependent| dependent.object == object);
                if dependents.any(|dependent| dependent.route != Route::default()) {
                    self.found.insert(source.index);
                    open.push(source.index);
                }
            }
        }
    }
}
