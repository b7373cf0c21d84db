//! The tree tables behind organisational scopes: who is above whom, each pair once, everyone above himself at depth 0.

use sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::Snapshot;

use super::lowering::Lowering;
use crate::error::Error;
use crate::statement::{Dialect, Statement};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closure {
    /// Who manages whom.
    Managers,
    /// Which unit lies below which.
    Units,
}

impl Closure {
    fn table(self) -> Alias {
        Alias::new(match self {
            Closure::Managers => "_manager_closure",
            Closure::Units => "_unit_closure",
        })
    }
}

fn col(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

fn of(table: &str, name: &str) -> Expr {
    Expr::col((Alias::new(table), Alias::new(name)))
}

/// Is `Slot(0)` above `Slot(1)`, or the same: one row if so.
pub fn is_above(closure: Closure, snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let (above, below) = (lowering.slot(0, ColumnKind::Id), lowering.slot(1, ColumnKind::Id));
    let mut select = Query::select();
    select
        .column(Alias::new("depth"))
        .from(closure.table())
        .and_where(col("above").eq(above))
        .and_where(col("below").eq(below));
    lowering.finish(&select, vec![ColumnKind::Integer])
}

/// Enters `Slot(0)` as a node of its own.
pub fn add_node(closure: Closure, snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let (node, again) = (lowering.slot(0, ColumnKind::Id), lowering.slot(0, ColumnKind::Id));
    let depth = lowering.integer(0);
    let mut insert = Query::insert();
    insert.into_table(closure.table()).columns(["above", "below", "depth"].map(Alias::new));
    insert.values([node, again, depth]).map_err(|_| Error::Build)?;
    insert.on_conflict(sea_query::OnConflict::columns(["above", "below"].map(Alias::new)).do_nothing().to_owned());
    lowering.finish(&insert, Vec::new())
}

/// Cuts the subtree of `Slot(0)` from everything above it.
pub fn detach(closure: Closure, snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let subtree = linked(&mut lowering, closure, "above", "below");
    let mut ancestors = linked(&mut lowering, closure, "below", "above");
    let node = lowering.slot(0, ColumnKind::Id);
    ancestors.and_where(col("above").ne(node));
    let mut delete = Query::delete();
    delete
        .from_table(closure.table())
        .and_where(col("below").in_subquery(subtree))
        .and_where(col("above").in_subquery(ancestors));
    lowering.finish(&delete, Vec::new())
}

fn linked(lowering: &mut Lowering<'_>, closure: Closure, from: &str, to: &str) -> SelectStatement {
    let node = lowering.slot(0, ColumnKind::Id);
    Query::select().column(Alias::new(to)).from(closure.table()).and_where(col(from).eq(node)).take()
}

/// Hangs the subtree of `Slot(0)` below `Slot(1)`.
pub fn attach(closure: Closure, snapshot: &Snapshot, dialect: Dialect) -> Result<Statement, Error> {
    let mut lowering = Lowering::new(snapshot, dialect);
    let one = lowering.integer(1);
    let (parent, node) = (lowering.slot(1, ColumnKind::Id), lowering.slot(0, ColumnKind::Id));
    let mut pairs = Query::select();
    pairs
        .expr(of("upper", "above"))
        .expr(of("lower", "below"))
        .expr(of("upper", "depth").add(of("lower", "depth")).add(one))
        .from_as(closure.table(), Alias::new("upper"))
        .join_as(sea_query::JoinType::CrossJoin, closure.table(), Alias::new("lower"), sea_query::Condition::all())
        .and_where(of("upper", "below").eq(parent))
        .and_where(of("lower", "above").eq(node));
    let mut insert = Query::insert();
    insert.into_table(closure.table()).columns(["above", "below", "depth"].map(Alias::new));
    insert.select_from(pairs).map_err(|_| Error::Build)?;
    lowering.finish(&insert, Vec::new())
}
