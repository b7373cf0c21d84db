//! One open transaction (or read snapshot) on one tenant's database.
//!
//! The interface is synchronous on purpose. On SQLite the fastest path is a function call; on PostgreSQL the whole
//! transaction runs on a blocking thread that awaits each statement, so that a dropped request can never leave a
//! pooled connection inside a transaction.

use trellis_plan::{Arguments, Dialect, Row, Statement};

use crate::Error;

pub trait Session {
    fn dialect(&self) -> Dialect;

    /// Runs a query and hands each row to `each`; returns how many there were.
    fn query(
        &mut self,
        statement: &Statement,
        arguments: &Arguments<'_>,
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<usize, Error>;

    /// Runs a write; returns how many rows it touched.
    fn execute(&mut self, statement: &Statement, arguments: &Arguments<'_>) -> Result<u64, Error>;

    /// Runs DDL text produced by `plan::tables`.
    fn define(&mut self, ddl: &str) -> Result<(), Error>;

    /// What this transaction read has been overtaken, found out by other means than a refusal of the database: the job
    /// is to end with the error this returns, and runs again where it may.
    fn give_way(&mut self) -> Error;

    /// A mark to return to; nested writes and batch items use it.
    fn savepoint(&mut self) -> Result<(), Error>;
    fn release_savepoint(&mut self) -> Result<(), Error>;
    fn rollback_to_savepoint(&mut self) -> Result<(), Error>;
}
