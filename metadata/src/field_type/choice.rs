//! One of a list of options, stored as its code.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::label::Label;
use crate::snapshot::{ChoiceOption, OptionSet};
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::EQUALITY;
pub const CONTROL: Control = Control::Select;

/// Either its own `options` or a shared `option_set`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(default)]
    pub options: Option<Vec<OptionDocument>>,
    /// Name of an `option_set` document.
    #[serde(default)]
    pub option_set: Option<Identifier>,
}

/// One option of a choice.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Option")]
pub struct OptionDocument {
    /// Stored in records; never changes.
    #[schemars(length(min = 1, max = 63), regex(pattern = "^[A-Za-z0-9_.-]+$"))]
    pub code: String,
    #[serde(default)]
    pub label: Label,
    /// A tone: `neutral`, `info`, `success`, `warning`, `danger`, or `#rrggbb`.
    #[serde(default)]
    #[schemars(regex(pattern = "^(neutral|info|success|warning|danger|#[0-9a-fA-F]{6})$"))]
    pub color: Option<String>,
    /// An inactive option stays readable and can no longer be chosen.
    #[serde(default)]
    pub active: Option<bool>,
}

impl OptionDocument {
    pub fn resolve(&self) -> ChoiceOption {
        ChoiceOption {
            code: self.code.as_str().into(),
            label: self.label.clone(),
            color: self.color.clone(),
            active: self.active.unwrap_or(true),
        }
    }
}

/// Inactive options are accepted: a record that has one may be saved again. Offering only active ones is the form's part.
pub fn check(options: &OptionSet, input: &Json) -> Result<Value, InputError> {
    let code = expect_text(input)?;
    match options.get(code) {
        Some(option) => Ok(Value::Text(option.code.clone())),
        None => Err(not_an_option(code)),
    }
}

pub fn not_an_option(code: &str) -> InputError {
    let given: String = code.chars().take(60).collect();
    InputError::new("not_an_option").with("given", given)
}

/// The option a code names, as a value; for defaults and transitions.
pub fn value(code: &str) -> Value {
    text_value(code)
}

#[cfg(test)]
pub(crate) fn sample_options() -> std::sync::Arc<OptionSet> {
    let option = |code: &str, active| ChoiceOption { code: code.into(), label: Label::Missing, color: None, active };
    std::sync::Arc::new(OptionSet { options: vec![option("a", true), option("b", false), option("c", true)] })
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Choice(sample_options()), COLUMN);
        check_json(
            &field,
            &[("\"a\"", "\"a\""), ("\"b\"", "\"b\""), ("\"A\"", "!not_an_option"), ("1", "!wrong_type")],
        );
        check_text(&field, &[("c", "\"c\""), ("", "!not_an_option")]);
    }
}
