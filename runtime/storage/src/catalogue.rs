//! What the database itself says there is: tables with their columns, and indexes.
//!
//! Asked when a tenant is opened and when it is examined, never by a request.

use trellis_plan::tables::Catalogue;
use trellis_plan::{Arguments, Cell, ColumnKind, Dialect, Statement};

use crate::{Error, Session};

/// Name of a table, of a column in it and its type; an index has its name alone.
const fn names(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'
             UNION ALL SELECT name, NULL, NULL FROM sqlite_master WHERE type = 'index'"
        }
        Dialect::Postgres => {
            "SELECT r.relname::text, CASE WHEN r.relkind = 'r' THEN a.attname::text END,
               format_type(a.atttypid, a.atttypmod)
             FROM pg_class AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE r.relnamespace = current_schema()::regnamespace AND r.relkind IN ('r', 'i')"
        }
    }
}

pub fn catalogue(session: &mut dyn Session) -> Result<Catalogue, Error> {
    let statement =
        Statement { sql: names(session.dialect()).to_owned(), binds: Vec::new(), columns: vec![ColumnKind::Text; 3] };
    let mut found = Catalogue::default();
    session.query(&statement, &Arguments::slots(&[]), &mut |row| {
        let text = |index| row.cell(index, ColumnKind::Text);
        match (text(0)?, text(1)?, text(2)?) {
            (Cell::Text(table), Cell::Text(column), Cell::Text(declared)) => found.add_column(table, column, declared),
            (Cell::Text(index), ..) => found.add_index(index),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}
