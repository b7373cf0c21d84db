//! What can go wrong while an authoring model is loaded.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policies could not be loaded; nothing is allowed on their account.
    #[error("the access model could not be loaded: {0}")]
    Model(#[from] casbin::Error),
}
