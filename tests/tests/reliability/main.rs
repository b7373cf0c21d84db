//! What must hold when the server is killed or its callers go away: nothing acknowledged is lost, nothing is half there.
//! `TRELLIS_LONG=1` runs the release form.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cancel;
mod crash;
mod hasty;
mod import;
mod journal;
mod ledger;
mod machine;
mod workshop;
mod write;

/// One number for `make test`, another for `make test-long`.
fn short_or_long(short: usize, long: usize) -> usize {
    if std::env::var_os("TRELLIS_LONG").is_some() { long } else { short }
}
