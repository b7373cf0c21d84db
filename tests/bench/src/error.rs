//! What can stop a bench.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("{command} failed: {output}")]
    Command { command: String, output: String },
    #[error("login failed: {0}")]
    Login(String),
    #[error("{server} answered {status} to {request}: {body}")]
    Answer { server: String, status: u16, request: String, body: String },
    #[error("Trellis and the hand-written service answer {path} differently:\n  {trellis}\n  {floor}")]
    Different { path: String, trellis: String, floor: String },
    #[error("{0} closed a connection")]
    Closed(String),
}
