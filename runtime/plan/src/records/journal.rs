//! Facts written beside a change in its transaction: history, the outbox, and numbers taken from a sequence.
//!
//! The tables are the runtime's own (`tables::system`); this file only fills them.

use sea_query::{Alias, Expr, ExprTrait, IntoIden, OnConflict, Query};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::Snapshot;

use super::lowering::Lowering;
use crate::error::Error;
use crate::statement::{Dialect, Statement};

/// Columns of `_history`, in slot order.
const HISTORY: [(&str, ColumnKind); 8] = [
    ("object", ColumnKind::Text),
    ("record", ColumnKind::Id),
    ("version", ColumnKind::Integer),
    ("kind", ColumnKind::Text),
    ("actor", ColumnKind::Id),
    ("at", ColumnKind::DateTime),
    ("before", ColumnKind::Text),
    ("after", ColumnKind::Text),
];

/// Columns of `_outbox`, in slot order.
const OUTBOX: [(&str, ColumnKind); 10] = [
    ("at", ColumnKind::DateTime),
    ("object", ColumnKind::Text),
    ("record", ColumnKind::Id),
    ("kind", ColumnKind::Text),
    ("actor", ColumnKind::Id),
    ("before", ColumnKind::Text),
    ("after", ColumnKind::Text),
    ("revision", ColumnKind::Integer),
    ("depth", ColumnKind::Integer),
    ("done_at", ColumnKind::DateTime),
];

/// One history entry. Slots: object, record, version, kind, actor, at, before, after.
pub fn history(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    append(snapshot, dialect, "_history", &HISTORY)
}

/// One event. Slots: at, object, record, kind, actor, before, after, revision, depth, done_at (null: it waits for the
/// workflow worker).
pub fn outbox(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    append(snapshot, dialect, "_outbox", &OUTBOX)
}

fn append(
    snapshot: &Snapshot,
    dialect: Dialect,
    table: &str,
    columns: &[(&str, ColumnKind)],
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let mut insert = Query::insert();
    insert.into_table(Alias::new(table)).columns(columns.iter().map(|(name, _)| Alias::new(*name)));
    let cells: Vec<Expr> = columns.iter().enumerate().map(|(slot, (_, kind))| lowering.slot(slot, *kind)).collect();
    insert.values(cells).map_err(|_| Error::Build)?;
    lowering.finish(&insert, Vec::new())
}

/// Takes `Slot(3)` numbers of the sequence `Slot(0)` in the scope `Slot(1)` and period `Slot(2)`; answers with the last
/// one taken.
///
/// The row stays locked until the transaction ends, so that gapless numbers are never taken twice.
pub fn sequence(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let (table, next) = (Alias::new("_sequences"), Alias::new("next"));
    let key = [Alias::new("name"), Alias::new("scope"), Alias::new("period")];
    let taken = lowering.slot(3, ColumnKind::Integer);
    let first_free = lowering.integer(1).add(taken.clone());
    let mut cells: Vec<Expr> = (0..key.len()).map(|slot| lowering.slot(slot, ColumnKind::Text)).collect();
    cells.push(first_free);
    let later = Expr::col((table.clone().into_iden(), next.clone().into_iden())).add(taken);
    let advance = OnConflict::columns(key.clone()).value(next.clone(), later).to_owned();
    let mut insert = Query::insert();
    insert.into_table(table).columns(key.into_iter().chain([next.clone()]));
    insert.values(cells).map_err(|_| Error::Build)?;
    let last = Expr::col(next).sub(lowering.integer(1));
    insert.on_conflict(advance).returning(Query::returning().exprs([last]));
    lowering.finish(&insert, vec![ColumnKind::Integer])
}
