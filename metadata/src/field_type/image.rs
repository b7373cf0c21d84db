//! A picture kept beside the record: a file that browsers show and that is made smaller for lists.

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
pub const CONTROL: Control = Control::Image;

const ACCEPT: [MediaType; 3] = [MediaType::Jpeg, MediaType::Png, MediaType::Webp];

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Of one picture; 10,000,000 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub max_bytes: Option<u64>,
    /// Phones open the camera at once instead of offering their pictures too.
    #[serde(default)]
    pub camera_only: bool,
}

impl Image {
    pub fn rule(&self) -> FileRule {
        let camera = if self.camera_only { Camera::Only } else { Camera::Optional };
        file::rule(&ACCEPT, self.max_bytes, camera)
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
        let field = field(FieldKind::Image(Image { max_bytes: None, camera_only: true }.rule()), COLUMN);
        check_json(&field, &[("\"data:image/png;base64,\"", "!bad_format"), ("null", "null")]);
    }
}
