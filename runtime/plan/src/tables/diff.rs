//! The steps from one layout to the next, by stable id.
//!
//! Renames are not seen here at all; a field that lost its id lost its column, and one that has it again gets back what
//! quarantine keeps of it. The result depends on the two layouts only, and applying it makes the next diff empty.

use trellis_metadata::column::ColumnKind;
use trellis_metadata::field_type::Conversion;
use trellis_metadata::identifier::Identifier;

use super::convert::conversion;
use super::layout::{Column, Layout, Quarantined, Table, hash};
use super::step::{Promise, Step};

/// In run order.
pub fn diff(previous: &Layout, next: &Layout) -> Vec<Step> {
    let mut steps = Vec::new();
    for table in &previous.tables {
        match next.table(table.name.as_str()) {
            Some(after) => alter_table(previous, table, after, Rows::InUse, &mut steps),
            None => drop_table(previous, table, &mut steps),
        }
    }
    for table in next.tables.iter().filter(|table| previous.table(table.name.as_str()).is_none()) {
        match previous.kept_table(&table.name) {
            Some((kept, entry)) => restore_table(previous, kept, &entry.kept_as, table, &mut steps),
            None => create_table(table, &mut steps),
        }
    }
    steps.sort_by_key(Step::order);
    steps
}

/// Whether rows were out of use since their values were last looked after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    InUse,
    Restored,
}

fn create_table(table: &Table, steps: &mut Vec<Step>) {
    steps.push(Step::CreateTable { table: table.clone(), primary_key: primary_key_name(&table.name) });
    create_indexes(table, |_| true, steps);
}

/// The table as it was dropped, brought to what is wanted now.
fn restore_table(previous: &Layout, kept: &Table, kept_as: &str, after: &Table, steps: &mut Vec<Step>) {
    steps.push(Step::RestoreTable { table: kept.clone(), kept_as: kept_as.to_owned() });
    // Indexes went when it was dropped.
    let before = Table { unique: Vec::new(), indexes: Vec::new(), ..kept.clone() };
    alter_table(&previous.without(kept_as), &before, after, Rows::Restored, steps);
}

fn drop_table(previous: &Layout, table: &Table, steps: &mut Vec<Step>) {
    for (name, _) in all_indexes(table) {
        steps.push(Step::DropIndex { table: table.name.clone(), index: name.clone() });
    }
    let kept_as = previous.quarantine_name(&table.name, None);
    steps.push(Step::QuarantineTable { table: table.clone(), kept_as });
}

fn alter_table(previous: &Layout, before: &Table, after: &Table, rows: Rows, steps: &mut Vec<Step>) {
    let table = &before.name;
    for column in before.columns.iter().filter(|column| after.column(column.name.as_str()).is_none()) {
        quarantine_column(previous, table, column, steps);
    }
    let mut rewritten = Vec::new();
    for column in &after.columns {
        match before.column(column.name.as_str()) {
            None => add_column(previous, after, column, steps),
            Some(was) => {
                if change_column(previous, after, was, column, rows, steps) == Stored::Anew {
                    rewritten.push(column.name.clone());
                }
            }
        }
    }
    alter_indexes(before, after, &rewritten, steps);
}

fn quarantine_column(previous: &Layout, table: &Identifier, column: &Column, steps: &mut Vec<Step>) {
    let kept_as = previous.quarantine_name(table, Some(&column.name));
    steps.push(Step::QuarantineColumn { table: table.clone(), column: column.clone(), kept_as });
}

/// With the values the field had, where quarantine keeps any that can be stored in it.
fn add_column(previous: &Layout, after: &Table, column: &Column, steps: &mut Vec<Step>) {
    let table = &after.name;
    let Some((was, entry)) = kept_column(previous, table, column) else {
        let newest = previous.kept_columns(table, &column.name).find(|(was, _)| !was.is_derived());
        let stays = newest.filter(|_| !column.is_derived()).map(|(was, entry)| (entry.kept_as.clone(), was.kind));
        steps.push(Step::AddColumn { table: table.clone(), column: column.clone(), stays });
        return fill_new_column(after, column, steps);
    };
    let kept_as = entry.kept_as.clone();
    steps.push(Step::RestoreColumn { table: table.clone(), column: was.clone(), kept_as });
    // Records made meanwhile have no value.
    let was = Column { required: false, ..was.clone() };
    change_column(previous, after, &was, column, Rows::Restored, steps);
}

/// The newest of what quarantine keeps of a field that can be stored in this column.
fn kept_column<'l>(
    previous: &'l Layout,
    table: &'l Identifier,
    column: &'l Column,
) -> Option<(&'l Column, &'l Quarantined)> {
    previous.kept_columns(table, &column.name).find(|(was, _)| {
        was.is_derived() == column.is_derived() && matches!(Change::of(was, column), Change::None | Change::Convert)
    })
}

/// What a column needs to become another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    /// Every value has its form in the new column.
    Convert,
    /// Values are to be read anew.
    Translate,
    /// No value is one of the new column.
    Replace,
}

impl Change {
    fn of(was: &Column, column: &Column) -> Self {
        let known = was.field_type.is_some() || was.kind != column.kind;
        match Conversion::between(was.type_name(), column.type_name()) {
            // Kept before layouts told types: it is what it was.
            _ if !known && (was.is_derived() || !column.is_derived()) => Self::None,
            Conversion::Translate | Conversion::Simplify => Self::Translate,
            Conversion::Refuse => Self::Replace,
            // People's values must not be computed over.
            _ if column.is_derived() && !was.is_derived() => Self::Replace,
            _ if was.kind == column.kind => Self::None,
            _ if !column.is_derived() && conversion(was.kind, column.kind).is_some() => Self::Convert,
            _ => Self::Replace,
        }
    }
}

/// Whether a column is another one than before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    AsBefore,
    Anew,
}

fn change_column(
    previous: &Layout,
    after: &Table,
    was: &Column,
    column: &Column,
    rows: Rows,
    steps: &mut Vec<Step>,
) -> Stored {
    let change = Change::of(was, column);
    let table = after.name.clone();
    // People fill the field again whose values gave way to a formula or to a type that could not hold them.
    let gives_back = (change == Change::Replace || was.is_derived())
        && !column.is_derived()
        && kept_column(previous, &table, column).is_some();
    match change {
        _ if gives_back => {
            quarantine_column(previous, &table, was, steps);
            add_column(previous, after, column, steps);
        }
        // Not all that was read anew on the way here could be: those values are kept, and come back.
        Change::None | Change::Convert if rows == Rows::InUse && comes_back(previous, &table, was, column) => {
            translate_column(previous, after, was, column, steps);
        }
        Change::None => {
            keep_promises(after, was, column, rows, steps);
            return Stored::AsBefore;
        }
        Change::Convert => {
            steps.push(Step::ConvertColumn { table, column: column.name.clone(), from: was.kind, to: column.kind });
            keep_promises(after, was, column, rows, steps);
        }
        Change::Translate if rows == Rows::InUse => translate_column(previous, after, was, column, steps),
        // Nobody has used these values lately: they stay where they were.
        Change::Translate | Change::Replace if rows == Rows::Restored => {
            quarantine_column(previous, &table, was, steps);
            steps.push(Step::AddColumn { table, column: column.clone(), stays: None });
            fill_new_column(after, column, steps);
        }
        Change::Translate | Change::Replace => {
            let kept_as = previous.quarantine_name(&table, Some(&column.name));
            steps.push(Step::ReplaceColumn { table, was: was.clone(), column: column.clone(), kept_as });
            fill_new_column(after, column, steps);
        }
    }
    Stored::Anew
}

/// What the field held when it last had this type.
fn earlier<'l>(previous: &'l Layout, table: &'l Identifier, column: &'l Column) -> Option<&'l Quarantined> {
    let is_same = |was: &Column| was.type_name() == column.type_name() && was.kind == column.kind && !was.is_derived();
    previous.kept_columns(table, &column.name).find(|(was, _)| is_same(was)).map(|(_, entry)| entry)
}

/// The field takes a type it had before, the values of which are kept.
fn comes_back(previous: &Layout, table: &Identifier, was: &Column, column: &Column) -> bool {
    let changes = was.type_name() != column.type_name() && !was.is_derived() && !column.is_derived();
    changes && earlier(previous, table, column).is_some()
}

fn translate_column(previous: &Layout, after: &Table, was: &Column, column: &Column, steps: &mut Vec<Step>) {
    let table = &after.name;
    let kept_as = previous.quarantine_name(table, Some(&column.name));
    let back = earlier(previous, table, column).map(|entry| entry.kept_as.clone());
    let (table, was, new) = (table.clone(), was.clone(), column.clone());
    steps.push(Step::TranslateColumn { table, was, column: new, kept_as, back });
    if column.required {
        steps.push(require(after, column));
    }
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
fn keep_promises(after: &Table, was: &Column, column: &Column, rows: Rows, steps: &mut Vec<Step>) {
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
    // Layouts of old do not tell what the limits were.
    if column.limits.is_some() && was.field_type.is_some() && column.limits != was.limits {
        let (from, to) = (was.type_name().to_owned(), column.type_name().to_owned());
        tighten(Promise::Limits { from, stored: was.kind, to });
    }
    if let Some(target) = &column.target {
        if was.target.as_ref() != Some(target) {
            tighten(Promise::Target(target.clone()));
        } else if rows == Rows::Restored {
            tighten(Promise::Found(target.clone()));
        }
    }
    if column.computed.is_some() && (column.computed != was.computed || rows == Rows::Restored) {
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

/// PostgreSQL would call it `<table>_pkey`, which another object may be called as well.
fn primary_key_name(table: &Identifier) -> String {
    format!("_pk_{}", hash([table.as_str(), "0"], 8))
}
