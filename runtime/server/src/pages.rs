//! The rendered workspace: reads through the gate, page models of the forms crate, HTML out; forms in, the write
//! pipeline, redirects out.

pub mod assets;
mod desk;
pub mod edit;
pub mod error_codes;
pub mod gate;
pub mod home;
pub mod list;
pub mod record;
mod sent;
pub mod session;
pub mod setup;
mod visitor;

pub use visitor::Visitor;
