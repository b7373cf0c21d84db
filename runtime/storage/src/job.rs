//! A write handed to another thread, with its answer kept back until the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::{Error, Pending, Session};

/// What a writer needs to know of a job: how to run it once, and how to tell its waiter.
pub(crate) trait Job: Send {
    /// Runs it; true when its writes are to be kept.
    fn run(&mut self, session: &mut dyn Session) -> bool;

    /// Tells the waiter: the job's own answer, or `failure` where it would have claimed a success that was not kept.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

struct Waiting<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    waiter: oneshot::Sender<Result<T, E>>,
}

pub(crate) fn job<T, E, F>(work: F) -> (Box<dyn Job>, Pending<T, E>)
where
    F: FnOnce(&mut dyn Session) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (waiter, pending) = Pending::new();
    (Box::new(Waiting { work: Some(work), outcome: None, waiter }), pending)
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    F: FnOnce(&mut dyn Session) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, session: &mut dyn Session) -> bool {
        let Some(work) = self.work.take() else { return false };
        // The session is rolled back after a panic, so nothing half-done can be seen.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(session))).unwrap_or_else(|_| Err(Error::Panicked.into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
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
