//! A signature drawn on the screen, kept as a picture beside the record.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, file};
use crate::column::ColumnKind;
use crate::media::MediaType;
use crate::snapshot::{Camera, FileRule};
use crate::value::Value;

pub const COLUMN: ColumnKind = file::COLUMN;
pub const OPERATORS: &[Operator] = file::OPERATORS;
pub const CONTROL: Control = Control::Signature;

/// A drawing is far smaller.
const MAX_BYTES: u64 = 1_000_000;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {}

impl Signature {
    pub fn rule() -> FileRule {
        file::rule(&[MediaType::Png], Some(MAX_BYTES), Camera::Optional)
    }
}

pub fn check(input: &Json) -> Result<Value, InputError> {
    file::check(input)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Signature(Signature::rule()), COLUMN);
        check_json(&field, &[("\"Li Wei\"", "!bad_format"), ("null", "null")]);
    }
}
