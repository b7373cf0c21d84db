//! Text a person reads, in the three locales every Trellis surface speaks.
//!
//! A label is written as a plain string (the default locale, English) or as a map of locales. It does not know
//! where it is shown.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The locales all user-visible text is complete in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Locale {
    #[default]
    #[serde(rename = "en")]
    En,
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "zh-TW")]
    ZhTw,
}

impl Locale {
    pub const ALL: [Locale; 3] = [Locale::En, Locale::ZhCn, Locale::ZhTw];

    pub fn tag(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::ZhCn => "zh-CN",
            Locale::ZhTw => "zh-TW",
        }
    }

    /// The locale of a BCP 47 tag; Traditional script or region maps to zh-TW, other Chinese to zh-CN.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        if tag.starts_with("zh") {
            let traditional = ["tw", "hk", "mo", "hant"].iter().any(|part| tag.contains(part));
            Some(if traditional { Locale::ZhTw } else { Locale::ZhCn })
        } else if tag.starts_with("en") {
            Some(Locale::En)
        } else {
            None
        }
    }
}

/// `"Loan"` or `{ "en": "Loan", "zh-CN": "借用单", "zh-TW": "借用單" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Label {
    Plain(String),
    Localized(LocalizedText),
    #[default]
    #[serde(skip)]
    Missing,
}

/// Written flat rather than as alternatives, so that a wrong locale key is reported as such.
impl JsonSchema for Label {
    fn schema_name() -> Cow<'static, str> {
        "Label".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text, or a map of locales to texts.",
            "type": ["string", "object"],
            "properties": {
                "en": { "type": "string" },
                "zh-CN": { "type": "string" },
                "zh-TW": { "type": "string" },
            },
            "additionalProperties": false,
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalizedText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    #[serde(default, rename = "zh-CN", skip_serializing_if = "Option::is_none")]
    pub zh_cn: Option<String>,
    #[serde(default, rename = "zh-TW", skip_serializing_if = "Option::is_none")]
    pub zh_tw: Option<String>,
}

impl LocalizedText {
    pub fn get(&self, locale: Locale) -> Option<&str> {
        match locale {
            Locale::En => self.en.as_deref(),
            Locale::ZhCn => self.zh_cn.as_deref(),
            Locale::ZhTw => self.zh_tw.as_deref(),
        }
    }

    pub fn set(&mut self, locale: Locale, text: String) {
        match locale {
            Locale::En => self.en = Some(text),
            Locale::ZhCn => self.zh_cn = Some(text),
            Locale::ZhTw => self.zh_tw = Some(text),
        }
    }
}

impl Label {
    pub fn plain(text: impl Into<String>) -> Self {
        Label::Plain(text.into())
    }

    /// The text in `locale`, else English, else any other locale.
    pub fn get(&self, locale: Locale) -> Option<&str> {
        match self {
            Label::Plain(text) => Some(text),
            Label::Localized(texts) => {
                texts.get(locale).or_else(|| Locale::ALL.into_iter().find_map(|other| texts.get(other)))
            }
            Label::Missing => None,
        }
    }

    /// The text in `locale`, else the technical name made readable (`day_price` → `Day price`).
    pub fn or_name(&self, locale: Locale, name: &str) -> String {
        self.get(locale).map_or_else(|| title_case(name), str::to_owned)
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Label::Missing)
    }
}

fn title_case(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
