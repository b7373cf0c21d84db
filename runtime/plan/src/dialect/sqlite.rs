//! SQLite's side: four storage types, STRICT tables, and no way to alter a column.
//!
//! A conversion that keeps the storage type is an UPDATE; one that changes it fills a new column and swaps it in. That
//! is all native ALTER TABLE, so no table is ever rebuilt and sea-query is never asked for what its SQLite printer
//! cannot print.

use sea_query::{ColumnDef, ColumnType, Expr, ExprTrait, Func, Query, SimpleExpr, Table};
use trellis_metadata::column::ColumnKind;

use crate::Dialect;
use crate::tables::convert::{Conversion, conversion, power, scale};

pub(super) fn column_type(kind: ColumnKind) -> ColumnType {
    match kind {
        ColumnKind::Integer
        | ColumnKind::Decimal { .. }
        | ColumnKind::Boolean
        | ColumnKind::DateTime
        | ColumnKind::Duration => ColumnType::BigInteger,
        ColumnKind::Text | ColumnKind::Date | ColumnKind::Time | ColumnKind::Json => ColumnType::Text,
        ColumnKind::Id => ColumnType::Blob,
    }
}

pub(super) fn declared(kind: ColumnKind) -> &'static str {
    match column_type(kind) {
        ColumnType::Text => "text",
        ColumnType::Blob => "blob",
        _ => "integer",
    }
}

/// STRICT makes SQLite refuse a value of another type instead of storing it. sea-query has no option for either word.
pub(super) fn table_options(clustered: bool) -> &'static str {
    if clustered { "STRICT, WITHOUT ROWID" } else { "STRICT" }
}

pub(super) fn convert_column(table: &str, column: &str, from: ColumnKind, to: ColumnKind) -> Vec<String> {
    match conversion(from, to) {
        Some(Conversion::Rescale { from, to }) if from == to => Vec::new(),
        Some(Conversion::Rescale { from, to }) => vec![fill(table, column, column, rescaled(column, from, to))],
        Some(Conversion::Print) if scale_is_stored(from) => swap_in_text(table, column, from),
        // Dates and times are stored as their text.
        Some(Conversion::Print) | None => Vec::new(),
    }
}

fn scale_is_stored(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Integer | ColumnKind::Decimal { .. })
}

fn rescaled(column: &str, from: u8, to: u8) -> SimpleExpr {
    let stored = Expr::col(column.to_owned());
    if to > from { stored.mul(power(to - from)) } else { stored.div(power(from - to)) }
}

/// No document can choose a name with an underscore in front.
const NEW: &str = "_new";

fn swap_in_text(table: &str, column: &str, from: ColumnKind) -> Vec<String> {
    let mut text = ColumnDef::new_with_type(NEW, ColumnType::Text);
    let add = Table::alter().table(table.to_owned()).add_column(&mut text).take();
    let drop = Table::alter().table(table.to_owned()).drop_column(column.to_owned()).take();
    let rename = Table::alter().table(table.to_owned()).rename_column(NEW, column.to_owned()).take();
    vec![
        Dialect::Sqlite.definition(&add),
        fill(table, NEW, column, printed(column, scale(from))),
        Dialect::Sqlite.definition(&drop),
        Dialect::Sqlite.definition(&rename),
    ]
}

fn fill(table: &str, column: &str, source: &str, value: SimpleExpr) -> String {
    let update = Query::update()
        .table(table.to_owned())
        .value(column.to_owned(), value)
        .and_where(Expr::col(source.to_owned()).is_not_null())
        .take();
    Dialect::Sqlite.literal(&update)
}

/// -1250 with two digits is `-12.50`, in integer arithmetic throughout.
fn printed(column: &str, scale: u8) -> SimpleExpr {
    let stored = || Expr::col(column.to_owned());
    if scale == 0 {
        return stored().cast_as("text");
    }
    let size = || SimpleExpr::from(Func::abs(stored()));
    let sign = Expr::case(stored().lt(0_i64), "-").finally("");
    let pattern = format!("%s%d.%0{scale}d");
    let parts = [pattern.into(), sign.into(), size().div(power(scale)), size().modulo(power(scale))];
    Func::cust("printf").args(parts).into()
}
