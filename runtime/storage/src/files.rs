//! Files: their bytes in a [`Store`], what is known of them in a table of their tenant.
//!
//! Bytes come in through [`Incoming`], a file of this machine that nobody can ask for yet, and are put under the id of
//! the file once they are whole and on the disk. Knows no right and no field rule.

mod folder;
mod incoming;
mod rows;
mod store;

pub use folder::Folder;
pub use incoming::Incoming;
pub(crate) use incoming::clear as clear_incoming;
pub use rows::{
    FileRow, Waiting, abandon_files, abandoned_files, all_files, claim_file, file_rows, find_file, forget_file,
    keep_file, new_file, release_file, released_files, unclaimed_files, waiting_files,
};
pub use store::{Key, Store};

/// Below the data folder.
pub(crate) const FILES: &str = "files";
