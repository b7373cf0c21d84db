//! From a snapshot to tables, and from one set of tables to the next.
//!
//! `Layout::of` says what a snapshot needs; [`diff`] lists the steps between two layouts by stable id; [`render`]
//! spells a step for a dialect; [`check`] asks what the steps would do to the rows and [`verdict`] judges the answers.
//! All of it is pure: storage runs the statements and answers the questions.

pub mod catalogue;
pub mod check;
pub(crate) mod convert;
pub mod diff;
mod fingerprint;
pub mod layout;
mod quarantine;
pub mod render;
pub mod step;
pub mod system;
pub mod translate;
pub mod verdict;

pub use catalogue::{Catalogue, Drift, drift};
pub use check::{Answer, Question, Reply, questions};
pub use diff::diff;
pub use layout::{Column, Kept, Layout, PlainIndex, Quarantined, Table, UniqueIndex};
pub use render::render;
pub use step::{Promise, Step};
pub use verdict::{Level, Migration, Verdict, judge};
