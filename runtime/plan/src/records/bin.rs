//! The recycle bin: the way back, and the way out for good.

use sea_query::{Alias, Expr, ExprTrait, Order, Query};
use trellis_access::Grant;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Snapshot, Verb, system_field};

use super::lowering::{Lowering, column, from, table};
use super::predicate::Frame;
use super::write::{change, demand, within};
use crate::error::Error;
use crate::request::Trash;
use crate::statement::{Dialect, Statement};

/// Brings a record back, with `fields` set to `Slot(0)` and so on; `deleted_at` is one of them. Slots after them: the
/// id and the version it had.
pub fn restore(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    fields: &[FieldIndex],
) -> Result<Statement, Error> {
    demand(grant, &[Verb::Delete])?;
    change(snapshot, dialect, grant, fields, Trash::Only)
}

/// Ids of at most `limit` records that were deleted before `Slot(0)`, the oldest first.
pub fn deleted_before(
    snapshot: &Snapshot,
    dialect: Dialect,
    object: ObjectIndex,
    limit: u64,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let frame = Frame::rule(snapshot.object(object), lowering.alias());
    let mut select = from(frame.object, &frame.alias);
    let moment = lowering.slot(0, ColumnKind::DateTime);
    select
        .expr(frame.cell(system_field::ID))
        .and_where(within(Trash::Only, frame.cell(system_field::DELETED_AT)))
        .and_where(frame.cell(system_field::DELETED_AT).lt(moment))
        .order_by_expr(frame.cell(system_field::DELETED_AT), Order::Asc)
        .order_by_expr(frame.cell(system_field::ID), Order::Asc)
        .limit(limit);
    lowering.finish(&select, vec![ColumnKind::Id])
}

/// Takes the deleted record `Slot(0)` away for good.
pub fn purge(snapshot: &Snapshot, dialect: Dialect, grant: &Grant) -> Result<Statement, Error> {
    let object = snapshot.object(demand(grant, &[Verb::Administer])?);
    let mut lowering = Lowering::new(snapshot, dialect);
    let id = lowering.slot(0, ColumnKind::Id);
    let mut delete = Query::delete();
    delete
        .from_table(table(object))
        .and_where(Expr::col(column(object, system_field::ID)).eq(id))
        .and_where(within(Trash::Only, Expr::col(column(object, system_field::DELETED_AT))));
    lowering.finish(&delete, Vec::new())
}

/// Forgets what happened to the record `Slot(1)` of the object whose id is `Slot(0)`.
pub fn forget_history(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    forget(snapshot, dialect, "record", ColumnKind::Id)
}

/// Forgets what happened to records of the object whose id is `Slot(0)` before `Slot(1)`.
pub fn forget_history_before(snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    forget(snapshot, dialect, "at", ColumnKind::DateTime)
}

fn forget(snapshot: &Snapshot, dialect: Dialect, by: &str, kind: ColumnKind) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let (object, value) = (lowering.slot(0, ColumnKind::Text), lowering.slot(1, kind));
    let by = Expr::col(Alias::new(by));
    let mut delete = Query::delete();
    delete
        .from_table(Alias::new("_history"))
        .and_where(Expr::col(Alias::new("object")).eq(object))
        .and_where(if kind == ColumnKind::Id { by.eq(value) } else { by.lt(value) });
    lowering.finish(&delete, Vec::new())
}
