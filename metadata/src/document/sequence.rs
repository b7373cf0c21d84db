//! A source of running numbers.

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Text with `{yyyy}`, `{MM}`, `{dd}` and exactly one `{seq}` or `{seq:6}` (padded to 6 digits).
    #[schemars(length(min = 1, max = 60))]
    pub pattern: String,
    /// When counting starts again; `never` unless said.
    #[serde(default)]
    pub reset: Option<Reset>,
    /// No number is ever skipped; slower, since writers wait for each other.
    #[serde(default)]
    pub gapless: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    Never,
    Year,
    Month,
    Day,
}
