//! Records: the one write pipeline and the one read gate.

mod before_save;
mod bin;
mod check;
mod compute;
mod consequences;
mod draft;
mod facts;
mod history;
mod image;
mod journal;
mod organisation;
mod permit;
mod plans;
mod prepare;
mod read;
mod recount;
mod rows;
mod save;
mod sequence;
mod statements;
mod transaction;
mod upsert;

pub use bin::{purge, purge_before};
pub use compute::{fill as fill_computed, fit};
pub use facts::{RecordFacts, Related};
pub use history::{FieldChange, Kept, Past, PastImage, Version, image_at, revert, versions};
pub use image::{Image, SharedImage};
pub use journal::RESTORED;
pub use permit::{permits, reads, shown, transitions};
pub use plans::{Extent, Plans, Prepared};
pub use read::{Embedded, OwnedRow, Page, Reader, Totals, matching};
pub use recount::{Miscount, recount};
pub use save::{Change, Effect, Written, save, save_all};
pub use statements::Statements;
pub use transaction::{Authority, Transaction};
pub use upsert::{Resolution, Upsert};
