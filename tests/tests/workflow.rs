//! Workflows after the commit, end to end: the real binary, over SQLite and PostgreSQL.

#[path = "workflow/crash.rs"]
mod crash;
#[path = "workflow/place.rs"]
mod place;
#[path = "workflow/steps.rs"]
mod steps;
