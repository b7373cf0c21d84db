//! Support for tests that start real things: servers, databases, browsers.

#![expect(clippy::expect_used, reason = "a test that cannot start what it needs stops here")]
#![allow(clippy::must_use_candidate, clippy::return_self_not_must_use)]

pub mod client;
pub mod postgres;
pub mod server;
