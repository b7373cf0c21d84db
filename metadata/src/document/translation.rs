//! Labels of other documents in one locale, for translators to work apart.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::label::Locale;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    pub locale: Locale,
    /// Text by path: `object.loan`, `object.loan.field.status`, `object.loan.field.status.option.draft`,
    /// `object.loan.transition.submit`, `object.loan.rule.to_after_from`, `form.…`, `view.…`, `workflow.…`, `role.…`.
    pub labels: IndexMap<String, String>,
}
