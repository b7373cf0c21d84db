//! A web address: `http` or `https`, a host, no spaces. Other schemes could run code in a browser and are refused.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::Url;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Url {}

const MAX_LENGTH: usize = 2048;

pub fn check(input: &Json) -> Result<Value, InputError> {
    let text = expect_text(input)?;
    if looks_like_url(text) { Ok(text_value(text)) } else { Err(InputError::bad_format("url")) }
}

fn looks_like_url(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &text[8..]
    } else if lower.starts_with("http://") {
        &text[7..]
    } else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\'));
    text.len() <= MAX_LENGTH && !host.is_empty() && clean
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        check_json(
            &field(FieldKind::Url, COLUMN),
            &[
                ("\"https://example.org/a?b=c#d\"", "\"https://example.org/a?b=c#d\""),
                ("\"HTTP://例.中国\"", "\"HTTP://例.中国\""),
                ("\"javascript:alert(1)\"", "!bad_format"),
                ("\"https://\"", "!bad_format"),
                ("\"https:///x\"", "!bad_format"),
                ("\"ftp://a.b\"", "!bad_format"),
                ("\"https://a b\"", "!bad_format"),
                ("\"http:\"", "!bad_format"),
                ("\"设备设备设备\"", "!bad_format"),
                ("1", "!wrong_type"),
            ],
        );
    }
}
