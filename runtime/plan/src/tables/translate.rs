//! Statements to go through the values of one field, page by page.
//!
//! What a value becomes is not known here: the engine reads it by the types of the fields.

use sea_query::{Expr, ExprTrait, Order, Query};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::identifier::Identifier;

use super::step::Step;
use crate::{Bind, Dialect, Source, Statement};

/// Records read at a time.
pub const PAGE: u64 = 1_000;

impl Step {
    /// After a [`Step::TranslateColumn`] has changed the table: pages of record id, what the field held, and what it
    /// holds now.
    pub fn translated(&self, dialect: Dialect) -> Option<Statement> {
        let Step::TranslateColumn { table, was, column, kept_as, .. } = self else { return None };
        Some(pages(table.as_str(), &[(kept_as, was.kind), (column.name.as_str(), column.kind)], dialect))
    }
}

/// The record ids after `Slot(0)`, in order, each with the named columns; at most [`PAGE`] of them.
pub(super) fn pages(table: &str, columns: &[(&str, ColumnKind)], dialect: Dialect) -> Statement {
    let mut select = Query::select();
    select.column("id").from(table.to_owned());
    for (name, _) in columns {
        select.column((*name).to_owned());
    }
    // The placeholder's own value is never used: the slot takes its place.
    select.and_where(Expr::col("id").gt(0_i64)).order_by("id", Order::Asc).limit(PAGE);
    let (sql, _) = dialect.bound(&select);
    let limit = trellis_metadata::value::Value::Integer(PAGE as i64);
    let binds = vec![
        Bind { source: Source::Slot(0), kind: ColumnKind::Id },
        Bind { source: Source::Value(limit), kind: ColumnKind::Integer },
    ];
    let kinds = columns.iter().map(|(_, kind)| *kind);
    Statement { sql, binds, columns: std::iter::once(ColumnKind::Id).chain(kinds).collect() }
}

/// The record `Slot(0)` gets the value `Slot(1)`.
pub fn write(table: &Identifier, column: &Identifier, kind: ColumnKind, dialect: Dialect) -> Statement {
    let update = Query::update()
        .table(table.as_str().to_owned())
        .value(column.as_str().to_owned(), Expr::val(0_i64))
        .and_where(Expr::col("id").eq(0_i64))
        .take();
    let (sql, _) = dialect.bound(&update);
    let binds = vec![Bind { source: Source::Slot(1), kind }, Bind { source: Source::Slot(0), kind: ColumnKind::Id }];
    Statement { sql, binds, columns: Vec::new() }
}
