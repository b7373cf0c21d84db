//! Bytes on their way in: a file of this machine that is gone again unless a store takes it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::Error;

/// Where files are while they come in, beside those that are whole.
const INCOMING: &str = "incoming";

#[derive(Debug)]
pub struct Incoming {
    file: File,
    path: PathBuf,
    size: u64,
}

impl Incoming {
    /// An empty one below this folder.
    pub(crate) fn begin(files: &Path) -> Result<Self, Error> {
        let folder = files.join(INCOMING);
        fs::create_dir_all(&folder).map_err(unavailable)?;
        let path = folder.join(Uuid::now_v7().to_string());
        let file = File::create_new(&path).map_err(unavailable)?;
        Ok(Self { file, path, size: 0 })
    }

    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(unavailable)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// What has come in so far.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        fs::read(&self.path).map_err(unavailable)
    }

    /// On the disk, whatever happens to the machine.
    pub(super) fn sync(&self) -> Result<(), Error> {
        self.file.sync_all().map_err(unavailable)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Moved away when it was taken in; else nobody wants it any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes what was coming in when an earlier process ended.
pub(crate) fn clear(files: &Path, before: std::time::SystemTime) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(files.join(INCOMING)) else { return Ok(()) };
    for entry in entries.flatten() {
        let is_old = entry.metadata().and_then(|known| known.modified()).is_ok_and(|written| written < before);
        if is_old {
            fs::remove_file(entry.path()).map_err(unavailable)?;
        }
    }
    Ok(())
}

pub(super) fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(Box::new(error))
}
