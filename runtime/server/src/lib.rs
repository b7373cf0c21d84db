//! The HTTP server, sessions, wiring and the `trellis` command line.
//!
//! Only this crate knows an HTTP status. It decides nothing about records.

pub mod cli;
mod cookies;
mod events;
mod exchange;
mod failure;
mod http;
mod jobs;
mod limits;
mod metrics;
mod pages;
mod receive;
mod render;
mod reply;
mod routes;
mod state;
mod throttle;
mod transact;
