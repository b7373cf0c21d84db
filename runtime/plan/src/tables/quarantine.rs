//! What was dropped: under which name it is kept, which of it comes back, and the record of it in the layout.
//!
//! A column of an object belongs to the table the object had when it was dropped, and goes and comes back with it.

use trellis_metadata::identifier::Identifier;

use super::layout::{Column, Kept, Layout, Quarantined, Table, hash};
use super::step::Step;

impl Layout {
    /// The layout to keep once `steps` have run: `next` with everything on record that was dropped and is not back.
    pub fn after(previous: &Layout, next: Layout, steps: &[Step]) -> Layout {
        let is_back = |entry: &&Quarantined| steps.iter().any(|step| step.releases() == Some(&entry.kept_as));
        let stays = previous.quarantined.iter().filter(|entry| !is_back(entry)).cloned();
        let quarantined = stays.chain(steps.iter().filter_map(Step::quarantines)).collect();
        Layout { quarantined, ..next }
    }

    /// The newest table an object was dropped with.
    pub(super) fn kept_table(&self, object: &Identifier) -> Option<(&Table, &Quarantined)> {
        self.quarantined.iter().rev().filter(|entry| entry.table == *object).find_map(|entry| match &entry.kept {
            Kept::Table(table) => Some((table, entry)),
            Kept::Column(_) => None,
        })
    }

    /// Columns a field of the object had that lie in the table it has now, newest first.
    pub(super) fn kept_columns<'l>(
        &'l self,
        object: &'l Identifier,
        field: &'l Identifier,
    ) -> impl Iterator<Item = (&'l Column, &'l Quarantined)> {
        let of_object = self.quarantined.iter().rev().filter(move |entry| entry.table == *object);
        let in_table = of_object.map_while(|entry| match &entry.kept {
            Kept::Column(column) => Some((column, entry)),
            Kept::Table(_) => None,
        });
        in_table.filter(move |(column, _)| column.name == *field)
    }

    /// As if this had been taken out already.
    pub(super) fn without(&self, kept_as: &str) -> Layout {
        let mut layout = self.clone();
        layout.quarantined.retain(|entry| entry.kept_as != kept_as);
        layout
    }

    /// Starts with `_`, which no document can choose; the same on every run.
    pub(super) fn quarantine_name(&self, table: &Identifier, column: Option<&Identifier>) -> String {
        let column = column.map_or("", Identifier::as_str);
        let name = |seed: usize| format!("_q_{}", hash(["q", table.as_str(), column, &seed.to_string()], 8));
        let is_free = |name: &String| self.quarantined.iter().all(|entry| entry.kept_as != *name);
        // One more name than there are entries, so that one of them is free.
        (0..self.quarantined.len()).map(name).find(is_free).unwrap_or_else(|| name(self.quarantined.len()))
    }
}

impl Step {
    /// What it puts into quarantine.
    pub fn quarantines(&self) -> Option<Quarantined> {
        let (table, kept_as, kept) = match self {
            Step::QuarantineColumn { table, column, kept_as } => (table, kept_as, Kept::Column(column.clone())),
            Step::ReplaceColumn { table, was, kept_as, .. } | Step::TranslateColumn { table, was, kept_as, .. } => {
                (table, kept_as, Kept::Column(was.clone()))
            }
            Step::QuarantineTable { table, kept_as } => (&table.name, kept_as, Kept::Table(table.clone())),
            _ => return None,
        };
        Some(Quarantined { table: table.clone(), kept_as: kept_as.clone(), kept })
    }

    /// The name of what it takes out of quarantine.
    pub fn releases(&self) -> Option<&str> {
        match self {
            Step::RestoreTable { kept_as, .. } | Step::RestoreColumn { kept_as, .. } => Some(kept_as),
            Step::TranslateColumn { back, .. } => back.as_deref(),
            _ => None,
        }
    }
}
