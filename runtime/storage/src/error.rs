//! What can go wrong below the engine, sorted by what the caller can do about it.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique index refused the row. `index` is the physical name the planner gave it.
    #[error("unique index {index} refused the row")]
    Unique { index: String },
    /// Lock, serialisation or busy: the same transaction may succeed when run again.
    #[error("the database is busy")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The statement ran past its deadline or step budget.
    #[error("the statement was stopped at its deadline")]
    Deadline,
    /// Connection lost, file missing, server restarting: 503.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("no such tenant")]
    UnknownTenant,
    #[error("the tenant exists already")]
    TenantExists,
    /// Another publish came first.
    #[error("revision {found} is current, not {expected}")]
    StaleRevision { expected: u64, found: u64 },
    #[error(transparent)]
    Cell(#[from] trellis_plan::CellError),
    #[error("the database refused: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}
