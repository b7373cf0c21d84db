//! A file kept beside the record, by the id its upload was answered with. Whether there is such a file, and whose it
//! is, is the pipeline's to check.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, lookup, operator};
use crate::column::ColumnKind;
use crate::media::MediaType;
use crate::snapshot::{Camera, FileRule};
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Id;
pub const OPERATORS: &[Operator] = operator::PRESENCE;
pub const CONTROL: Control = Control::File;

/// Bytes of a file where the document does not say.
pub(super) const DEFAULT_MAX_BYTES: u64 = 10_000_000;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Types it takes, told from the content; all unless said.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub accept: Option<Vec<MediaType>>,
    /// Of one file; 10,000,000 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub max_bytes: Option<u64>,
}

impl File {
    pub fn rule(&self) -> FileRule {
        rule(self.accept.as_deref().unwrap_or(&MediaType::ALL), self.max_bytes, Camera::Optional)
    }
}

pub(super) fn rule(accept: &[MediaType], max_bytes: Option<u64>, camera: Camera) -> FileRule {
    FileRule { accept: accept.into(), max_bytes: max_bytes.unwrap_or(DEFAULT_MAX_BYTES), camera }
}

pub fn check(input: &Json) -> Result<Value, InputError> {
    lookup::check(input)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::File(File { accept: None, max_bytes: None }.rule()), COLUMN);
        check_json(
            &field,
            &[
                ("\"0190a5b0-0000-7000-8000-000000000001\"", "\"0190a5b0-0000-7000-8000-000000000001\""),
                ("\"photo.jpg\"", "!bad_format"),
                ("{\"id\":\"0190a5b0-0000-7000-8000-000000000001\"}", "!wrong_type"),
                ("null", "null"),
            ],
        );
        check_text(&field, &[("", "null")]);
    }
}
