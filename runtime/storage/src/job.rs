//! A write handed to another thread, with its answer kept back until the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::{Error, Pending, Session};

/// What a writer needs to know of a job: how to run it once, and how to tell its waiter.
pub(crate) trait Job: Send {
    /// Runs it; true when its writes are to be kept.
    fn run(&mut self, session: &mut dyn Session) -> bool;

    /// True when it may be run again after it had to give way to another transaction.
    fn may_repeat(&self) -> bool;

    /// Tells the waiter: the job's own answer, or `failure` where it would have claimed a success that was not kept.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

struct Waiting<T, E, F> {
    work: F,
    repeats: bool,
    outcome: Option<Result<T, E>>,
    waiter: oneshot::Sender<Result<T, E>>,
}

/// A job that runs once.
pub(crate) fn once<T, E, F>(work: F) -> (Box<dyn Job>, Pending<T, E>)
where
    F: FnOnce(&mut dyn Session) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let mut work = Some(work);
    waiting(false, move |session: &mut dyn Session| match work.take() {
        Some(work) => work(session),
        None => Err(Error::defect("the job has run already").into()),
    })
}

/// A job that may run again when it has to give way.
pub(crate) fn repeating<T, E, F>(work: F) -> (Box<dyn Job>, Pending<T, E>)
where
    F: FnMut(&mut dyn Session) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    waiting(true, work)
}

fn waiting<T, E, F>(repeats: bool, work: F) -> (Box<dyn Job>, Pending<T, E>)
where
    F: FnMut(&mut dyn Session) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (waiter, pending) = Pending::new();
    (Box::new(Waiting { work, repeats, outcome: None, waiter }), pending)
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    F: FnMut(&mut dyn Session) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, session: &mut dyn Session) -> bool {
        // The session is rolled back after a panic, so nothing half-done can be seen.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| (self.work)(session))).unwrap_or_else(|_| Err(Error::Panicked.into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn may_repeat(&self) -> bool {
        self.repeats
    }

    fn answer(self: Box<Self>, failure: Option<Error>) {
        let answer = match (self.outcome, failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure.into()),
            (Some(done), None) => done,
            (None, None) => Err(Error::defect("the job never ran").into()),
        };
        // A waiter that went away is no reason to stop.
        let _ = self.waiter.send(answer);
    }
}
