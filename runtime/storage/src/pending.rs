//! The answer to a write that is still on its way.
//!
//! It arrives only after the commit. Dropping it does not stop the write: what was handed over is carried out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::Error;
use crate::error::Refusal;

#[must_use = "the answer tells whether the write was kept"]
pub struct Pending<T, E> {
    answer: oneshot::Receiver<Result<T, E>>,
}

impl<T, E: From<Error>> Pending<T, E> {
    pub(crate) fn new() -> (oneshot::Sender<Result<T, E>>, Self) {
        let (sender, answer) = oneshot::channel();
        (sender, Self { answer })
    }

    /// Blocks the calling thread; never call it from an async task, `.await` there.
    pub fn wait(self) -> Result<T, E> {
        self.answer.blocking_recv().unwrap_or_else(|_| Err(lost().into()))
    }
}

impl<T, E: From<Error>> Future for Pending<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(lost().into())))
    }
}

/// The writer ended without an answer: the process is going down.
fn lost() -> Error {
    Error::Unavailable(Refusal::boxed("writer", "the writer has ended"))
}
