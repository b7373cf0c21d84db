//! Where one tenant's data lives. A type from the first day, so that many databases are configuration later.

use std::fmt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// A file of its own.
    Sqlite(PathBuf),
    /// A schema of its own in the database the storage is connected to.
    PostgresSchema { schema: String },
}

impl Placement {
    /// `tenants/<id>.sqlite` under the data folder.
    pub(crate) fn file(data: &Path, tenant: Uuid) -> Self {
        Placement::Sqlite(data.join(TENANTS).join(format!("{tenant}.sqlite")))
    }

    /// `t_<id>`, the id without hyphens.
    pub(crate) fn schema(tenant: Uuid) -> Self {
        Placement::PostgresSchema { schema: format!("t_{}", tenant.simple()) }
    }

    /// From what the control tables keep.
    pub(crate) fn parse(kept: &str, data: &Path) -> Option<Self> {
        match kept.split_once(':')? {
            ("file", name) => Some(Placement::Sqlite(data.join(TENANTS).join(name))),
            ("schema", schema) => Some(Placement::PostgresSchema { schema: schema.to_owned() }),
            _ => None,
        }
    }
}

/// The folder of the tenants' files.
pub(crate) const TENANTS: &str = "tenants";

/// What the control tables keep: a file by its name only, so that the data folder can be moved.
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Placement::Sqlite(path) => {
                write!(f, "file:{}", path.file_name().unwrap_or_default().to_string_lossy())
            }
            Placement::PostgresSchema { schema } => write!(f, "schema:{schema}"),
        }
    }
}
