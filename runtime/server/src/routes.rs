//! One file per family of routes. Handlers read as checklists.

pub mod auth;
pub mod batch;
mod headers;
pub mod health;
pub mod meta;
pub mod openapi;
pub mod records;
pub mod writes;
