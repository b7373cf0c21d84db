//! Support for tests that start real things: servers, databases, browsers.

pub mod browser;
pub mod client;
pub mod postgres;
pub mod server;
pub mod site;
