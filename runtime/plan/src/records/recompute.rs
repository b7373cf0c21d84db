//! Small reads that keep formulas and roll-ups true, in the transaction of the change.

use sea_query::{Alias, Expr, ExprTrait, Func, SelectStatement};
use trellis_access::Grant;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, Rollup, RollupFunction, Snapshot, Verb, system_field};

use super::lowering::{Lowering, cell, from};
use super::predicate::Frame;
use super::write::{Lock, within};
use crate::error::Error;
use crate::request::Trash;
use crate::statement::{Dialect, Statement};

/// The roll-up's value over the live children of the record `Slot(0)`; `filter` is the lowered `where`.
///
/// One row: a count, or a sum of the summed field's own kind (no child: zero).
pub fn rollup(snapshot: &Snapshot, dialect: Dialect, rollup: &Rollup, filter: &Predicate) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(rollup.object);
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    let kind = if let (RollupFunction::Sum, Some(field)) = (rollup.function, rollup.field) {
        let kind = object.field(field).column;
        let sum = Func::coalesce([Func::sum(frame.cell(field)).into(), lowering.integer(0)]);
        // PostgreSQL widens a sum of bigint to numeric.
        let whole = kind == ColumnKind::Integer && dialect == Dialect::Postgres;
        select.expr(if whole { Func::cast_as(sum, Alias::new("bigint")) } else { sum });
        kind
    } else {
        select.expr(Func::count(frame.cell(system_field::ID)));
        ColumnKind::Integer
    };
    children(&mut lowering, &mut select, &frame, rollup.via, Trash::Exclude);
    let filter = lowering.condition(&frame, filter)?;
    select.and_where(filter);
    lowering.finish(&select, vec![kind])
}

/// The records, live or in the recycle bin, whose lookup `via` is `Slot(0)`, all columns in field order, by id so that
/// locks are taken in one order.
pub fn referrers(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    via: FieldIndex,
    lock: Lock,
    trash: Trash,
) -> Result<Statement, Error> {
    if !matches!(grant.verb(), Verb::Read | Verb::Update | Verb::Delete) {
        return Err(Error::Grant);
    }
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(grant.object());
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    for field in &object.fields {
        select.expr(cell(&frame.alias, object, field.index));
    }
    children(&mut lowering, &mut select, &frame, via, trash);
    select.order_by_expr(frame.cell(system_field::ID), sea_query::Order::Asc);
    if lock == Lock::ForUpdate {
        select.lock_exclusive();
    }
    lowering.finish(&select, object.fields.iter().map(|field| field.column).collect())
}

fn children(
    lowering: &mut Lowering<'_>,
    select: &mut SelectStatement,
    frame: &Frame<'_>,
    via: FieldIndex,
    trash: Trash,
) {
    let parent: Expr = lowering.slot(0, ColumnKind::Id);
    select.and_where(frame.cell(via).eq(parent)).and_where(within(trash, frame.cell(system_field::DELETED_AT)));
}
