//! SQLite: one file per tenant and one control file.
//!
//! Reads run on the calling thread over connections that thread keeps; writes go to one writer thread per file,
//! which commits them in groups; one thread for the process moves grown write-ahead logs back into their files.

mod cell;
mod checkpoint;
mod connection;
mod file;
mod readers;
mod refusal;
mod session;
mod writer;

pub(crate) use file::File;
