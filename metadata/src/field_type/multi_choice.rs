//! Several of a list of options, stored as a JSON list of codes in the options' own order.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::choice::{OptionDocument, not_an_option};
use super::{Control, InputError, Operator, operator};
use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::snapshot::OptionSet;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Json;
pub const OPERATORS: &[Operator] = operator::LIST;
pub const CONTROL: Control = Control::MultiSelect;

/// Either its own `options` or a shared `option_set`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiChoice {
    #[serde(default)]
    pub options: Option<Vec<OptionDocument>>,
    /// Name of an `option_set` document.
    #[serde(default)]
    pub option_set: Option<Identifier>,
}

/// Order and repetition carry no meaning, so both are normalised.
pub fn check(options: &OptionSet, input: &Json) -> Result<Value, InputError> {
    let Json::Array(items) = input else {
        return Err(InputError::wrong_type("codes"));
    };
    let mut chosen = Vec::with_capacity(items.len().min(options.options.len()));
    for item in items {
        let code = item.as_str().ok_or_else(|| InputError::wrong_type("codes"))?;
        let position = options.options.iter().position(|option| &*option.code == code);
        chosen.push(position.ok_or_else(|| not_an_option(code))?);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(Value::List(chosen.into_iter().map(|at| Value::Text(options.options[at].code.clone())).collect()))
}

/// `a,b` or the JSON list.
pub fn from_text(text: &str) -> Json {
    let json = text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
    json.unwrap_or_else(|| text.split(',').map(|code| Json::String(code.trim().to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::super::choice::sample_options;
    use super::super::rows::{check_json, check_text, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::MultiChoice(sample_options()), COLUMN);
        check_json(
            &field,
            &[
                ("[\"c\", \"a\", \"c\"]", "[\"a\",\"c\"]"),
                ("[]", "[]"),
                ("[\"z\"]", "!not_an_option"),
                ("[1]", "!wrong_type"),
                ("\"a\"", "!wrong_type"),
            ],
        );
        check_text(&field, &[("c,a", "[\"a\",\"c\"]"), ("[\"a\"]", "[\"a\"]"), ("", "null"), ("x", "!not_an_option")]);
    }
}
