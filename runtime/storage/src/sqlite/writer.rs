//! The one writer thread of a file: started by the first write, ended when nobody writes for a while.
//!
//! Writes that wait together are committed together: each runs in its own savepoint, one commit makes all of them
//! durable, and only then is anybody answered.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::checkpoint;
use super::connection::{self, Limited};
use super::file::Database;
use super::refusal::translate;
use super::session::SqliteSession;
use crate::Error;
use crate::error::Refusal;
use crate::job::Job;

const IDLE: Duration = Duration::from_secs(30);
/// Writes that may wait; more are refused as busy.
const WAITING: usize = 4_096;
/// A batch takes no more jobs after so many, or after so long.
const BATCH_JOBS: usize = 128;
const BATCH_TIME: Duration = Duration::from_millis(10);

pub(super) struct Writer {
    database: Arc<Database>,
    /// Where to put commands while the thread runs.
    queue: Arc<Mutex<Option<SyncSender<Command>>>>,
}

struct Command {
    job: Box<dyn Job>,
    /// Alone in its transaction: schema changes.
    exclusive: bool,
}

impl Writer {
    pub fn new(database: Arc<Database>) -> Self {
        Self { database, queue: Arc::default() }
    }

    pub fn submit(&self, job: Box<dyn Job>, exclusive: bool) {
        let mut queue = self.queue.lock();
        let sender = match queue.take() {
            Some(sender) => sender,
            None => match self.start() {
                Ok(sender) => sender,
                Err(error) => return job.answer(Some(error)),
            },
        };
        match sender.try_send(Command { job, exclusive }) {
            Ok(()) => *queue = Some(sender),
            Err(TrySendError::Full(command)) => {
                *queue = Some(sender);
                command.job.answer(Some(Error::Busy(Refusal::boxed("writer", "too many writes are waiting"))));
            }
            Err(TrySendError::Disconnected(command)) => {
                command.job.answer(Some(Error::Unavailable(Refusal::boxed("writer", "the writer has ended"))));
            }
        }
    }

    fn start(&self) -> Result<SyncSender<Command>, Error> {
        let (sender, receiver) = sync_channel(WAITING);
        let (database, queue) = (Arc::clone(&self.database), Arc::clone(&self.queue));
        let thread = std::thread::Builder::new().name("trellis-writer".into());
        thread
            .spawn(move || Turns { database, queue, receiver, open: None }.run())
            .map_err(|error| Error::Unavailable(Box::new(error)))?;
        Ok(sender)
    }
}

impl Drop for Writer {
    /// Lets the thread end once it has done what was handed over.
    fn drop(&mut self) {
        self.queue.lock().take();
    }
}

/// The thread's side.
struct Turns {
    database: Arc<Database>,
    queue: Arc<Mutex<Option<SyncSender<Command>>>>,
    receiver: Receiver<Command>,
    open: Option<Limited>,
}

impl Turns {
    fn run(mut self) {
        let mut held = None;
        while let Some(command) = held.take().or_else(|| self.next()) {
            held = if command.exclusive {
                self.alone(command.job);
                None
            } else {
                self.batch(command.job)
            };
        }
    }

    /// The next command, or none when it is time to end. Ending happens under the queue's lock, so no command is lost.
    fn next(&self) -> Option<Command> {
        match self.receiver.recv_timeout(IDLE) {
            Ok(command) => Some(command),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                let mut queue = self.queue.lock();
                let late = self.receiver.try_recv().ok();
                if late.is_none() {
                    *queue = None;
                }
                late
            }
        }
    }

    /// Runs `first` and whatever waits behind it in one transaction; returns a command that did not fit in.
    fn batch(&mut self, first: Box<dyn Job>) -> Option<Command> {
        let writer = match self.begin() {
            Ok(writer) => writer,
            Err(error) => {
                first.answer(Some(error));
                return None;
            }
        };
        let started = Instant::now();
        let mut jobs = vec![first];
        let mut held = None;
        let mut failure = run_job(&writer, &self.database, &mut jobs);
        while failure.is_none() && jobs.len() < BATCH_JOBS && started.elapsed() < BATCH_TIME {
            match self.receiver.try_recv() {
                Ok(command) if command.exclusive => {
                    held = Some(command);
                    break;
                }
                Ok(command) => {
                    jobs.push(command.job);
                    failure = run_job(&writer, &self.database, &mut jobs);
                }
                Err(_) => break,
            }
        }
        self.end(writer, jobs, failure);
        held
    }

    fn alone(&mut self, job: Box<dyn Job>) {
        let writer = match self.begin() {
            Ok(writer) => writer,
            Err(error) => return job.answer(Some(error)),
        };
        let mut jobs = vec![job];
        let mut session = SqliteSession::new(&writer, None);
        let keep = jobs.iter_mut().all(|job| job.run(&mut session));
        let failure = (!keep).then(|| Error::defect("the job failed"));
        self.end(writer, jobs, failure);
    }

    /// Opens the transaction; another process's write is waited for.
    fn begin(&mut self) -> Result<Limited, Error> {
        let writer = match self.open.take() {
            Some(writer) => writer,
            None => connection::writer(&self.database.path)?,
        };
        match run(&writer, "BEGIN IMMEDIATE") {
            Ok(()) => Ok(writer),
            Err(error) => {
                if matches!(error, Error::Busy(_)) {
                    self.open = Some(writer);
                }
                Err(error)
            }
        }
    }

    /// Commits, or gives everything back after a `failure`; then answers everybody.
    fn end(&mut self, writer: Limited, jobs: Vec<Box<dyn Job>>, failure: Option<Error>) {
        let failure = failure.or_else(|| run(&writer, "COMMIT").err());
        if failure.is_none() {
            checkpoint::committed(&self.database);
            self.open = Some(writer);
        } else if writer.connection.is_autocommit() || run(&writer, "ROLLBACK").is_ok() {
            self.open = Some(writer);
        }
        for job in jobs {
            job.answer(failure.as_ref().map(Error::share));
        }
    }
}

/// Runs the last job in its savepoint. An error means that the transaction as a whole is lost.
fn run_job(writer: &Limited, database: &Database, jobs: &mut [Box<dyn Job>]) -> Option<Error> {
    let job = jobs.last_mut()?;
    let mut session = SqliteSession::new(writer, Some(database.write_deadline));
    let ended = session.begin_job().and_then(|()| {
        let keep = job.run(&mut session);
        session.end_job(keep)
    });
    ended.err()
}

fn run(writer: &Limited, sql: &str) -> Result<(), Error> {
    writer.limits.set_time(None);
    let mut statement = writer.connection.prepare_cached(sql).map_err(translate)?;
    statement.execute([]).map(drop).map_err(translate)
}
