//! Short words put on a record: a list of texts in the order given, none twice, stored as a JSON list.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::snapshot::TagsRule;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Json;
pub const OPERATORS: &[Operator] = operator::LIST;
pub const CONTROL: Control = Control::Tags;

const DEFAULT_MAX_COUNT: u32 = 20;
const DEFAULT_MAX_LENGTH: u32 = 40;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// Tags on one record; 20 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub max_count: Option<u32>,
    /// Of one tag, in characters; 40 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub max_length: Option<u32>,
}

impl Tags {
    pub fn rule(&self) -> TagsRule {
        TagsRule {
            max_count: self.max_count.unwrap_or(DEFAULT_MAX_COUNT),
            max_length: self.max_length.unwrap_or(DEFAULT_MAX_LENGTH),
        }
    }
}

/// Repetition carries no meaning, so the first of equal tags stays. A comma would part a tag in two where tags are
/// written as text.
pub fn check(rule: TagsRule, input: &Json) -> Result<Value, InputError> {
    let Json::Array(items) = input else {
        return Err(InputError::wrong_type("tags"));
    };
    let mut tags: Vec<Value> = Vec::new();
    for item in items {
        let tag = check_tag(rule, item)?;
        if !tags.contains(&tag) {
            if tags.len() == rule.max_count as usize {
                let most = InputError::new("too_many_items").with("max", rule.max_count);
                return Err(most.with("limit", rule.max_count));
            }
            tags.push(tag);
        }
    }
    Ok(Value::List(tags.into()))
}

fn check_tag(rule: TagsRule, item: &Json) -> Result<Value, InputError> {
    let tag = item.as_str().ok_or_else(|| InputError::wrong_type("tags"))?;
    if tag.chars().any(char::is_control) {
        return Err(InputError::new("bad_character"));
    }
    if tag.is_empty() || tag.trim() != tag || tag.contains([',', '，']) {
        return Err(InputError::bad_format("tags"));
    }
    if tag.chars().count() > rule.max_length as usize {
        return Err(InputError::new("too_long").with("max", rule.max_length));
    }
    Ok(Value::Text(Arc::from(tag)))
}

/// `a, b` or the JSON list. Nothing between two commas is no tag.
pub fn from_text(text: &str) -> Json {
    let json = text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
    let written = || text.split([',', '，']).map(str::trim).filter(|tag| !tag.is_empty());
    json.unwrap_or_else(|| written().map(|tag| Json::String(tag.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Tags(Tags { max_count: Some(3), max_length: Some(6) }.rule()), COLUMN);
        check_json(
            &field,
            &[
                ("[\"red\", \"新品\", \"red\"]", "[\"red\",\"新品\"]"),
                ("[]", "[]"),
                ("[\"a\", \"b\", \"c\", \"a\"]", "[\"a\",\"b\",\"c\"]"),
                ("[\"a\", \"b\", \"c\", \"d\"]", "!too_many_items"),
                ("[\"abcdefg\"]", "!too_long"),
                ("[\" a\"]", "!bad_format"),
                ("[\"\"]", "!bad_format"),
                ("[\"a,b\"]", "!bad_format"),
                ("[\"a\\u0000\"]", "!bad_character"),
                ("[1]", "!wrong_type"),
                ("\"a\"", "!wrong_type"),
            ],
        );
        check_text(
            &field,
            &[("a, b c，a,", "[\"a\",\"b c\"]"), ("[\"a\"]", "[\"a\"]"), ("", "null"), ("abcdefg", "!too_long")],
        );
    }
}
