//! A [`Session`] over one PostgreSQL transaction.

use std::sync::atomic::Ordering;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use tokio::runtime::Handle;
use trellis_plan::{Arguments, Cell, CellError, ColumnKind, Dialect, Row, Statement};

use super::cell;
use super::refusal::{self, translate};
use super::schema::Place;
use crate::bind::{self, resolve};
use crate::error::Refusal;
use crate::{Error, Session};

pub(super) struct PostgresSession<'t> {
    transaction: &'t DatabaseTransaction,
    handle: &'t Handle,
    place: &'t Place,
    depth: usize,
    broken: Option<Broken>,
}

/// A statement was refused: from there on PostgreSQL refuses everything.
struct Broken {
    depth: usize,
    /// The whole transaction has to run again; a savepoint cannot mend it.
    gave_way: bool,
}

pub(super) fn overtaken() -> Error {
    Error::Busy(Refusal::boxed("40001", "another transaction came first"))
}

impl<'t> PostgresSession<'t> {
    pub fn new(transaction: &'t DatabaseTransaction, handle: &'t Handle, place: &'t Place) -> Self {
        Self { transaction, handle, place, depth: 0, broken: None }
    }

    /// Why the transaction cannot be committed; PostgreSQL itself would answer with a rollback and no error.
    pub fn refusal(&self) -> Option<Error> {
        let broken = self.broken.as_ref()?;
        Some(if broken.gave_way {
            overtaken()
        } else {
            Error::defect("a refused statement was not rolled back to a savepoint")
        })
    }

    /// The driver keeps prepared statements by their text alone, but what a text means depends on the schema, on the
    /// kinds of its parameters and on the tables' present form: all three become part of the text.
    fn lower(&self, statement: &Statement, arguments: &Arguments<'_>) -> Result<sea_orm::Statement, Error> {
        let mut values = Vec::with_capacity(statement.binds.len());
        let mut kinds = String::with_capacity(statement.binds.len());
        for (index, bind) in statement.binds.iter().enumerate() {
            let value = resolve(&bind.source, arguments);
            values.push(cell::encode(&value, bind.kind).ok_or(Error::Parameter { index, kind: bind.kind })?);
            kinds.push(cell::letter(bind.kind));
        }
        let generation = self.place.generation.load(Ordering::Relaxed);
        let sql = format!("{} /* {} {generation} {kinds} */", statement.sql, self.place.name);
        Ok(sea_orm::Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
    }

    fn run(&mut self, sql: &str) -> Result<(), Error> {
        let ran = self.handle.block_on(self.transaction.execute_unprepared(sql));
        ran.map(drop).map_err(|error| self.refused(error))
    }

    fn refused(&mut self, error: DbErr) -> Error {
        if refusal::is_stale_plan(&error) {
            self.place.generation.fetch_add(1, Ordering::Relaxed);
        }
        let error = translate(error);
        let gave_way = matches!(error, Error::Busy(_));
        self.broken.get_or_insert(Broken { depth: self.depth, gave_way });
        error
    }
}

impl Session for PostgresSession<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query(
        &mut self,
        statement: &Statement,
        arguments: &Arguments<'_>,
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let lowered = self.lower(statement, arguments)?;
        let found = self.handle.block_on(self.transaction.query_all_raw(lowered));
        let rows = found.map_err(|error| self.refused(error))?;
        for row in &rows {
            let row = row.try_as_pg_row().ok_or_else(|| Error::defect("a row of another database"))?;
            each(&PostgresRow(row))?;
        }
        Ok(rows.len())
    }

    fn execute(&mut self, statement: &Statement, arguments: &Arguments<'_>) -> Result<u64, Error> {
        let lowered = self.lower(statement, arguments)?;
        let done = self.handle.block_on(self.transaction.execute_raw(lowered));
        done.map(|done| done.rows_affected()).map_err(|error| self.refused(error))
    }

    /// What is prepared here means something else afterwards.
    fn define(&mut self, ddl: &str) -> Result<(), Error> {
        self.place.generation.fetch_add(1, Ordering::Relaxed);
        self.run(ddl)
    }

    fn give_way(&mut self) -> Error {
        self.broken = Some(Broken { depth: 0, gave_way: true });
        overtaken()
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.run(&format!("SAVEPOINT s{}", self.depth))?;
        self.depth += 1;
        Ok(())
    }

    fn release_savepoint(&mut self) -> Result<(), Error> {
        let depth = bind::enclosing(self.depth)?;
        self.run(&format!("RELEASE SAVEPOINT s{depth}"))?;
        self.depth = depth;
        Ok(())
    }

    fn rollback_to_savepoint(&mut self) -> Result<(), Error> {
        let depth = bind::enclosing(self.depth)?;
        self.run(&format!("ROLLBACK TO SAVEPOINT s{depth}; RELEASE SAVEPOINT s{depth}"))?;
        self.depth = depth;
        self.broken = self.broken.take().filter(|broken| broken.gave_way || broken.depth <= depth);
        Ok(())
    }
}

struct PostgresRow<'r>(&'r sea_orm::sqlx::postgres::PgRow);

impl Row for PostgresRow<'_> {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        cell::decode(self.0, index, kind).ok_or(CellError { index, kind })
    }
}
