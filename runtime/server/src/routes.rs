//! One file per family of routes. Handlers read as checklists.

pub mod auth;
pub mod batch;
pub mod bin;
pub mod events;
pub mod export;
pub mod files;
mod headers;
pub mod health;
pub mod history;
pub mod import;
mod job;
pub mod meta;
pub mod openapi;
pub mod records;
mod target;
pub mod writes;
