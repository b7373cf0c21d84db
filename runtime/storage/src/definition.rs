//! Storage's own tables as a list, written out as DDL per dialect.

use sea_query::{ColumnDef, Index, PostgresQueryBuilder, SqliteQueryBuilder, Table};
use trellis_plan::{ColumnKind, Dialect};

pub(crate) struct Definition {
    pub name: &'static str,
    pub columns: &'static [(&'static str, ColumnKind, Null)],
    pub key: &'static [&'static str],
    pub unique: &'static [(&'static str, &'static [&'static str])],
    pub indexes: &'static [(&'static str, &'static [&'static str])],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Null {
    Never,
    Allowed,
}

impl Definition {
    /// Statements that make the table and its indexes where they are missing.
    pub fn ddl(&self, dialect: Dialect) -> Vec<String> {
        let mut table = Table::create();
        table.table(self.name).if_not_exists();
        for (name, kind, null) in self.columns {
            let mut column = ColumnDef::new_with_type(*name, dialect.column_type(*kind));
            if *null == Null::Never {
                column.not_null();
            }
            table.col(&mut column);
        }
        let mut key = Index::create();
        for column in self.key {
            key.col(*column);
        }
        table.primary_key(&mut key);
        let mut made = vec![match dialect {
            Dialect::Sqlite => table.build(SqliteQueryBuilder) + " STRICT",
            Dialect::Postgres => table.build(PostgresQueryBuilder),
        }];
        made.extend(self.unique.iter().map(|(name, columns)| self.index(name, columns, true, dialect)));
        made.extend(self.indexes.iter().map(|(name, columns)| self.index(name, columns, false, dialect)));
        made
    }

    fn index(&self, name: &'static str, columns: &[&'static str], unique: bool, dialect: Dialect) -> String {
        let mut index = Index::create();
        index.name(name).table(self.name).if_not_exists();
        if unique {
            index.unique();
        }
        for column in columns {
            index.col(*column);
        }
        match dialect {
            Dialect::Sqlite => index.build(SqliteQueryBuilder),
            Dialect::Postgres => index.build(PostgresQueryBuilder),
        }
    }
}
