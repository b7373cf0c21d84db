//! Where SQLite and PostgreSQL differ in defining and rewriting tables. Everything else is sea-query's business.

use sea_query::{
    ColumnType, PostgresQueryBuilder, QueryStatementWriter, SchemaStatementBuilder, SqliteQueryBuilder, Values,
};
use trellis_metadata::column::ColumnKind;

use crate::Dialect;

mod postgres;
mod sqlite;

impl Dialect {
    /// The declared type of a column.
    pub fn column_type(self, kind: ColumnKind) -> ColumnType {
        match self {
            Dialect::Sqlite => sqlite::column_type(kind),
            Dialect::Postgres => postgres::column_type(kind),
        }
    }

    /// The type of a column as the database itself names it, in lower case.
    pub(crate) fn declared(self, kind: ColumnKind) -> String {
        match self {
            Dialect::Sqlite => sqlite::declared(kind).to_owned(),
            Dialect::Postgres => postgres::declared(kind),
        }
    }

    /// What follows the column list of a new table.
    pub(crate) fn table_options(self, clustered: bool) -> Option<&'static str> {
        match self {
            Dialect::Sqlite => Some(sqlite::table_options(clustered)),
            Dialect::Postgres => None,
        }
    }

    /// Statements that turn a column of one kind into another, values kept; see [`crate::tables`].
    pub(crate) fn convert_column(self, table: &str, column: &str, from: ColumnKind, to: ColumnKind) -> Vec<String> {
        match self {
            Dialect::Sqlite => sqlite::convert_column(table, column, from, to),
            Dialect::Postgres => postgres::convert_column(table, column, to),
        }
    }

    /// The number a column holds as the database stores it is its value times this.
    pub(crate) fn stored_scale(self, kind: ColumnKind) -> u8 {
        match (self, kind) {
            (Dialect::Sqlite, ColumnKind::Decimal { scale }) => scale,
            _ => 0,
        }
    }

    pub(crate) fn definition(self, statement: &impl SchemaStatementBuilder) -> String {
        match self {
            Dialect::Sqlite => statement.to_string(SqliteQueryBuilder),
            Dialect::Postgres => statement.to_string(PostgresQueryBuilder),
        }
    }

    /// Text with every value spelled out; for statements whose values are our own numbers.
    pub(crate) fn literal(self, statement: &impl QueryStatementWriter) -> String {
        match self {
            Dialect::Sqlite => statement.to_string(SqliteQueryBuilder),
            Dialect::Postgres => statement.to_string(PostgresQueryBuilder),
        }
    }

    /// Text with placeholders, and their values.
    pub(crate) fn bound(self, statement: &impl QueryStatementWriter) -> (String, Values) {
        match self {
            Dialect::Sqlite => statement.build(SqliteQueryBuilder),
            Dialect::Postgres => statement.build(PostgresQueryBuilder),
        }
    }
}
