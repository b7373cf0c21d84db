//! Values as a notification writes them, in the reader's language and zone.

use chrono_tz::Tz;
use trellis_metadata::field_type;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Field, FieldKind, OptionSet};
use trellis_metadata::value::Value;

pub fn text(field: &Field, value: &Value, locale: Locale, zone: Tz) -> String {
    match (&field.kind, value) {
        (_, Value::Null) => String::new(),
        (FieldKind::Choice(options), Value::Text(code)) => label(options, code, locale),
        (FieldKind::MultiChoice(options), value) => codes(value)
            .iter()
            .map(|code| label(options, code, locale))
            .collect::<Vec<_>>()
            .join(if locale == Locale::En { ", " } else { "、" }),
        (_, Value::Boolean(truth)) => yes_or_no(*truth, locale).to_owned(),
        (_, Value::DateTime(at)) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        (_, value) => match field_type::to_json(field, value) {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        },
    }
}

fn label(options: &OptionSet, code: &str, locale: Locale) -> String {
    options.get(code).map_or_else(|| code.to_owned(), |option| option.label.or_name(locale, code))
}

fn codes(value: &Value) -> Vec<String> {
    let serde_json::Value::Array(codes) = value.to_json() else { return Vec::new() };
    codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect()
}

fn yes_or_no(truth: bool, locale: Locale) -> &'static str {
    match (locale, truth) {
        (Locale::En, true) => "yes",
        (Locale::En, false) => "no",
        (_, true) => "是",
        (_, false) => "否",
    }
}
