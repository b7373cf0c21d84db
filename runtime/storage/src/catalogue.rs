//! What the database itself says there is: tables with their columns, and indexes.
//!
//! Asked when a tenant is opened and when it is examined, never by a request.

use trellis_plan::tables::system::Catalogue;
use trellis_plan::{Arguments, Cell, ColumnKind, Dialect, Statement};

use crate::{Error, Session};

/// Name of a table and of a column in it; an index has no second name.
const fn names(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'
             UNION ALL SELECT name, NULL FROM sqlite_master WHERE type = 'index'"
        }
        Dialect::Postgres => {
            "SELECT r.relname::text, CASE WHEN r.relkind = 'r' THEN a.attname::text END
             FROM pg_class AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE r.relnamespace = current_schema()::regnamespace AND r.relkind IN ('r', 'i')"
        }
    }
}

pub fn catalogue(session: &mut dyn Session) -> Result<Catalogue, Error> {
    let statement =
        Statement { sql: names(session.dialect()).to_owned(), binds: Vec::new(), columns: vec![ColumnKind::Text; 2] };
    let mut found = Catalogue::default();
    session.query(&statement, &Arguments::slots(&[]), &mut |row| {
        match (row.cell(0, ColumnKind::Text)?, row.cell(1, ColumnKind::Text)?) {
            (Cell::Text(table), Cell::Text(column)) => found.add_column(table, column),
            (Cell::Text(index), _) => found.add_index(index),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}
