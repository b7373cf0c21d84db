//! Opaque tokens: a prefix that says what they are and 256 random bits. Only their SHA-256 is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A browser session cookie.
    Session,
    /// Short-lived bearer token.
    Access,
    /// One use; gives the next pair.
    Refresh,
    /// A person's long-lived API token.
    Api,
}

impl TokenKind {
    pub fn name(self) -> &'static str {
        match self {
            TokenKind::Session => "session",
            TokenKind::Access => "access",
            TokenKind::Refresh => "refresh",
            TokenKind::Api => "api",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            TokenKind::Session => "trs_",
            TokenKind::Access => "tra_",
            TokenKind::Refresh => "trr_",
            TokenKind::Api => "trk_",
        }
    }
}

/// 256 bits from the operating system, as text.
pub fn secret() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn mint(kind: TokenKind) -> String {
    format!("{}{}", kind.prefix(), secret())
}

pub fn fingerprint(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Compares without telling by time where the difference is.
pub fn same_secret(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
