//! Which kind of database holds everything, and how its parts are found and made there.

use std::fs;
use std::path::PathBuf;

use uuid::Uuid;

use crate::database::Database;
use crate::placement::TENANTS;
use crate::sqlite::File;
use crate::{Error, Placement, StorageOptions};

pub(crate) enum Backend {
    Sqlite(StorageOptions),
}

impl Backend {
    pub fn open(options: StorageOptions) -> Result<Self, Error> {
        fs::create_dir_all(options.data.join(TENANTS)).map_err(|error| Error::Unavailable(Box::new(error)))?;
        Ok(Backend::Sqlite(options))
    }

    /// The control plane's database, made when missing.
    pub fn control(&self) -> Result<Database, Error> {
        match self {
            Backend::Sqlite(options) => {
                let placement = Placement::Sqlite(options.data.join("control.sqlite"));
                self.make(&placement)?;
                Ok(self.database(&placement))
            }
        }
    }

    /// Where a new tenant goes.
    pub fn place(&self, tenant: Uuid) -> Placement {
        match self {
            Backend::Sqlite(options) => Placement::file(&options.data, tenant),
        }
    }

    pub fn make(&self, placement: &Placement) -> Result<(), Error> {
        match placement {
            Placement::Sqlite(path) => File::create(path),
            Placement::PostgresSchema { .. } => Err(Error::defect("a schema cannot be made in a file")),
        }
    }

    pub fn database(&self, placement: &Placement) -> Database {
        let Backend::Sqlite(options) = self;
        let path = match placement {
            Placement::Sqlite(path) => path.clone(),
            Placement::PostgresSchema { schema } => PathBuf::from(schema),
        };
        Database::Sqlite(File::new(&path, options.read_deadline, options.write_deadline))
    }

    /// The data folder.
    pub fn data(&self) -> &std::path::Path {
        match self {
            Backend::Sqlite(options) => &options.data,
        }
    }
}
