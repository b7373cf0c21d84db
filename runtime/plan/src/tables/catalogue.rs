//! The tables as a database itself tells them, and how they differ from what a layout says.
//!
//! Whatever begins with `_` is the runtime's own and completed when a tenant is opened; see [`super::system`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::layout::{Column, Kept, Layout, Table};
use super::step::Step;
use crate::Dialect;

/// Tables with their columns and the types of those, and indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    tables: BTreeMap<String, BTreeMap<String, String>>,
    indexes: BTreeSet<String>,
}

impl Catalogue {
    pub fn add_column(&mut self, table: &str, column: &str, declared: &str) {
        self.tables.entry(table.to_owned()).or_default().insert(column.to_owned(), declared.to_lowercase());
    }

    pub fn add_index(&mut self, index: &str) {
        self.indexes.insert(index.to_owned());
    }

    pub(super) fn has_table(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|columns| columns.contains_key(column))
    }

    pub(super) fn has_index(&self, index: &str) -> bool {
        self.indexes.contains(index)
    }
}

/// Something done to a database behind the runtime's back.
#[derive(Clone, Debug, PartialEq)]
pub enum Drift {
    MissingTable(String),
    MissingColumn {
        table: String,
        column: String,
    },
    OtherType {
        table: String,
        column: String,
        found: String,
        expected: String,
    },
    /// With the step that makes it again.
    MissingIndex {
        index: String,
        step: Box<Step>,
    },
    StrayTable(String),
    StrayColumn {
        table: String,
        column: String,
    },
}

impl Drift {
    /// Nothing is lost, whatever it is there for.
    pub fn is_stray(&self) -> bool {
        matches!(self, Drift::StrayTable(_) | Drift::StrayColumn { .. })
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Drift::MissingTable(table) => write!(f, "the table `{table}` is gone"),
            Drift::MissingColumn { table, column } => write!(f, "the column `{table}.{column}` is gone"),
            Drift::OtherType { table, column, found, expected } => {
                write!(f, "the column `{table}.{column}` is {found}, not {expected}")
            }
            Drift::MissingIndex { index, .. } => write!(f, "the index `{index}` is gone"),
            Drift::StrayTable(table) => write!(f, "the table `{table}` belongs to nothing"),
            Drift::StrayColumn { table, column } => write!(f, "the column `{table}.{column}` belongs to nothing"),
        }
    }
}

/// How a database differs from its layout, quarantine included. Indexes of others do no harm and are left alone.
pub fn drift(layout: &Layout, found: &Catalogue, dialect: Dialect) -> Vec<Drift> {
    let mut all = Vec::new();
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, table) in kept_tables(layout) {
        let names = known.entry(name).or_default();
        let columns = table.columns.iter().map(|column| (column.name.as_str(), column));
        for (column, kept) in columns.chain(kept_columns(layout, table)) {
            names.insert(column);
            all.extend(column_drift(found, (name, column), kept, dialect));
        }
        if !found.has_table(name) {
            all.push(Drift::MissingTable(name.to_owned()));
        }
    }
    // In quarantine a table needs none.
    let there = layout.tables.iter().filter(|table| found.has_table(table.name.as_str()));
    all.extend(there.flat_map(|table| missing_indexes(found, table)));
    for (table, columns) in &found.tables {
        match known.get(table.as_str()) {
            _ if table.starts_with('_') || table.starts_with("sqlite_") => {}
            None => all.push(Drift::StrayTable(table.clone())),
            Some(known) => {
                let strays = columns.keys().filter(|column| !known.contains(column.as_str()));
                all.extend(strays.map(|column| Drift::StrayColumn { table: table.clone(), column: column.clone() }));
            }
        }
    }
    all
}

/// Tables under the names they have in the database, those in quarantine included.
fn kept_tables(layout: &Layout) -> impl Iterator<Item = (&str, &Table)> {
    let away = layout.quarantined.iter().filter_map(|entry| match &entry.kept {
        Kept::Table(table) => Some((entry.kept_as.as_str(), table)),
        Kept::Column(_) => None,
    });
    layout.tables.iter().map(|table| (table.name.as_str(), table)).chain(away)
}

fn kept_columns<'l>(layout: &'l Layout, table: &'l Table) -> impl Iterator<Item = (&'l str, &'l Column)> {
    layout.quarantined.iter().filter(|entry| entry.table == table.name).filter_map(|entry| match &entry.kept {
        Kept::Column(column) => Some((entry.kept_as.as_str(), column)),
        Kept::Table(_) => None,
    })
}

fn column_drift(found: &Catalogue, (table, name): (&str, &str), column: &Column, dialect: Dialect) -> Option<Drift> {
    let columns = found.tables.get(table)?;
    let (table, expected) = (table.to_owned(), dialect.declared(column.kind));
    match columns.get(name) {
        None => Some(Drift::MissingColumn { table, column: name.to_owned() }),
        Some(found) if *found != expected => {
            Some(Drift::OtherType { table, column: name.to_owned(), found: found.clone(), expected })
        }
        Some(_) => None,
    }
}

fn missing_indexes<'l>(found: &'l Catalogue, table: &'l Table) -> impl Iterator<Item = Drift> + 'l {
    let own = || table.name.clone();
    let unique = table
        .unique
        .iter()
        .map(move |index| (&index.name, Step::CreateUniqueIndex { table: own(), index: index.clone() }));
    let plain =
        table.indexes.iter().map(move |index| (&index.name, Step::CreateIndex { table: own(), index: index.clone() }));
    let all = unique.chain(plain).filter(|(name, _)| !found.has_index(name));
    all.map(|(index, step)| Drift::MissingIndex { index: index.clone(), step: Box::new(step) })
}
