//! Reads and writes that keep formulas and roll-ups true, in the transaction of the change: of many records at once, as
//! many as the statement has id slots.

use sea_query::{
    Alias, Expr, ExprTrait, Func, IntoIden, SelectStatement, TableRef, UpdateStatement, Value, ValueTuple,
};
use trellis_access::Grant;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Rollup, RollupFunction, Snapshot, Verb, system_field};

use super::embed::IdSlots;
use super::lowering::{Lowering, cell, column, from, table};
use super::predicate::Frame;
use super::write::{Lock, demand, within};
use crate::error::Error;
use crate::request::Trash;
use crate::statement::{Dialect, Source, Statement};

/// All columns, in field order, of the live records whose ids the slots hold, by id so that locks are taken in one
/// order.
pub fn load_all(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    lock: Lock,
    ids: IdSlots,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(demand(grant, &[Verb::Read])?);
    let frame = Frame::rule(object, lowering.alias());
    let mut select = whole(&frame);
    pointing(&mut lowering, &mut select, &frame, system_field::ID, ids);
    select.order_by_expr(frame.cell(system_field::ID), sea_query::Order::Asc);
    if lock == Lock::ForUpdate {
        select.lock_exclusive();
    }
    lowering.finish(&select, object.fields.iter().map(|field| field.column).collect())
}

/// What `wanted`, an id, is of the live records whose `lookup` is one of the slots; each once.
pub fn reach(
    snapshot: &Snapshot,
    dialect: Dialect,
    object: ObjectIndex,
    lookup: FieldIndex,
    wanted: FieldIndex,
    ids: IdSlots,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let frame = Frame::rule(snapshot.object(object), lowering.alias());
    let mut select = from(frame.object, &frame.alias);
    select.expr(frame.cell(wanted)).distinct();
    pointing(&mut lowering, &mut select, &frame, lookup, ids);
    lowering.finish(&select, vec![ColumnKind::Id])
}

/// What a roll-up is worked out from, for each record of the slots that has children which count; `filter` is the
/// lowered `where`.
///
/// A row has the record's id and the count, sum, smallest or largest value; of an average the sum, then the count, so
/// that it comes out the same digit for digit on both databases. Sums are decimals, which have room for more than any
/// field.
pub fn rollup(
    snapshot: &Snapshot,
    dialect: Dialect,
    rollup: &Rollup,
    filter: &Predicate,
    ids: IdSlots,
) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let object = snapshot.object(rollup.object);
    let frame = Frame::rule(object, lowering.alias());
    let mut select = from(object, &frame.alias);
    select.expr(frame.cell(rollup.via));
    let field = rollup.field.unwrap_or(system_field::ID);
    let kind = object.field(field).column;
    let of = frame.cell(field);
    let exact = ColumnKind::Decimal { scale: if let ColumnKind::Decimal { scale } = kind { scale } else { 0 } };
    let measures = match rollup.function {
        RollupFunction::Count => vec![(Func::count(of), ColumnKind::Integer)],
        RollupFunction::Sum => vec![(Func::sum(of), exact)],
        RollupFunction::Avg => vec![(Func::sum(of.clone()), exact), (Func::count(of), ColumnKind::Integer)],
        RollupFunction::Min => vec![(Func::min(of), kind)],
        RollupFunction::Max => vec![(Func::max(of), kind)],
    };
    let mut kinds = vec![ColumnKind::Id];
    for (measure, kind) in measures {
        select.expr(measure);
        kinds.push(kind);
    }
    pointing(&mut lowering, &mut select, &frame, rollup.via, ids);
    let filter = lowering.condition(&frame, filter)?;
    select.and_where(filter).add_group_by([frame.cell(rollup.via)]);
    lowering.finish(&select, kinds)
}

/// Sets a computed field of many live records: `Slot(2n)` is an id and `Slot(2n + 1)` its value, for as many pairs as
/// there are id slots.
pub fn set_all(
    snapshot: &Snapshot,
    dialect: Dialect,
    grant: &Grant,
    field: FieldIndex,
    pairs: IdSlots,
) -> Result<Statement, Error> {
    let object = snapshot.object(demand(grant, &[Verb::Update])?);
    let mut lowering = Lowering::new(snapshot, dialect);
    let rows = (0..pairs.len()).map(|pair| {
        let id = lowering.place(Source::Slot(2 * pair), ColumnKind::Id);
        let value = lowering.place(Source::Slot(2 * pair + 1), object.field(field).column);
        ValueTuple::Two(Value::BigInt(Some(id)), Value::BigInt(Some(value)))
    });
    let alias = Alias::new("v");
    let rows = TableRef::ValuesList(rows.collect(), alias.clone().into_iden());
    let given = |name: &'static str| Expr::col((alias.clone().into_iden(), Alias::new(name).into_iden()));
    let own = |field| Expr::col((table(object).into_iden(), column(object, field).into_iden()));
    let mut update = UpdateStatement::new();
    update
        .table(table(object))
        .value(column(object, field), given("column2"))
        .from(rows)
        .and_where(own(system_field::ID).eq(given("column1")))
        .and_where(within(Trash::Exclude, own(system_field::DELETED_AT)));
    lowering.finish(&update, Vec::new())
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
    let mut select = whole(&frame);
    let parent = lowering.slot(0, ColumnKind::Id);
    select.and_where(frame.cell(via).eq(parent)).and_where(within(trash, frame.cell(system_field::DELETED_AT)));
    select.order_by_expr(frame.cell(system_field::ID), sea_query::Order::Asc);
    if lock == Lock::ForUpdate {
        select.lock_exclusive();
    }
    lowering.finish(&select, object.fields.iter().map(|field| field.column).collect())
}

fn whole(frame: &Frame<'_>) -> SelectStatement {
    let mut select = from(frame.object, &frame.alias);
    for field in &frame.object.fields {
        select.expr(cell(&frame.alias, frame.object, field.index));
    }
    select
}

/// The live records whose field is one of the slots.
fn pointing(
    lowering: &mut Lowering<'_>,
    select: &mut SelectStatement,
    frame: &Frame<'_>,
    field: FieldIndex,
    ids: IdSlots,
) {
    let slots: Vec<Expr> = (0..ids.len()).map(|slot| lowering.slot(slot, ColumnKind::Id)).collect();
    select
        .and_where(frame.cell(field).is_in(slots))
        .and_where(within(Trash::Exclude, frame.cell(system_field::DELETED_AT)));
}
