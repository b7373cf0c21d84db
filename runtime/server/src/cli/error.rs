//! Why a command failed, said to the person who ran it.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Engine(#[from] trellis_engine::Error),
    #[error("loading {object}: {source}")]
    Load { object: String, source: trellis_engine::Error },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: std::io::Error },
    #[error("the server stopped: {0}")]
    Server(std::io::Error),
    #[error("the server answered {status}: {detail}")]
    Remote { status: u16, code: String, detail: String },
    #[error("cannot reach {url}: {reason}")]
    Unreachable { url: String, reason: String },
}

impl From<trellis_engine::StorageError> for Error {
    fn from(error: trellis_engine::StorageError) -> Self {
        Error::Engine(error.into())
    }
}

impl Error {
    /// A server would carry the plan out, or could not, and wants its reader to see that first.
    pub fn asks_for_confirmation(&self) -> bool {
        matches!(self, Error::Remote { code, .. } if ["confirmation_required", "migration_refused"].contains(&code.as_str()))
    }

    pub fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Error::File { path: path.display().to_string(), source }
    }
}
