//! Record requests to statements.
//!
//! Reads name a grant and see masked relations only; writes name a grant and leave checking single cells to the write
//! pipeline, which asks [`checks`] which coverages hold. No constant ever meets SQL text: each one is a bind.

mod bin;
pub mod closure;
mod compare;
mod embed;
mod journal;
mod keyset;
mod lowering;
mod pattern;
mod predicate;
mod recompute;
mod relation;
mod select;
mod totals;
mod write;

pub use bin::{deleted_before, forget_history, forget_history_before, purge, restore};
pub use closure::Closure;
pub use embed::{IdSlots, count_by_ids, select_by_ids};
pub use journal::{history, outbox, sequence};
pub use recompute::{load_all, reach, referrers, rollup, set_all};
pub use select::{EmbedPlan, OutputColumn, SelectPlan, count, get, select};
pub use totals::{TooManyDigits, TotalsPlan, totals};
pub use write::{Lock, Moment, checks, delete, find, ids, insert, load, satisfies, update};

use trellis_access::Profile;
use trellis_metadata::snapshot::Snapshot;

use crate::statement::Dialect;

/// What planning a read needs besides its own grant: the profile answers for related objects.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub snapshot: &'a Snapshot,
    pub dialect: Dialect,
    pub profile: &'a Profile,
}
