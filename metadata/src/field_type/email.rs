//! An e-mail address: one `@` between non-empty parts, no spaces. A domain may be a single word, as inside
//! a firm's own network.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::Email;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Email {}

/// Longest address mail systems carry.
const MAX_LENGTH: usize = 254;

pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = expect_text(input)?;
    if looks_like_email(text) { Ok(text_value(text)) } else { Err(InputError::bad_format("email")) }
}

fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    let labels = domain.split('.').all(|label| !label.is_empty());
    text.len() <= MAX_LENGTH && plain(local) && plain(domain) && labels
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::Email, COLUMN),
            &[
                ("\"a@b.cn\"", "\"a@b.cn\""),
                ("\"名@例.公司\"", "\"名@例.公司\""),
                ("\"a@b\"", "\"a@b\""),
                ("\"a b@c.d\"", "!bad_format"),
                ("\"a@b@c.d\"", "!bad_format"),
                ("\"@b.c\"", "!bad_format"),
                ("\"a@b..c\"", "!bad_format"),
                ("\"\"", "!bad_format"),
                ("1", "!wrong_type"),
            ],
        );
    }
}
