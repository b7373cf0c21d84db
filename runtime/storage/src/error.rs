//! What can go wrong below the engine, sorted by what the caller can do about it.
//!
//! An error never holds a stored value: drivers put values into some of their messages, so only codes and the
//! messages known to hold nothing but names are kept ([`Refusal`]).

use trellis_plan::ColumnKind;

type Source = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique index refused the row. `index` is the physical name the planner gave it; a primary key is
    /// `<table>_pkey`.
    #[error("unique index {index} refused the row")]
    Unique { index: String },
    /// Lock, serialisation or busy: the same transaction may succeed when run again.
    #[error("the database is busy")]
    Busy(#[source] Source),
    /// The statement ran past its deadline.
    #[error("the statement was stopped at its deadline")]
    Deadline,
    /// A sum is too large for the database's numbers.
    #[error("a number is too large")]
    Overflow,
    /// A bounded read used up its steps: run it again, unbounded, where it may take its time.
    #[error("the read used up its step budget")]
    Budget,
    /// Connection lost, file missing, server restarting, disk full: 503.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    #[error("no such tenant")]
    UnknownTenant,
    #[error("the tenant exists already")]
    TenantExists,
    #[error("`{0}` is not a tenant name: use 1 to 63 lower-case letters, digits, `-` or `_`, a letter or digit first")]
    TenantName(String),
    #[error("copies are made of SQLite files; use pg_dump and pg_restore for a PostgreSQL database")]
    NotInFiles,
    #[error("{0} holds no copy of a data folder")]
    NotACopy(String),
    #[error("{0} is there already; copies and restores overwrite nothing")]
    Occupied(String),
    /// Another publish came first.
    #[error("revision {found} is current, not {expected}")]
    StaleRevision { expected: u64, found: u64 },
    #[error(transparent)]
    Cell(#[from] trellis_plan::CellError),
    /// A value was bound where the plan promised another kind, or one no database of ours can hold.
    #[error("parameter {index} is not a {kind:?} that can be stored")]
    Parameter { index: usize, kind: ColumnKind },
    /// The statement names a table or column that is not there: it was made before another process published.
    #[error("the statement does not fit the tables: {0}")]
    Undefined(#[source] Source),
    /// The job panicked; nothing it wrote was kept.
    #[error("the transaction panicked and was rolled back")]
    Panicked,
    #[error("the database refused: {0}")]
    Database(#[source] Source),
}

/// What is kept of a driver's error: its code, and its message where that holds names only.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code} {message}")]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl Refusal {
    pub(crate) fn boxed(code: impl Into<String>, message: impl Into<String>) -> Source {
        Box::new(Self { code: code.into(), message: message.into() })
    }
}

impl Error {
    pub(crate) fn defect(message: impl Into<String>) -> Self {
        Error::Database(Refusal::boxed("defect", message))
    }

    /// The same news for another waiter of the same batch.
    pub(crate) fn share(&self) -> Self {
        let told = |source: &Source| Refusal::boxed("batch", source.to_string());
        match self {
            Error::Busy(source) => Error::Busy(told(source)),
            Error::Unavailable(source) => Error::Unavailable(told(source)),
            Error::Deadline => Error::Deadline,
            other => Error::Database(Refusal::boxed("batch", other.to_string())),
        }
    }
}
