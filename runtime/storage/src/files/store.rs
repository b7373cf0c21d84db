//! Where bytes are kept, whatever keeps them.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use super::Incoming;
use crate::Error;

/// A file of a tenant, or what was made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub tenant: Uuid,
    pub file: Uuid,
    /// The name of a variant: a picture made smaller.
    pub variant: Option<&'static str>,
}

impl Key {
    pub fn new(tenant: Uuid, file: Uuid) -> Self {
        Self { tenant, file, variant: None }
    }
}

/// `<tenant>/<two digits>/<file>[.<variant>]`: the last digits of an id are those that differ.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.to_string();
        write!(f, "{}/{}/{file}", self.tenant, &file[34..])?;
        self.variant.map_or(Ok(()), |variant| write!(f, ".{variant}"))
    }
}

/// Every function waits: for a disk or for a network.
pub trait Store: Send + Sync {
    /// Takes the bytes in. When it returns they are there for good; before, nobody sees a part of them.
    fn put(&self, key: Key, bytes: Incoming) -> Result<(), Error>;

    /// How many bytes there are; none where there is no such file.
    fn size(&self, key: Key) -> Result<Option<u64>, Error>;

    /// Bytes from `at` on, at most `length` of them.
    fn read(&self, key: Key, at: u64, length: usize) -> Result<Vec<u8>, Error>;

    /// Removes a file with its variants. One that is not there is no error.
    fn remove(&self, tenant: Uuid, file: Uuid) -> Result<(), Error>;

    /// Removes everything of a tenant.
    fn remove_tenant(&self, tenant: Uuid) -> Result<(), Error>;

    /// The files of a tenant with their sizes, without variants.
    fn list(&self, tenant: Uuid) -> Result<BTreeMap<Uuid, u64>, Error>;
}
