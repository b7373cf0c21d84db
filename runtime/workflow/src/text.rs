//! Values as a notification writes them, in the reader's language and zone.

use chrono_tz::Tz;
use trellis_metadata::field_type::rich_text::SafeHtml;
use trellis_metadata::field_type::{self, address, markdown};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Field, FieldKind, OptionSet};
use trellis_metadata::value::Value;

pub fn text(field: &Field, value: &Value, locale: Locale, zone: Tz) -> String {
    match (&field.kind, value) {
        (_, Value::Null) => String::new(),
        (FieldKind::Choice(options), Value::Text(code)) => label(options, code, locale),
        (FieldKind::MultiChoice(options), value) => {
            let labels: Vec<String> = codes(value).iter().map(|code| label(options, code, locale)).collect();
            labels.join(between(locale))
        }
        (FieldKind::Tags(_), value) => codes(value).join(between(locale)),
        (FieldKind::RichText(_), Value::Text(html)) => SafeHtml::clean(html).plain_text(),
        (FieldKind::Markdown(_), Value::Text(text)) => markdown::to_html(text).plain_text(),
        (FieldKind::Address, Value::Json(json)) => {
            address::PARTS.iter().filter_map(|part| json.get(*part)?.as_str()).collect::<Vec<_>>().join(", ")
        }
        (_, Value::Boolean(truth)) => yes_or_no(*truth, locale).to_owned(),
        (_, Value::DateTime(at)) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        (_, value) => match field_type::to_json(field, value) {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        },
    }
}

fn between(locale: Locale) -> &'static str {
    if locale == Locale::En { ", " } else { "、" }
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

#[cfg(test)]
mod tests {
    use trellis_metadata::column::ColumnKind;
    use trellis_metadata::snapshot::{TagsRule, TextRule};

    use super::*;

    #[test]
    fn formatted_values_are_plain_in_a_message() {
        let list = |text: &str| Value::Json(serde_json::from_str::<serde_json::Value>(text).unwrap().into());
        let tags = FieldKind::Tags(TagsRule { max_count: 9, max_length: 9 });
        let rows = [
            (FieldKind::RichText(TextRule::default()), ColumnKind::Text, Value::text("<p>a</p><p>b</p>"), "a b"),
            (FieldKind::Markdown(TextRule::default()), ColumnKind::Text, Value::text("**a** b"), "a b"),
            (FieldKind::Duration, ColumnKind::Duration, Value::Integer(5_400), "PT1H30M"),
            (tags, ColumnKind::Json, list(r#"["a","b"]"#), "a, b"),
            (FieldKind::Address, ColumnKind::Json, list(r#"{"city":"x","street":"y"}"#), "x, y"),
        ];
        for (kind, column, value, expected) in rows {
            let field = Field::plain("sample", kind, column).unwrap();
            assert_eq!(text(&field, &value, Locale::En, Tz::UTC), expected);
        }
    }
}
