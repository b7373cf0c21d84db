//! Where a test runs, and the few statements most of them use.

use std::path::PathBuf;

use tempfile::TempDir;
use trellis_plan::{Arguments, Bind, ColumnKind, Dialect, Source, Statement, Value};
use trellis_storage::{Error, Session, Storage, StorageOptions, TenantHandle};
use trellis_tests::postgres::Postgres;

pub struct Place {
    pub folder: TempDir,
    pub url: Option<String>,
}

impl Place {
    pub fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: None }
    }

    pub fn postgres() -> Option<Self> {
        let url = Some(Postgres::shared()?.url());
        Some(Self { url, ..Self::sqlite() })
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub fn options(&self) -> StorageOptions {
        StorageOptions::new(self.data()).with_database_url(self.url.clone())
    }

    pub fn open(&self) -> Storage {
        Storage::open(self.options()).unwrap()
    }

    /// A tenant with a table of numbers, unique among those above zero.
    pub fn numbers(&self) -> TenantHandle {
        let tenant = self.open().create_tenant("acme").unwrap();
        let define = |session: &mut dyn Session| {
            let sqlite = session.dialect() == Dialect::Sqlite;
            session.define(if sqlite {
                "CREATE TABLE n (v INTEGER NOT NULL)"
            } else {
                "CREATE TABLE n (v bigint NOT NULL)"
            })?;
            session.define("CREATE UNIQUE INDEX ux_1 ON n (v) WHERE v > 0")
        };
        tenant.write_exclusive(define).wait().unwrap();
        tenant
    }
}

/// Runs `test` on every database there is.
pub fn on_each(test: impl Fn(&Place)) {
    test(&Place::sqlite());
    if let Some(place) = Place::postgres() {
        test(&place);
    }
}

/// `?` are the slots in order.
pub fn statement(dialect: Dialect, sql: &str, binds: &[ColumnKind], columns: &[ColumnKind]) -> Statement {
    let bind = |(slot, kind): (usize, &ColumnKind)| Bind { source: Source::Slot(slot), kind: *kind };
    let mut sql = sql.to_owned();
    if dialect == Dialect::Postgres {
        for slot in 1..=binds.len() {
            sql = sql.replacen('?', &format!("${slot}"), 1);
        }
    }
    Statement { sql, binds: binds.iter().enumerate().map(bind).collect(), columns: columns.to_vec() }
}

pub fn insert(session: &mut dyn Session, number: i64) -> Result<u64, Error> {
    let insert = statement(session.dialect(), "INSERT INTO n (v) VALUES (?)", &[ColumnKind::Integer], &[]);
    session.execute(&insert, &Arguments::slots(&[Value::Integer(number)]))
}

pub fn numbers(session: &mut dyn Session) -> Result<Vec<i64>, Error> {
    let select = statement(session.dialect(), "SELECT v FROM n ORDER BY v", &[], &[ColumnKind::Integer]);
    let found = values(session, &select, &[])?;
    Ok(found.into_iter().flatten().filter_map(|value| value.as_integer()).collect())
}

pub fn values(session: &mut dyn Session, statement: &Statement, slots: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
    let mut found = Vec::new();
    session.query(statement, &Arguments::slots(slots), &mut |row| {
        let mut cells = Vec::new();
        for (index, kind) in statement.columns.iter().enumerate() {
            cells.push(row.cell(index, *kind)?.to_value());
        }
        found.push(cells);
        Ok(())
    })?;
    Ok(found)
}
