//! Opaque keyset cursors: the order keys of the last row, signed and bound to who asked what.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::value::Value;

use super::query_string::Pair;
use super::value;

/// Longest cursor handed out: it must fit a query string beside the query itself.
const MAX_CURSOR: usize = 3 * 1024;
const SIGNATURE: usize = 32;

/// The server's secret for cursors; the same on every node.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl CursorKey {
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct CursorContext<'a> {
    pub key: &'a CursorKey,
    pub tenant: &'a str,
    /// Changes when the caller's rights do.
    pub profile: u64,
}

/// Everything a cursor is valid for, ready to sign.
#[derive(Clone, Debug)]
pub struct CursorBinding {
    key: CursorKey,
    text: Vec<u8>,
}

impl CursorBinding {
    /// The page size may change between pages; everything else may not.
    pub fn new(context: CursorContext<'_>, object: &str, pairs: &[Pair]) -> Self {
        let mut text = Vec::new();
        let mut put = |part: &str| {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        };
        put(context.tenant);
        put(&context.profile.to_string());
        put(object);
        for pair in pairs.iter().filter(|pair| pair.key != "cursor" && pair.key != "limit") {
            put(&pair.key);
            put(&pair.value);
        }
        Self { key: context.key.clone(), text }
    }

    /// A cursor behind the row with these order keys (the id last); `None` when they are too long to travel.
    pub fn issue(&self, keys: &[Value]) -> Option<String> {
        let texts: Vec<_> = keys.iter().map(|key| (!key.is_null()).then(|| key.to_string())).collect();
        let payload = serde_json::to_vec(&texts).ok()?;
        let mut bytes = self.sign(&payload).finalize().into_bytes().to_vec();
        bytes.extend_from_slice(&payload);
        let cursor = URL_SAFE_NO_PAD.encode(bytes);
        (cursor.len() <= MAX_CURSOR).then_some(cursor)
    }

    /// The order keys, when this very binding issued the cursor.
    pub fn open(&self, cursor: &str, kinds: &[ColumnKind]) -> Option<Vec<Value>> {
        if cursor.len() > MAX_CURSOR {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, payload) = bytes.split_at_checked(SIGNATURE)?;
        self.sign(payload).verify_slice(signature).ok()?;
        let texts: Vec<Option<String>> = serde_json::from_slice(payload).ok()?;
        if texts.len() != kinds.len() {
            return None;
        }
        let key = |(text, kind): (Option<String>, &ColumnKind)| match text {
            None => Some(Value::Null),
            Some(text) => value::from_text(*kind, &text),
        };
        texts.into_iter().zip(kinds).map(key).collect()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn sign(&self, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key.0).expect("any length");
        mac.update(&(self.text.len() as u64).to_be_bytes());
        mac.update(&self.text);
        mac.update(payload);
        mac
    }
}
