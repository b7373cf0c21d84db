//! The connections to one database, and the runtime that drives them.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use super::refusal::translate;
use crate::{Error, StorageOptions};

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 512;
/// Threads for what connecting needs (looking up names), so that it never waits for those who wait for it.
const SPARE: usize = 4;
/// How long to wait for a connection of the pool.
const ACQUIRE: Duration = Duration::from_secs(10);
/// A connection idle for longer is tried before it is used again.
const STALE: Duration = Duration::from_secs(5);

pub(crate) struct Pool {
    /// Taken only when the pool is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    /// A write holds one thread and one connection from begin to end; no more than these may try.
    turns: Arc<Semaphore>,
    pub(super) connection: DatabaseConnection,
    pub(super) read_deadline: Duration,
    pub(super) write_deadline: Duration,
}

impl Pool {
    pub fn open(url: &str, options: &StorageOptions) -> Result<Self, Error> {
        let connections = options.connections.max(1);
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(connections as usize + SPARE)
            .thread_name("trellis-postgres")
            .enable_all()
            .build()
            .map_err(|error| Error::Unavailable(Box::new(error)))?;
        let mut connect = ConnectOptions::new(url);
        connect
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire_if_idle_for(STALE)
            .sqlx_logging(false)
            .set_application_name("trellis")
            .map_sqlx_postgres_opts(|options| options.statement_cache_capacity(STATEMENTS));
        let connection = runtime.block_on(Database::connect(connect)).map_err(translate)?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            turns: Arc::new(Semaphore::new(connections as usize)),
            connection,
            read_deadline: options.read_deadline,
            write_deadline: options.write_deadline,
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs `work` on a thread that may block, when it is its turn. Nobody waits for it here.
    pub(super) fn take_turn(&self, work: impl FnOnce() + Send + 'static) {
        let turns = Arc::clone(&self.turns);
        drop(self.handle.spawn(async move {
            // The semaphore is never closed.
            let Ok(turn) = turns.acquire_owned().await else { return };
            drop(tokio::task::spawn_blocking(move || {
                work();
                drop(turn);
            }));
        }));
    }
}

impl Drop for Pool {
    /// A runtime may not be dropped on an async thread, but it may be left to end by itself.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
