//! The steps from one layout to the next, by stable id.
//!
//! Renames are not seen here at all; a field that lost its id lost its column. The result depends on the two layouts
//! only, and applying it makes the next diff empty.

use trellis_metadata::column::ColumnKind;
use trellis_metadata::identifier::Identifier;

use super::convert::conversion;
use super::layout::{Column, Kept, Layout, Quarantined, Table, hash};
use super::step::{Promise, Step};

/// In run order.
pub fn diff(previous: &Layout, next: &Layout) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in &previous.tables {
        match next.table(table.name.as_str()) {
            Some(after) => alter_table(previous, table, after, &mut steps),
            None => drop_table(previous, table, &mut steps),
        }
    }
    for table in next.tables.iter().filter(|table| previous.table(table.name.as_str()).is_none()) {
        create_table(previous, table, &mut steps);
    }
    steps.sort_by_key(Step::order);
    steps
}

impl Layout {
    /// The layout to keep once `steps` have run: `next` with everything dropped so far on record.
    pub fn after(previous: &Layout, next: Layout, steps: &[Step]) -> Layout {
        let dropped = steps.iter().filter_map(quarantined);
        let quarantined = previous.quarantined.iter().cloned().chain(dropped).collect();
        Layout { quarantined, ..next }
    }

    /// How often this object (or this field of it) was dropped before: makes the next quarantine name another one.
    fn times_dropped(&self, table: &Identifier, column: Option<&Identifier>) -> usize {
        let same = |entry: &&Quarantined| {
            &entry.table == table
                && match &entry.kept {
                    Kept::Table(_) => column.is_none(),
                    Kept::Column(kept) => column == Some(&kept.name),
                }
        };
        self.quarantined.iter().filter(same).count()
    }
}

fn quarantined(step: &Step) -> Option<Quarantined> {
    let (table, kept_as, kept) = match step {
        Step::QuarantineColumn { table, column, kept_as } => (table, kept_as, Kept::Column(column.clone())),
        Step::ReplaceColumn { table, was, kept_as, .. } => (table, kept_as, Kept::Column(was.clone())),
        Step::QuarantineTable { table, kept_as } => (&table.name, kept_as, Kept::Table(table.clone())),
        _ => return None,
    };
    Some(Quarantined { table: table.clone(), kept_as: kept_as.clone(), kept })
}

fn create_table(previous: &Layout, table: &Table, steps: &mut Vec<Step>) {
    let seed = previous.times_dropped(&table.name, None);
    steps.push(Step::CreateTable { table: table.clone(), primary_key: primary_key_name(&table.name, seed) });
    create_indexes(table, |_| true, steps);
}

fn drop_table(previous: &Layout, table: &Table, steps: &mut Vec<Step>) {
    for (name, _) in all_indexes(table) {
        steps.push(Step::DropIndex { table: table.name.clone(), index: name.clone() });
    }
    let kept_as = quarantine_name(previous, &table.name, None);
    steps.push(Step::QuarantineTable { table: table.clone(), kept_as });
}

fn alter_table(previous: &Layout, before: &Table, after: &Table, steps: &mut Vec<Step>) {
    let table = &before.name;
    for column in before.columns.iter().filter(|column| after.column(column.name.as_str()).is_none()) {
        let kept_as = quarantine_name(previous, table, Some(&column.name));
        steps.push(Step::QuarantineColumn { table: table.clone(), column: column.clone(), kept_as });
    }
    let mut rewritten = Vec::new();
    for column in &after.columns {
        match before.column(column.name.as_str()) {
            None => {
                steps.push(Step::AddColumn { table: table.clone(), column: column.clone() });
                fill_new_column(after, column, steps);
            }
            Some(was) if was.kind == column.kind && !takes_over(was, column) => {
                keep_promises(after, was, column, steps);
            }
            Some(was) => {
                rewritten.push(column.name.clone());
                change_kind(previous, after, was, column, steps);
            }
        }
    }
    alter_indexes(before, after, &rewritten, steps);
}

fn change_kind(previous: &Layout, after: &Table, was: &Column, column: &Column, steps: &mut Vec<Step>) {
    let table = after.name.clone();
    if convertible(was, column) {
        steps.push(Step::ConvertColumn { table, column: column.name.clone(), from: was.kind, to: column.kind });
        keep_promises(after, was, column, steps);
    } else {
        let kept_as = quarantine_name(previous, &table, Some(&column.name));
        steps.push(Step::ReplaceColumn { table, was: was.clone(), column: column.clone(), kept_as });
        fill_new_column(after, column, steps);
    }
}

/// A formula in place of a field that people filled: their values must not be computed over.
fn takes_over(was: &Column, column: &Column) -> bool {
    column.is_derived() && !was.is_derived()
}

/// Printed numbers are no option codes, and what is computed anew need not be converted.
fn convertible(was: &Column, column: &Column) -> bool {
    let codes = column.kind == ColumnKind::Text && !column.codes.is_empty();
    !codes && !column.is_derived() && conversion(was.kind, column.kind).is_some()
}

fn fill_new_column(after: &Table, column: &Column, steps: &mut Vec<Step>) {
    let (table, name) = (after.name.clone(), column.name.clone());
    if column.computed.is_some() {
        steps.push(Step::FillComputed { table, column: name });
    } else if column.required {
        steps.push(require(after, column));
    }
}

/// What the documents say now and did not say before about a column that stays.
fn keep_promises(after: &Table, was: &Column, column: &Column, steps: &mut Vec<Step>) {
    let (table, name) = (&after.name, &column.name);
    let mut tighten = |promise| steps.push(Step::Tighten { table: table.clone(), column: name.clone(), promise });
    if let Some(length) = column.max_length
        && was.kind == ColumnKind::Text
        && longest(was).is_none_or(|before| length < before)
    {
        tighten(Promise::MaxLength(length));
    }
    let fewer = was.codes.is_empty() || was.codes.iter().any(|code| !column.codes.contains(code));
    if !column.codes.is_empty() && fewer {
        tighten(Promise::Codes(column.codes.clone()));
    }
    if let Some(target) = &column.target
        && was.target.as_ref() != Some(target)
    {
        tighten(Promise::Target(target.clone()));
    }
    if column.computed.is_some() && column.computed != was.computed {
        steps.push(Step::FillComputed { table: table.clone(), column: name.clone() });
    }
    if column.required && !was.required {
        steps.push(require(after, column));
    }
}

/// Of the values so far, as far as the documents tell.
fn longest(was: &Column) -> Option<u32> {
    let code = was.codes.iter().map(|code| code.chars().count() as u32).max();
    [code, was.max_length].into_iter().flatten().min()
}

/// Fill the gaps where the default is a literal that may stand in many rows; else ask whether there are gaps.
fn require(after: &Table, column: &Column) -> Step {
    let (table, name) = (after.name.clone(), column.name.clone());
    let alone_unique = after.unique.iter().any(|index| index.columns.as_slice() == std::slice::from_ref(&column.name));
    match &column.default {
        Some(value) if !value.is_null() && !alone_unique => {
            Step::Backfill { table, column: name, kind: column.kind, value: value.clone() }
        }
        _ => Step::Tighten { table, column: name, promise: Promise::Required },
    }
}

/// Indexes over rewritten columns are dropped and built again even when nothing about them changed.
fn alter_indexes(before: &Table, after: &Table, rewritten: &[Identifier], steps: &mut Vec<Step>) {
    let touched = |columns: &[Identifier]| columns.iter().any(|column| rewritten.contains(column));
    let stays =
        |name: &str, columns: &[Identifier]| !touched(columns) && all_indexes(after).any(|(other, _)| other == name);
    for (name, columns) in all_indexes(before) {
        if !stays(name, columns) {
            steps.push(Step::DropIndex { table: before.name.clone(), index: name.clone() });
        }
    }
    let kept: Vec<&String> =
        all_indexes(before).filter(|(name, columns)| stays(name, columns)).map(|(name, _)| name).collect();
    create_indexes(after, |name| !kept.iter().any(|kept| *kept == name), steps);
}

fn create_indexes(table: &Table, wanted: impl Fn(&str) -> bool, steps: &mut Vec<Step>) {
    for index in table.unique.iter().filter(|index| wanted(&index.name)) {
        steps.push(Step::CreateUniqueIndex { table: table.name.clone(), index: index.clone() });
    }
    for index in table.indexes.iter().filter(|index| wanted(&index.name)) {
        steps.push(Step::CreateIndex { table: table.name.clone(), index: index.clone() });
    }
}

fn all_indexes(table: &Table) -> impl Iterator<Item = (&String, &[Identifier])> {
    let unique = table.unique.iter().map(|index| (&index.name, index.columns.as_slice()));
    unique.chain(table.indexes.iter().map(|index| (&index.name, index.columns.as_slice())))
}

/// Starts with `_`, which no document can choose; the same on every run.
fn quarantine_name(previous: &Layout, table: &Identifier, column: Option<&Identifier>) -> String {
    let seed = previous.times_dropped(table, column).to_string();
    let parts = ["q", table.as_str(), column.map_or("", Identifier::as_str), &seed];
    format!("_q_{}", hash(parts, 8))
}

/// PostgreSQL would call it `<table>_pkey`, which another object may be called as well.
fn primary_key_name(table: &Identifier, seed: usize) -> String {
    format!("_pk_{}", hash([table.as_str(), &seed.to_string()], 8))
}
