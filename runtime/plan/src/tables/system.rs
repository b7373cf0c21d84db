//! The tables every tenant has besides its objects, made together with the tenant and completed when a later version of
//! the program opens it. A column added to a table that is already out there must be one that may be null.
//!
//! Their names start with `_`, which no document can choose. History and outbox take a row on every record write and so
//! carry no more indexes than reading them needs.

use sea_query::{ColumnDef, ConditionalStatement, Expr, ExprTrait, Index, Table as Definition};
use trellis_metadata::column::ColumnKind;

use super::catalogue::Catalogue;
use super::render::text_only;
use crate::{Dialect, Statement};

/// A table as it is written below.
#[derive(Debug)]
pub struct SystemTable {
    pub name: &'static str,
    pub columns: &'static [SystemColumn],
    pub key: Key,
    pub indexes: &'static [SystemIndex],
}

#[derive(Debug)]
pub struct SystemColumn {
    pub name: &'static str,
    pub kind: ColumnKind,
    pub null: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The first column counts up by itself.
    Counter,
    /// As well, and a number is never given twice even when the newest rows are deleted.
    NeverReused,
    /// These columns.
    Columns(&'static [&'static str]),
}

#[derive(Debug)]
pub struct SystemIndex {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub unique: bool,
    pub rows: Rows,
}

/// Which rows an index holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    All,
    WhereNull(&'static str),
    WhereNotNull(&'static str),
}

use ColumnKind::{DateTime, Id, Integer, Json, Text};

const fn column(name: &'static str, kind: ColumnKind) -> SystemColumn {
    SystemColumn { name, kind, null: false }
}

const fn maybe(name: &'static str, kind: ColumnKind) -> SystemColumn {
    SystemColumn { name, kind, null: true }
}

const fn index(name: &'static str, columns: &'static [&'static str], rows: Rows) -> SystemIndex {
    SystemIndex { name, columns, unique: false, rows }
}

const fn unique(name: &'static str, columns: &'static [&'static str]) -> SystemIndex {
    SystemIndex { name, columns, unique: true, rows: Rows::All }
}

pub const SYSTEM_TABLES: &[SystemTable] = &[
    // One row, `one` = 1: what the tenant is at now. `epoch` counts every publish and role change.
    SystemTable {
        name: "_state",
        columns: &[
            column("one", Integer),
            column("revision", Integer),
            column("layout", Json),
            column("epoch", Integer),
        ],
        key: Key::Columns(&["one"]),
        indexes: &[],
    },
    SystemTable {
        name: "_revisions",
        columns: &[
            column("revision", Integer),
            maybe("parent", Integer),
            maybe("author", Id),
            column("at", DateTime),
            column("message", Text),
            column("hash", Text),
            // The full document set, canonical JSON.
            column("documents", Json),
        ],
        key: Key::Columns(&["revision"]),
        indexes: &[],
    },
    SystemTable {
        name: "_history",
        columns: &[
            column("seq", Integer),
            column("object", Text),
            column("record", Id),
            column("version", Integer),
            column("kind", Text),
            maybe("actor", Id),
            column("at", DateTime),
            // JSON of the changed fields only; text, because it is written on every change and never searched.
            maybe("before", Text),
            maybe("after", Text),
        ],
        key: Key::Counter,
        indexes: &[index("_history_record", &["record"], Rows::All)],
    },
    SystemTable {
        name: "_outbox",
        columns: &[
            column("seq", Integer),
            column("at", DateTime),
            column("object", Text),
            column("record", Id),
            column("kind", Text),
            maybe("actor", Id),
            maybe("before", Text),
            maybe("after", Text),
            column("revision", Integer),
            // How many workflow effects lie between a person and this change.
            column("depth", Integer),
            maybe("done_at", DateTime),
        ],
        // Runs are keyed by the event number.
        key: Key::NeverReused,
        indexes: &[index("_outbox_open", &["seq"], Rows::WhereNull("done_at"))],
    },
    SystemTable {
        name: "_sequences",
        // `next` is the first number not yet taken.
        columns: &[column("name", Text), column("scope", Text), column("period", Text), column("next", Integer)],
        key: Key::Columns(&["name", "scope", "period"]),
        indexes: &[],
    },
    SystemTable {
        name: "_role_assignments",
        columns: &[column("user_id", Id), column("role", Text)],
        key: Key::Columns(&["user_id", "role"]),
        indexes: &[index("_role_assignments_role", &["role"], Rows::All)],
    },
    // Who is above whom, each pair once, everyone above himself at depth 0.
    SystemTable {
        name: "_unit_closure",
        columns: &[column("above", Id), column("below", Id), column("depth", Integer)],
        key: Key::Columns(&["above", "below"]),
        indexes: &[index("_unit_closure_below", &["below"], Rows::All)],
    },
    SystemTable {
        name: "_manager_closure",
        columns: &[column("above", Id), column("below", Id), column("depth", Integer)],
        key: Key::Columns(&["above", "below"]),
        indexes: &[index("_manager_closure_below", &["below"], Rows::All)],
    },
    // When something was dropped; what it was stands in the layout.
    SystemTable {
        name: "_quarantine",
        columns: &[
            column("kept_as", Text),
            column("object", Text),
            maybe("field", Text),
            column("revision", Integer),
            column("at", DateTime),
        ],
        key: Key::Columns(&["kept_as"]),
        indexes: &[],
    },
    SystemTable {
        name: "_notifications",
        columns: &[
            column("id", Id),
            column("user_id", Id),
            column("at", DateTime),
            column("title", Text),
            column("body", Text),
            maybe("link", Text),
            maybe("read_at", DateTime),
            column("dedup_key", Text),
        ],
        key: Key::Columns(&["id"]),
        indexes: &[
            unique("_notifications_dedup", &["dedup_key"]),
            index("_notifications_user", &["user_id", "at"], Rows::All),
        ],
    },
    SystemTable {
        name: "_runs",
        columns: &[
            column("id", Id),
            column("workflow", Text),
            column("event", Integer),
            column("state", Text),
            column("journal", Json),
            maybe("error", Text),
            column("attempts", Integer),
            // Null when nothing is left to do.
            maybe("next_at", DateTime),
            column("updated_at", DateTime),
        ],
        key: Key::Columns(&["id"]),
        indexes: &[
            unique("_runs_once", &["workflow", "event"]),
            index("_runs_due", &["next_at"], Rows::WhereNotNull("next_at")),
        ],
    },
    SystemTable {
        name: "_idempotency",
        columns: &[
            column("key", Text),
            column("user_id", Id),
            column("body_hash", Text),
            column("status", Integer),
            column("response", Text),
            column("at", DateTime),
        ],
        key: Key::Columns(&["user_id", "key"]),
        indexes: &[index("_idempotency_at", &["at"], Rows::All)],
    },
    // Imports and exports: who asked for what, and how far it is.
    SystemTable {
        name: "_jobs",
        columns: &[
            column("id", Id),
            column("kind", Text),
            column("object", Text),
            column("user_id", Id),
            column("state", Text),
            column("request", Json),
            column("progress", Json),
            column("at", DateTime),
            // Null while there is something to do.
            maybe("done_at", DateTime),
        ],
        key: Key::Columns(&["id"]),
        indexes: &[
            index("_jobs_open", &["at"], Rows::WhereNull("done_at")),
            index("_jobs_done", &["done_at"], Rows::WhereNotNull("done_at")),
        ],
    },
    // What a job reads or writes, in pieces that are carried out one by one.
    SystemTable {
        name: "_job_parts",
        columns: &[
            column("seq", Integer),
            column("job", Id),
            column("number", Integer),
            maybe("input", Text),
            maybe("outcome", Text),
        ],
        // Texts of a quarter of a megabyte have no place in a tree of keys.
        key: Key::Counter,
        indexes: &[unique("_job_parts_number", &["job", "number"])],
    },
    // What is known of a file; its bytes are elsewhere. Uploaded for a field, it belongs to nobody but its sender until
    // a record takes it (`record`). `released_at` is when the record let go of it; with no `record` the record is gone.
    SystemTable {
        name: "_files",
        columns: &[
            column("id", Id),
            column("object", Text),
            column("field", Text),
            maybe("record", Id),
            column("name", Text),
            column("media", Text),
            column("size", Integer),
            column("hash", Text),
            column("uploaded_by", Id),
            column("uploaded_at", DateTime),
            maybe("released_at", DateTime),
        ],
        key: Key::Columns(&["id"]),
        indexes: &[
            index("_files_record", &["record"], Rows::WhereNotNull("record")),
            index("_files_waiting", &["uploaded_by"], Rows::WhereNull("record")),
            index("_files_released", &["released_at"], Rows::WhereNotNull("released_at")),
        ],
    },
];

/// Everything a new tenant's database starts with.
pub fn create_system_tables(dialect: Dialect) -> Vec<Statement> {
    missing(&Catalogue::default(), dialect)
}

/// What makes the system tables whole where only these tables, columns and indexes are there.
pub fn missing(found: &Catalogue, dialect: Dialect) -> Vec<Statement> {
    let texts = SYSTEM_TABLES.iter().flat_map(|table| {
        let own = if found.has_table(table.name) {
            let absent = table.columns.iter().filter(|column| !found.has_column(table.name, column.name));
            absent.map(|column| add_column(table, column, dialect)).collect()
        } else {
            vec![create_table(table, dialect)]
        };
        let indexes = table.indexes.iter().filter(|index| !found.has_index(index.name));
        own.into_iter().chain(indexes.map(move |index| create_index(table, index, dialect)))
    });
    texts.map(text_only).collect()
}

fn add_column(table: &SystemTable, column: &SystemColumn, dialect: Dialect) -> String {
    dialect.definition(Definition::alter().table(table.name).add_column(column_def(column, None, dialect)))
}

fn create_table(table: &SystemTable, dialect: Dialect) -> String {
    let mut create = Definition::create();
    create.table(table.name);
    for (position, column) in table.columns.iter().enumerate() {
        let counts = position == 0 && !matches!(table.key, Key::Columns(_));
        create.col(column_def(column, counts.then_some(table.key), dialect));
    }
    let mut clustered = false;
    if let Key::Columns(columns) = table.key {
        create.primary_key(&mut key(table, columns));
        // Small rows that are nearly all key need no second tree.
        clustered = columns.len() > 1;
    }
    if let Some(options) = dialect.table_options(clustered) {
        create.extra(options);
    }
    dialect.definition(&create)
}

fn key(table: &SystemTable, columns: &[&'static str]) -> sea_query::IndexCreateStatement {
    let mut key = Index::create();
    key.name(format!("{}_key", table.name));
    for column in columns {
        key.col(*column);
    }
    key
}

fn column_def(column: &SystemColumn, counter: Option<Key>, dialect: Dialect) -> ColumnDef {
    let mut definition = ColumnDef::new_with_type(column.name, dialect.column_type(column.kind));
    if !column.null {
        definition.not_null();
    }
    if let Some(key) = counter {
        definition.primary_key();
        // SQLite counts in any integer key; the keyword only adds the never-again, at the price of a second write.
        if key == Key::NeverReused || dialect == Dialect::Postgres {
            definition.auto_increment();
        }
    }
    definition
}

fn create_index(table: &SystemTable, index: &SystemIndex, dialect: Dialect) -> String {
    let mut create = Index::create();
    create.name(index.name).table(table.name);
    for column in index.columns {
        create.col(*column);
    }
    if index.unique {
        create.unique();
    }
    match index.rows {
        Rows::All => {}
        Rows::WhereNull(column) => {
            create.and_where(Expr::col(column).is_null());
        }
        Rows::WhereNotNull(column) => {
            create.and_where(Expr::col(column).is_not_null());
        }
    }
    dialect.definition(&create)
}
