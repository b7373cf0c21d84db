//! Workflows that start after a change is committed: a pure machine that says what comes next, and a worker that does
//! it so that every effect on the database happens exactly once, whatever kills the process.
//!
//! An event is written in the transaction of its change. Claiming it starts its runs and closes it in one transaction;
//! a run is keyed by workflow and event, so that claiming twice starts once. Each step is carried out through the one
//! write pipeline, in one transaction with its journal entry and the state after it.

mod advance;
mod carry;
mod claim;
mod journal;
pub mod machine;
mod notify;
mod program;
mod settle;
mod stop;
mod template;
mod text;
mod worker;

pub use journal::{Entry, Journal};
pub use settle::settle;
pub use stop::Stop;
pub use worker::{Counters, Worker};
