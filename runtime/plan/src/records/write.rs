//! Writing rows of one object, and the questions the write pipeline asks about a stored row.
//!
//! A write demands a grant for its object and verb. Which cells the caller may set is the pipeline's check: it
//! asks [`checks`] which coverages hold, and it also writes cells no caller may (versions, formulas).

use sea_query::{Expr, ExprTrait, Query, SelectStatement, UpdateStatement};
use trellis_access::Grant;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Snapshot, Verb, system_field};

use super::lowering::{Lowering, cell, column, from, table};
use super::predicate::{Frame, settled};
use crate::error::Error;
use crate::request::Trash;
use crate::statement::{Dialect, Statement};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lock {
    None,
    /// PostgreSQL locks the row until the transaction ends; on SQLite the one writer is lock enough.
    ForUpdate,
}

/// Which of a write's two checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// May I touch it.
    Before,
    /// May I leave it so.
    After,
}

pub(super) fn demand(grant: &Grant, verbs: &[Verb]) -> Result<ObjectIndex, Error> {
    if verbs.contains(&grant.verb()) { Ok(grant.object()) } else { Err(Error::Grant) }
}

/// All columns, in field order, of the record whose id is `Slot(0)`.
pub fn load(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    lock: Lock,
    trash: Trash,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(grant.object());
    let alias = lowering.alias();
    let mut select = from(object, &alias);
    for field in &object.fields {
        select.expr(cell(&alias, object, field.index));
    }
    let frame = Frame::rule(object, alias);
    by_id(&mut lowering, &mut select, &frame, trash);
    if lock == Lock::ForUpdate {
        select.lock_exclusive();
    }
    lowering.finish(&select, object.fields.iter().map(|field| field.column).collect())
}

/// Does the record `Slot(0)` meet the condition: one row if so.
pub fn satisfies(
    snapshot: &Snapshot,
    dialect: Dialect,
    object: ObjectIndex,
    condition: &Predicate,
    trash: Trash,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(object);
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    select.expr(lowering.integer(1));
    by_id(&mut lowering, &mut select, &frame, trash);
    let condition = lowering.condition(&frame, condition)?;
    select.and_where(condition);
    lowering.finish(&select, vec![ColumnKind::Integer])
}

/// Ids of the live records that meet a condition, in order of id.
pub fn ids(
    snapshot: &Snapshot,
    dialect: Dialect,
    object: ObjectIndex,
    condition: &Predicate,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let frame = Frame::rule(snapshot.object(object), lowering.alias());
    let mut select = from(frame.object, &frame.alias);
    let condition = lowering.condition(&frame, condition)?;
    select
        .expr(frame.cell(system_field::ID))
        .and_where(frame.cell(system_field::DELETED_AT).is_null())
        .and_where(condition)
        .order_by_expr(frame.cell(system_field::ID), sea_query::Order::Asc);
    lowering.finish(&select, vec![ColumnKind::Id])
}

/// Id of the live record whose fields `key` equal `Slot(0)`, `Slot(1)` and so on; an id is taken even in the recycle
/// bin.
pub fn find(snapshot: &Snapshot, dialect: Dialect, grant: &Grant, key: &[FieldIndex]) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(demand(grant, &[Verb::Read])?);
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    select.expr(frame.cell(system_field::ID));
    if key != [system_field::ID] {
        select.and_where(frame.cell(system_field::DELETED_AT).is_null());
    }
    for (slot, field) in key.iter().enumerate() {
        let value = lowering.slot(slot, object.field(*field).column);
        select.and_where(frame.cell(*field).eq(value));
    }
    lowering.finish(&select, vec![ColumnKind::Id])
}

/// One boolean per coverage of the grant for the record `Slot(0)`: do its rows hold.
pub fn checks(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    moment: Moment,
    trash: Trash,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(grant.object());
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    for coverage in grant.coverages() {
        let rows = match moment {
            Moment::Before => &coverage.rows,
            Moment::After => &coverage.rows_after,
        };
        let holds = lowering.condition(&frame, rows)?;
        select.expr(settled(holds));
    }
    by_id(&mut lowering, &mut select, &frame, trash);
    lowering.finish(&select, vec![ColumnKind::Boolean; grant.coverages().len()])
}

fn by_id(lowering: &mut Lowering<'_>, select: &mut SelectStatement, frame: &Frame<'_>, trash: Trash) {
    let id = lowering.slot(0, ColumnKind::Id);
    select.and_where(frame.cell(system_field::ID).eq(id));
    select.and_where(within(trash, frame.cell(system_field::DELETED_AT)));
}

/// The record lies where it is looked for.
pub(super) fn within(trash: Trash, deleted_at: Expr) -> Expr {
    match trash {
        Trash::Exclude => deleted_at.is_null(),
        Trash::Only => deleted_at.is_not_null(),
    }
}

/// Whole rows. Slot `row × fields + field` holds a cell.
pub fn insert(snapshot: &Snapshot, dialect: Dialect, grant: &Grant, rows: usize) -> Result<Statement, Error> {
    let object = snapshot.object(demand(grant, &[Verb::Create])?);
    let mut lowering = Lowering::new(snapshot, dialect);
    let mut insert = Query::insert();
    insert.into_table(table(object));
    insert.columns(object.fields.iter().map(|field| column(object, field.index)));
    for row in 0..rows.max(1) {
        let first = row * object.fields.len();
        let cells: Vec<Expr> =
            object.fields.iter().map(|field| lowering.slot(first + field.index.0, field.column)).collect();
        insert.values(cells).map_err(|_| Error::Build)?;
    }
    lowering.finish(&insert, Vec::new())
}

/// Sets `fields[n]` to `Slot(n)` on the live record whose id and version are the two slots after them; touches no row
/// when the version has moved on.
pub fn update(snapshot: &Snapshot, dialect: Dialect, grant: &Grant, fields: &[FieldIndex]) -> Result<Statement, Error> {
    demand(grant, &[Verb::Update, Verb::Transfer])?;
    change(snapshot, dialect, grant, fields, Trash::Exclude)
}

/// Moves a record to the recycle bin. Slots: `deleted_at`, `updated_at`, `updated_by`, `version`, then id and the
/// version it had.
pub fn delete(snapshot: &Snapshot, dialect: Dialect, grant: &Grant) -> Result<Statement, Error> {
    demand(grant, &[Verb::Delete])?;
    change(snapshot, dialect, grant, &BIN_FIELDS, Trash::Exclude)
}

const BIN_FIELDS: [FieldIndex; 4] =
    [system_field::DELETED_AT, system_field::UPDATED_AT, system_field::UPDATED_BY, system_field::VERSION];

pub(super) fn change(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    fields: &[FieldIndex],
    trash: Trash,
) -> Result<Statement, Error> {
    let object = snapshot.object(grant.object());
    let mut lowering = Lowering::new(snapshot, dialect);
    let mut update = UpdateStatement::new();
    update.table(table(object));
    for (slot, field) in fields.iter().enumerate() {
        let value = lowering.slot(slot, object.field(*field).column);
        update.value(column(object, *field), value);
    }
    let id = lowering.slot(fields.len(), ColumnKind::Id);
    let version = lowering.slot(fields.len() + 1, ColumnKind::Integer);
    let deleted_at = Expr::col(column(object, system_field::DELETED_AT));
    update
        .and_where(Expr::col(column(object, system_field::ID)).eq(id))
        .and_where(Expr::col(column(object, system_field::VERSION)).eq(version))
        .and_where(within(trash, deleted_at));
    lowering.finish(&update, Vec::new())
}
