//! A [`Store`] in a folder of this machine.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::incoming::unavailable;
use super::{Incoming, Key, Store};
use crate::Error;

#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn path(&self, key: Key) -> PathBuf {
        self.0.join(key.to_string())
    }

    /// Copies the files of a tenant to where another folder keeps those of `to`, variants left out: they can be made
    /// again.
    pub(crate) fn copy_tenant(&self, tenant: Uuid, other: &Folder, to: Uuid) -> Result<(), Error> {
        for file in self.list(tenant)?.into_keys() {
            let target = other.path(Key::new(to, file));
            make_folder(&target)?;
            match fs::copy(self.path(Key::new(tenant, file)), &target) {
                Ok(_) => File::open(&target).and_then(|copy| copy.sync_all()).map_err(unavailable)?,
                // Let go of meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Ok(())
    }
}

impl Store for Folder {
    fn put(&self, key: Key, bytes: Incoming) -> Result<(), Error> {
        bytes.sync()?;
        let path = self.path(key);
        make_folder(&path)?;
        fs::rename(bytes.path(), &path).map_err(unavailable)?;
        sync_folder(path.parent())
    }

    fn size(&self, key: Key) -> Result<Option<u64>, Error> {
        found(fs::metadata(self.path(key))).map(|known| known.map(|known| known.len()))
    }

    fn read(&self, key: Key, at: u64, length: usize) -> Result<Vec<u8>, Error> {
        let mut file = File::open(self.path(key)).map_err(unavailable)?;
        file.seek(SeekFrom::Start(at)).map_err(unavailable)?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64).read_to_end(&mut bytes).map_err(unavailable)?;
        Ok(bytes)
    }

    fn remove(&self, tenant: Uuid, file: Uuid) -> Result<(), Error> {
        let path = self.path(Key::new(tenant, file));
        let Some(entries) = path.parent().map(entries).transpose()? else { return Ok(()) };
        let name = file.to_string();
        for entry in entries.into_iter().filter(|entry| stem(entry) == Some(name.as_str())) {
            found(fs::remove_file(entry))?;
        }
        Ok(())
    }

    fn remove_tenant(&self, tenant: Uuid) -> Result<(), Error> {
        found(fs::remove_dir_all(self.0.join(tenant.to_string()))).map(drop)
    }

    fn list(&self, tenant: Uuid) -> Result<BTreeMap<Uuid, u64>, Error> {
        let mut files = BTreeMap::new();
        for folder in entries(&self.0.join(tenant.to_string()))? {
            for entry in entries(&folder)? {
                // A variant has an ending, so its name is no id.
                let id = entry.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
                if let (Some(id), Some(known)) = (id, found(fs::metadata(&entry))?) {
                    files.insert(id, known.len());
                }
            }
        }
        Ok(files)
    }
}

/// What stands in a folder; nothing where there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let Some(entries) = found(fs::read_dir(folder))? else { return Ok(Vec::new()) };
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(unavailable)).collect()
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}

fn found<T>(outcome: std::io::Result<T>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

/// The folder of a file, each new one on the disk in the one above it.
fn make_folder(path: &Path) -> Result<(), Error> {
    let Some(folder) = path.parent().filter(|folder| !folder.exists()) else { return Ok(()) };
    fs::create_dir_all(folder).map_err(unavailable)?;
    folder.ancestors().skip(1).take(2).try_for_each(|above| sync_folder(Some(above)))
}

/// A name is on the disk once its folder is.
fn sync_folder(folder: Option<&Path>) -> Result<(), Error> {
    let Some(folder) = folder else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(folder: &Path, bytes: &[u8]) -> Incoming {
        let mut incoming = Incoming::begin(folder).unwrap();
        incoming.push(bytes).unwrap();
        incoming
    }

    #[test]
    fn bytes_are_kept_read_in_parts_and_removed_with_their_variants() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::new(data.path());
        let key = Key::new(Uuid::now_v7(), Uuid::now_v7());
        let variant = Key { variant: Some("thumb"), ..key };
        assert_eq!(folder.size(key).unwrap(), None);
        folder.put(key, incoming(data.path(), b"0123456789")).unwrap();
        folder.put(variant, incoming(data.path(), b"small")).unwrap();
        assert_eq!(folder.size(key).unwrap(), Some(10));
        for (at, length, expected) in [(0, 100, "0123456789"), (3, 4, "3456"), (8, 4, "89"), (10, 4, "")] {
            assert_eq!(folder.read(key, at, length).unwrap(), expected.as_bytes());
        }
        assert_eq!(folder.read(variant, 0, 9).unwrap(), b"small");
        assert_eq!(folder.list(key.tenant).unwrap(), BTreeMap::from([(key.file, 10)]));
        assert!(folder.list(Uuid::nil()).unwrap().is_empty());
        for _ in 0..2 {
            folder.remove(key.tenant, key.file).unwrap();
            assert_eq!((folder.size(key).unwrap(), folder.size(variant).unwrap()), (None, None));
        }
        folder.remove_tenant(key.tenant).unwrap();
        folder.remove_tenant(key.tenant).unwrap();
    }

    #[test]
    fn what_no_store_takes_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let path = incoming(data.path(), b"x").path().to_owned();
        assert!(!path.exists());
    }
}
