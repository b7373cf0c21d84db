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
    ("before", ColumnKind::Json),
    ("after", ColumnKind::Json),
];

/// Columns of `_outbox`, in slot order.
const OUTBOX: [(&str, ColumnKind); 9] = [
    ("at", ColumnKind::DateTime),
    ("object", ColumnKind::Text),
    ("record", ColumnKind::Id),
    ("kind", ColumnKind::Text),
    ("actor", ColumnKind::Id),
    ("before", ColumnKind::Json),
    ("after", ColumnKind::Json),
    ("revision", ColumnKind::Integer),
    ("depth", ColumnKind::Integer),
];

/// One history entry. Slots: object, record, version, kind, actor, at, before, after.
pub fn history(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    append(snapshot, dialect, "_history", &HISTORY)
}

/// One event. Slots: at, object, record, kind, actor, before, after, revision, depth.
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

/// Takes `Slot(2)` numbers of the sequence `Slot(0)` in the period `Slot(1)`; answers with the last one taken.
///
/// The row stays locked until the transaction ends, so that gapless numbers are never taken twice.
pub fn sequence(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let (table, name, period, value) =
        (Alias::new("_sequences"), Alias::new("name"), Alias::new("period"), Alias::new("value"));
    let cells =
        [lowering.slot(0, ColumnKind::Text), lowering.slot(1, ColumnKind::Text), lowering.slot(2, ColumnKind::Integer)];
    let more = lowering.slot(2, ColumnKind::Integer);
    let next = Expr::col((table.clone().into_iden(), value.clone().into_iden())).add(more);
    let taken = OnConflict::columns([name.clone(), period.clone()]).value(value.clone(), next).to_owned();
    let mut insert = Query::insert();
    insert.into_table(table).columns([name, period, value.clone()]);
    insert.values(cells).map_err(|_| Error::Build)?;
    insert.on_conflict(taken).returning_col(value);
    lowering.finish(&insert, vec![ColumnKind::Integer])
}
