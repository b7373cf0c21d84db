//! Chains of random layouts: whatever follows whatever, the steps are possible in their order, end at the wanted
//! tables, lose nothing, and can be printed for both dialects. A small model of a database stands in for a real one;
//! storage runs the same steps on real ones.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use trellis_metadata::column::ColumnKind;
use trellis_metadata::identifier::Identifier;
use trellis_plan::Dialect;
use trellis_plan::tables::{Column, Layout, PlainIndex, Step, Table, UniqueIndex, diff, questions, render};

const CHAINS: u64 = 500;
const LINKS: usize = 6;

#[test]
fn every_chain_settles() {
    for seed in 1..=CHAINS {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (mut previous, mut database) = (Layout::default(), Database::default());
        for link in 0..LINKS {
            let next = layout(&mut random);
            let steps = diff(&previous, &next);
            ask(&steps, &database, seed);
            for step in &steps {
                print(step);
                database.apply(step).unwrap_or_else(|why| panic!("chain {seed}, link {link}: {step:?}: {why}"));
            }
            assert_eq!(database.in_use(), Database::of(&next).in_use(), "chain {seed}, link {link}");
            previous = Layout::after(&previous, next.clone(), &steps);
            assert_eq!(diff(&previous, &next), [], "chain {seed}, link {link} does not settle");
            assert_eq!(database.kept(), previous.quarantined.len(), "chain {seed}, link {link} lost something");
        }
        let text = serde_json::to_string(&previous).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&text).unwrap(), previous);
    }
}

fn print(step: &Step) {
    assert!(!step.describe().is_empty());
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        for statement in render(step, dialect) {
            let names = quoted(&statement.sql);
            assert!(!names.is_empty() && names.iter().all(|name| name.len() <= 63), "{}", statement.sql);
        }
    }
}

/// Questions are asked before the first step runs, so they may name only what exists then.
fn ask(steps: &[Step], database: &Database, seed: u64) {
    let own = ["total", "same", "keyed", "target"];
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        for question in questions(steps, dialect) {
            let sql = &question.statement.sql;
            let known = |name: &String| own.contains(&name.as_str()) || database.knows(name);
            assert!(quoted(sql).iter().all(known), "chain {seed}: {sql}");
            let places = sql.matches(if dialect == Dialect::Sqlite { '?' } else { '$' }).count();
            assert_eq!(places, question.statement.binds.len(), "chain {seed}: {sql}");
        }
    }
}

fn quoted(sql: &str) -> Vec<String> {
    sql.split('"').skip(1).step_by(2).filter(|name| *name != "C").map(str::to_owned).collect()
}

#[derive(Debug, Default, PartialEq)]
struct Database {
    tables: BTreeMap<String, BTreeMap<String, ColumnKind>>,
    /// Name → table and columns.
    indexes: BTreeMap<String, (String, Vec<String>)>,
    keys: BTreeSet<String>,
}

impl Database {
    fn of(layout: &Layout) -> Self {
        let mut database = Self::default();
        for step in diff(&Layout::default(), layout) {
            database.apply(&step).unwrap();
        }
        database
    }

    fn knows(&self, name: &str) -> bool {
        self.tables.iter().any(|(table, columns)| table == name || columns.contains_key(name))
    }

    fn in_use(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        let mut tables = self.tables.clone();
        tables.retain(|name, _| !name.starts_with("_q_"));
        for columns in tables.values_mut() {
            columns.retain(|name, _| !name.starts_with("_q_"));
        }
        (tables, self.indexes.clone())
    }

    fn kept(&self) -> usize {
        let columns = self.tables.values().flat_map(BTreeMap::keys);
        self.tables.keys().chain(columns).filter(|name| name.starts_with("_q_")).count()
    }

    fn apply(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::DropIndex { index, .. } => some(self.indexes.remove(index), "no such index").map(|_| ()),
            Step::QuarantineColumn { table, column, kept_as } => self.rename(table, &column.name, kept_as),
            Step::QuarantineTable { table, kept_as } => {
                none(self.indexes.values().find(|(on, _)| on == table.name.as_str()), "still indexed")?;
                let columns = some(self.tables.remove(table.name.as_str()), "no such table")?;
                none(self.tables.insert(kept_as.clone(), columns), "name taken")
            }
            Step::RestoreTable { table, kept_as } => {
                let columns = some(self.tables.remove(kept_as), "no such table")?;
                none(self.tables.insert(table.name.to_string(), columns), "name taken")
            }
            Step::CreateTable { table, primary_key } => {
                none((!self.keys.insert(primary_key.clone())).then_some(()), "key name taken")?;
                let columns = table.columns.iter().map(|column| (column.name.to_string(), column.kind)).collect();
                none(self.tables.insert(table.name.to_string(), columns), "name taken")
            }
            Step::AddColumn { table, column, .. } => {
                none(self.table(table)?.insert(column.name.to_string(), column.kind), "column exists")
            }
            Step::RestoreColumn { table, column, kept_as } => {
                let columns = self.table(table)?;
                let kind = some(columns.remove(kept_as), "nothing is kept")?;
                none((kind != column.kind).then_some(()), "another kind")?;
                none(columns.insert(column.name.to_string(), kind), "column exists")
            }
            Step::ReplaceColumn { table, was, column, kept_as } => {
                self.rename(table, &was.name, kept_as)?;
                none(self.table(table)?.insert(column.name.to_string(), column.kind), "column exists")
            }
            Step::TranslateColumn { table, was, column, kept_as, back } => {
                self.rename(table, &was.name, kept_as)?;
                let columns = self.table(table)?;
                if let Some(back) = back {
                    let kind = some(columns.remove(back), "nothing is kept")?;
                    none((kind != column.kind).then_some(()), "another kind")?;
                }
                none(columns.insert(column.name.to_string(), column.kind), "column exists")
            }
            Step::ConvertColumn { table, column, from, to } => {
                self.not_indexed(table, column)?;
                let was = some(self.table(table)?.insert(column.to_string(), *to), "no such column")?;
                if was == *from { Ok(()) } else { Err(format!("it is {was:?}")) }
            }
            Step::Tighten { table, column, .. }
            | Step::Backfill { table, column, .. }
            | Step::FillComputed { table, column } => {
                some(self.table(table)?.get(column.as_str()), "no such column").map(|_| ())
            }
            Step::CreateUniqueIndex { table, index } => self.index(table, &index.name, &index.columns),
            Step::CreateIndex { table, index } => self.index(table, &index.name, &index.columns),
        }
    }

    fn table(&mut self, name: &Identifier) -> Result<&mut BTreeMap<String, ColumnKind>, String> {
        some(self.tables.get_mut(name.as_str()), "no such table")
    }

    fn rename(&mut self, table: &Identifier, column: &Identifier, to: &str) -> Result<(), String> {
        self.not_indexed(table, column)?;
        let columns = self.table(table)?;
        let kind = some(columns.remove(column.as_str()), "no such column")?;
        none(columns.insert(to.to_owned(), kind), "name taken")
    }

    fn not_indexed(&self, table: &Identifier, column: &Identifier) -> Result<(), String> {
        let on = |(other, columns): &&(String, Vec<String>)| {
            other == table.as_str() && columns.iter().any(|name| name == column.as_str())
        };
        none(self.indexes.values().find(on), "still indexed")
    }

    fn index(&mut self, table: &Identifier, name: &str, columns: &[Identifier]) -> Result<(), String> {
        let names: Vec<String> = columns.iter().map(Identifier::to_string).collect();
        for column in &names {
            some(self.table(table)?.get(column), "no such column")?;
        }
        none(self.indexes.insert(name.to_owned(), (table.to_string(), names)), "index exists")
    }
}

fn some<T>(found: Option<T>, why: &str) -> Result<T, String> {
    found.ok_or_else(|| why.to_owned())
}

fn none<T>(found: Option<T>, why: &str) -> Result<(), String> {
    found.map_or(Ok(()), |_| Err(why.to_owned()))
}

/// xorshift64: enough here, and the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

const KINDS: [ColumnKind; 12] = [
    ColumnKind::Text,
    ColumnKind::Integer,
    ColumnKind::Decimal { scale: 0 },
    ColumnKind::Decimal { scale: 2 },
    ColumnKind::Decimal { scale: 18 },
    ColumnKind::Boolean,
    ColumnKind::Date,
    ColumnKind::DateTime,
    ColumnKind::Time,
    ColumnKind::Duration,
    ColumnKind::Id,
    ColumnKind::Json,
];

fn id(text: &str) -> Identifier {
    Identifier::new(text).unwrap()
}

fn layout(random: &mut Random) -> Layout {
    let long = "a".repeat(63);
    let names: Vec<&str> = ["user", "order_line", long.as_str()].into_iter().filter(|_| !random.chance(4)).collect();
    Layout { tables: names.iter().map(|name| table(random, name, &names)).collect(), quarantined: Vec::new() }
}

fn table(random: &mut Random, name: &str, targets: &[&str]) -> Table {
    let name = id(name);
    let system = [("id", ColumnKind::Id), ("deleted_at", ColumnKind::DateTime)];
    let mut columns: Vec<Column> = system.iter().map(|(name, kind)| Column::plain(id(name), *kind)).collect();
    let long = "z".repeat(63);
    for name in ["one", "two", "three", long.as_str()] {
        if !random.chance(4) {
            columns.push(column(random, id(name), targets));
        }
    }
    let fields: Vec<Identifier> = columns[2..].iter().map(|column| column.name.clone()).collect();
    let (mut unique, mut indexes) = (Vec::new(), Vec::new());
    for (position, field) in fields.iter().enumerate() {
        let key = if random.chance(2) { vec![field.clone()] } else { fields[position..].to_vec() };
        match random.below(4) {
            0 => unique.push(UniqueIndex::on(&name, key)),
            1 => indexes.push(PlainIndex::on(&name, key)),
            _ => {}
        }
    }
    unique.dedup();
    indexes.dedup();
    Table { name, columns, unique, indexes }
}

fn column(random: &mut Random, name: Identifier, targets: &[&str]) -> Column {
    let mut column = Column::plain(name, KINDS[random.below(KINDS.len())]);
    column.required = random.chance(2);
    column.default = random.chance(2).then(|| serde_json::json!("2026-01-01"));
    column.max_length = random.chance(3).then(|| random.below(100) as u32);
    if random.chance(3) {
        column.codes = ["a", "b", "c"].into_iter().take(1 + random.below(3)).map(str::to_owned).collect();
    }
    column.target = random.chance(3).then(|| id(targets[random.below(targets.len())]));
    column.computed = random.chance(5).then(|| ["auto_number", "x", "y"][random.below(3)].to_owned());
    column
}
