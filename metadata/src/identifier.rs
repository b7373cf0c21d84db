//! Names a tenant may choose, validated once at the edge.
//!
//! An [`Identifier`] is safe as a table, column or API name on every supported database. It knows nothing
//! about what it names. Uniqueness is the resolver's business.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Longest identifier accepted; PostgreSQL truncates longer names.
pub const MAX_LENGTH: usize = 63;

/// Words that would collide with system columns, URL segments or expression roots.
pub const RESERVED: &[&str] = &[
    "id",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "owner_id",
    "org_unit_id",
    "version",
    "deleted_at",
    "select",
    "order",
    "limit",
    "offset",
    "and",
    "or",
    "not",
    "cursor",
    "columns",
    "on_conflict",
    "record",
    "previous",
    "actor",
    "true",
    "false",
    "null",
    "in",
    "rpc",
    "batch",
    "events",
    "files",
    "docs",
    "openapi",
];

/// A snake_case name: `^[a-z][a-z0-9_]{0,62}$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identifier(Arc<str>);

impl Identifier {
    /// Checks the shape only; reserved words are refused by the resolver, which knows the position to report.
    pub fn new(text: &str) -> Result<Self, InvalidIdentifier> {
        let mut chars = text.bytes();
        let head = chars.next().is_some_and(|c| c.is_ascii_lowercase());
        let tail = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
        if head && tail && text.len() <= MAX_LENGTH {
            Ok(Self(text.into()))
        } else {
            Err(InvalidIdentifier(text.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }
}

/// The text is not `^[a-z][a-z0-9_]{0,62}$`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a valid name: use a lower-case letter, then up to 62 lower-case letters, digits or underscores")]
pub struct InvalidIdentifier(pub String);

impl TryFrom<String> for Identifier {
    type Error = InvalidIdentifier;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Identifier> for String {
    fn from(name: Identifier) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::borrow::Borrow<str> for Identifier {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl schemars::JsonSchema for Identifier {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Identifier".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$" })
    }
}
