//! Which kind of database holds everything, and how its parts are found and made there.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use crate::backup::CONTROL_FILE;
use crate::database::Database;
use crate::placement::TENANTS;
use crate::postgres::{Guard, Pool, Schema};
use crate::sqlite::File;
use crate::{Error, Placement, StorageOptions, system};

pub(crate) struct Backend {
    options: StorageOptions,
    /// None means SQLite.
    pool: Option<Arc<Pool>>,
}

const CONTROL_SCHEMA: &str = "trellis_control";

impl Backend {
    pub fn open(options: StorageOptions) -> Result<Self, Error> {
        let pool = options.database_url.as_deref().map(|url| Pool::open(url, &options)).transpose()?.map(Arc::new);
        if pool.is_none() {
            fs::create_dir_all(options.data.join(TENANTS)).map_err(|error| Error::Unavailable(Box::new(error)))?;
        }
        Ok(Self { options, pool })
    }

    pub fn data(&self) -> &Path {
        &self.options.data
    }

    /// The control plane's database; its tables are made by its owner.
    pub fn control(&self) -> Result<Database, Error> {
        if let Some(pool) = &self.pool {
            return Ok(Database::Postgres(Schema::new(pool, CONTROL_SCHEMA, Guard::Setup)));
        }
        let path = self.options.data.join(CONTROL_FILE);
        File::create(&path)?;
        Ok(self.file(&path))
    }

    /// Where a new tenant goes.
    pub fn place(&self, tenant: Uuid) -> Placement {
        if self.pool.is_some() { Placement::schema(tenant) } else { Placement::file(self.data(), tenant) }
    }

    /// Makes a tenant's database with the system tables in it.
    pub fn make(&self, placement: &Placement) -> Result<(), Error> {
        let database = match (placement, &self.pool) {
            (Placement::PostgresSchema { schema }, Some(pool)) => {
                Database::Postgres(Schema::new(pool, schema, Guard::Setup))
            }
            (Placement::Sqlite(path), None) => {
                File::create(path)?;
                self.file(path)
            }
            _ => return Err(misplaced()),
        };
        database.write(true, system::create).wait()
    }

    /// Removes a tenant's database.
    pub fn unmake(&self, placement: &Placement) -> Result<(), Error> {
        match (placement, &self.pool) {
            (Placement::PostgresSchema { schema }, Some(_)) => {
                let drop = format!("DROP SCHEMA \"{schema}\" CASCADE");
                self.database(placement)?.write(true, move |session| session.define(&drop)).wait()
            }
            (Placement::Sqlite(path), None) => File::remove(path),
            _ => Err(misplaced()),
        }
    }

    pub fn database(&self, placement: &Placement) -> Result<Database, Error> {
        match (placement, &self.pool) {
            (Placement::PostgresSchema { schema }, Some(pool)) => {
                Ok(Database::Postgres(Schema::new(pool, schema, Guard::State)))
            }
            (Placement::Sqlite(path), None) => Ok(self.file(path)),
            _ => Err(misplaced()),
        }
    }

    fn file(&self, path: &Path) -> Database {
        Database::Sqlite(File::new(path, self.options.read_deadline, self.options.write_deadline))
    }
}

fn misplaced() -> Error {
    Error::defect("the tenant is placed in another kind of database")
}
