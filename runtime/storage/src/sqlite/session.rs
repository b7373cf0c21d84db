//! A [`Session`] over one SQLite connection inside its transaction.

use std::time::Duration;

use rusqlite::CachedStatement;
use trellis_plan::{Arguments, Cell, CellError, ColumnKind, Dialect, Row, Statement};

use super::cell::{self, Encoded};
use super::connection::{Limited, Limits};
use super::refusal::{self, translate};
use crate::bind::{self, resolve};
use crate::error::Refusal;
use crate::{Error, Session};

pub(super) struct SqliteSession<'c> {
    connection: &'c rusqlite::Connection,
    limits: &'c Limits,
    /// What each statement may take.
    deadline: Option<Duration>,
    depth: usize,
}

impl<'c> SqliteSession<'c> {
    pub fn new(limited: &'c Limited, deadline: Option<Duration>) -> Self {
        Self { connection: &limited.connection, limits: &limited.limits, deadline, depth: 0 }
    }

    fn prepare(&self, statement: &Statement, arguments: &Arguments<'_>) -> Result<CachedStatement<'c>, Error> {
        self.check_open()?;
        self.limits.set_time(self.deadline);
        let mut prepared = self.connection.prepare_cached(&statement.sql).map_err(|error| self.told(error))?;
        if prepared.parameter_count() != statement.binds.len() {
            return Err(bind::miscounted(prepared.parameter_count(), statement));
        }
        for (index, bind) in statement.binds.iter().enumerate() {
            let value = resolve(&bind.source, arguments);
            let encoded = cell::encode(&value, bind.kind).ok_or(Error::Parameter { index, kind: bind.kind })?;
            match encoded {
                Encoded::Null => prepared.raw_bind_parameter(index + 1, rusqlite::types::Null),
                Encoded::Integer(number) => prepared.raw_bind_parameter(index + 1, number),
                Encoded::Text(text) => prepared.raw_bind_parameter(index + 1, text.as_ref()),
                Encoded::Id(id) => prepared.raw_bind_parameter(index + 1, id.as_bytes().as_slice()),
            }
            .map_err(translate)?;
        }
        Ok(prepared)
    }

    /// Opens the savepoint that holds a whole job, out of the job's own reach.
    pub fn begin_job(&mut self) -> Result<(), Error> {
        self.run("SAVEPOINT job")
    }

    /// Ends it, whatever the job left open inside.
    pub fn end_job(&mut self, keep: bool) -> Result<(), Error> {
        if !keep {
            self.run("ROLLBACK TO job")?;
        }
        self.run("RELEASE job")
    }

    fn told(&self, error: rusqlite::Error) -> Error {
        if self.limits.out_of_steps() && refusal::is_interrupt(&error) {
            return Error::Budget;
        }
        refusal::translate_on(self.connection, error)
    }

    /// SQLite gives up the whole transaction when a write is interrupted or the disk is full. What a job that goes on
    /// regardless would write then, must not be kept.
    fn check_open(&self) -> Result<(), Error> {
        if self.connection.is_autocommit() { Err(lost()) } else { Ok(()) }
    }

    fn run(&self, sql: &str) -> Result<(), Error> {
        self.check_open()?;
        self.limits.set_time(None);
        let mut prepared = self.connection.prepare_cached(sql).map_err(|error| self.told(error))?;
        prepared.execute([]).map(drop).map_err(|error| self.told(error))
    }
}

impl Session for SqliteSession<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query(
        &mut self,
        statement: &Statement,
        arguments: &Arguments<'_>,
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let mut prepared = self.prepare(statement, arguments)?;
        let mut rows = prepared.raw_query();
        let mut count = 0;
        while let Some(row) = rows.next().map_err(|error| self.told(error))? {
            each(&SqliteRow(row))?;
            count += 1;
        }
        Ok(count)
    }

    fn execute(&mut self, statement: &Statement, arguments: &Arguments<'_>) -> Result<u64, Error> {
        let mut prepared = self.prepare(statement, arguments)?;
        prepared.raw_execute().map(|count| count as u64).map_err(|error| self.told(error))
    }

    fn define(&mut self, ddl: &str) -> Result<(), Error> {
        self.check_open()?;
        self.limits.set_time(None);
        self.connection.execute_batch(ddl).map_err(|error| self.told(error))
    }

    /// Never asked for: there is one writer.
    fn give_way(&mut self) -> Error {
        Error::Busy(Refusal::boxed("transaction", "another transaction came first"))
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.run(&format!("SAVEPOINT s{}", self.depth))?;
        self.depth += 1;
        Ok(())
    }

    fn release_savepoint(&mut self) -> Result<(), Error> {
        self.depth = bind::enclosing(self.depth)?;
        self.run(&format!("RELEASE s{}", self.depth))
    }

    fn rollback_to_savepoint(&mut self) -> Result<(), Error> {
        self.depth = bind::enclosing(self.depth)?;
        self.run(&format!("ROLLBACK TO s{}", self.depth))?;
        self.run(&format!("RELEASE s{}", self.depth))
    }
}

/// Those who shared the transaction may run again.
fn lost() -> Error {
    Error::Busy(Refusal::boxed("transaction", "another statement of the transaction ended it"))
}

struct SqliteRow<'r>(&'r rusqlite::Row<'r>);

impl Row for SqliteRow<'_> {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        let wrong = CellError { index, kind };
        let Ok(stored) = self.0.get_ref(index) else { return Err(wrong) };
        cell::decode(stored, kind).ok_or(wrong)
    }
}
