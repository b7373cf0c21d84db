//! The recycle bin: what went in together, the way back, and the way out for good.

use sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use trellis_access::Grant;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Snapshot, Verb, system_field};

use super::lowering::{Lowering, cell, column, from, table};
use super::predicate::Frame;
use super::write::{change, demand};
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

/// The deleted records whose lookup `via` is `Slot(0)`, all columns in field order, by id.
pub fn deleted_referrers(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    via: FieldIndex,
) -> Result<Statement, Error> {
    let object = snapshot.object(demand(grant, &[Verb::Delete])?);
    let mut lowering = Lowering::new(snapshot, dialect);
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    for field in &object.fields {
        select.expr(cell(&frame.alias, object, field.index));
    }
    let master = lowering.slot(0, ColumnKind::Id);
    in_bin(&mut select, &frame);
    select.and_where(frame.cell(via).eq(master)).lock_exclusive();
    lowering.finish(&select, object.fields.iter().map(|field| field.column).collect())
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
    in_bin(&mut select, &frame);
    select
        .expr(frame.cell(system_field::ID))
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
        .and_where(Expr::col(column(object, system_field::DELETED_AT)).is_not_null());
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

fn in_bin(select: &mut SelectStatement, frame: &Frame<'_>) {
    select.and_where(frame.cell(system_field::DELETED_AT).is_not_null());
}
