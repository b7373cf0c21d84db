//! What becomes of stored values when a field takes another type: a declared answer for every pair of types, and the
//! reading of one value as a value of another type.
//!
//! Nothing is guessed: a value is read as the new type would read it from a form, or it is not read at all. It knows
//! no column and no database; where a translated value comes from and where the old one is kept is the planner's
//! business.

use serde_json::Value as Json;

use super::rich_text::SafeHtml;
use super::{check, duration, markdown, parse_text};
use crate::snapshot::{Field, FieldKind};
use crate::value::Value;

/// What a change of type does to the values there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// They stay what they are, at most stored another way; the rules of the new type are asked of them.
    Keep,
    /// Each is read anew, see [`translate`]; one that cannot be read leaves its field empty.
    Translate,
    /// Likewise, and a part of each is left behind.
    Simplify,
    /// To a computed type: computed anew. From one: what was computed last stays, where the column can hold it.
    Compute,
    /// The new type has no value for them.
    Refuse,
}

impl Conversion {
    /// Types by their name in documents; an unknown one refuses.
    pub fn between(from: &str, to: &str) -> Self {
        if from == to {
            return Self::Keep;
        }
        match (family(from), family(to)) {
            // What was computed as plain text is no markup yet.
            (Family::Computed, Family::Html) => Self::Translate,
            (Family::Computed, _) | (_, Family::Computed) => Self::Compute,
            (Family::File, Family::File) if to == "file" => Self::Keep,
            (Family::Own | Family::File, _) | (_, Family::Own | Family::File) => Self::Refuse,
            (from, Family::Text) if to == "auto_number" && !matches!(from, Family::Text | Family::Number) => {
                Self::Refuse
            }
            (Family::Html, Family::Text) => Self::Simplify,
            (Family::Number | Family::Date | Family::Time, Family::Text) if takes_any_text(to) => Self::Keep,
            (Family::List, Family::List) if to == "tags" => Self::Keep,
            (Family::Relation, Family::Relation)
            | (Family::Text, Family::Text)
            | (Family::Number, Family::Number)
            | (Family::List | Family::Shape, Family::Json) => Self::Keep,
            (Family::Relation | Family::Html, _) | (_, Family::Relation) => Self::Refuse,
            (Family::Text | Family::Json, _)
            | (_, Family::Text | Family::Html | Family::Json)
            | (Family::List, Family::List) => Self::Translate,
            _ => Self::Refuse,
        }
    }
}

/// Types whose values are of one nature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Text,
    /// Text that is markup.
    Html,
    Number,
    Boolean,
    Date,
    Time,
    Instant,
    Duration,
    List,
    Json,
    /// JSON of a shape of its own.
    Shape,
    Relation,
    File,
    Computed,
    /// Like no other.
    Own,
}

fn family(type_name: &str) -> Family {
    match type_name {
        "text" | "long_text" | "markdown" | "email" | "phone" | "url" | "choice" | "auto_number" | "region"
        | "barcode" | "color" => Family::Text,
        "rich_text" => Family::Html,
        "integer" | "decimal" | "money" | "percent" | "rating" => Family::Number,
        "boolean" => Family::Boolean,
        "date" => Family::Date,
        "time" => Family::Time,
        "datetime" => Family::Instant,
        "duration" => Family::Duration,
        "multi_choice" | "tags" => Family::List,
        "json" => Family::Json,
        "geolocation" | "address" => Family::Shape,
        "lookup" | "master_detail" | "user" | "org_unit" => Family::Relation,
        "file" | "image" | "signature" => Family::File,
        "formula" | "rollup" => Family::Computed,
        _ => Family::Own,
    }
}

fn takes_any_text(type_name: &str) -> bool {
    matches!(type_name, "text" | "long_text" | "markdown" | "auto_number")
}

/// A stored value of a field of type `from`, read as a value of the field `to`; `None` when it is none.
pub fn translate(value: &Value, from: &str, to: &Field) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    match (from, value, &to.kind) {
        ("rich_text", Value::Text(html), _) => check(to, &Json::from(SafeHtml::clean(html).plain_text())).ok(),
        ("markdown", Value::Text(text), FieldKind::RichText(_)) => {
            check(to, &Json::from(markdown::to_html(text).as_str())).ok()
        }
        (_, _, FieldKind::RichText(_)) => check(to, &Json::from(paragraphs(&text_of(value, from)?))).ok(),
        ("json", Value::Json(json), FieldKind::Text(_) | FieldKind::LongText(_) | FieldKind::Markdown(_)) => {
            check(to, &Json::from(json.to_string())).ok()
        }
        ("json", Value::Json(json), _) => check(to, json).ok().filter(|value| !value.is_null()),
        (_, _, FieldKind::Json) if family(from) != Family::Text => check(to, &json_of(value, from)).ok(),
        _ => parse_text(to, &text_of(value, from)?).ok(),
    }
}

fn json_of(value: &Value, from: &str) -> Json {
    match value {
        Value::Integer(seconds) if from == "duration" => Json::from(duration::iso_text(*seconds)),
        other => other.to_json(),
    }
}

/// The value in a form: as [`parse_text`] reads it.
fn text_of(value: &Value, from: &str) -> Option<String> {
    match (value, json_of(value, from)) {
        (Value::List(_) | Value::Json(_), Json::Array(items)) if family(from) == Family::List => {
            let texts: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            texts.iter().all(|text| !text.contains(',')).then(|| texts.join(","))
        }
        (_, Json::String(text)) => Some(text),
        (_, json) => Some(json.to_string()),
    }
}

/// Plain text as HTML that shows the same.
fn paragraphs(text: &str) -> String {
    let safe = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let parts: Vec<String> = safe.split("\n\n").map(|part| format!("<p>{}</p>", part.replace('\n', "<br>"))).collect();
    parts.concat()
}

/// What the field's own rules ask of a value beyond its type, as a short text that changes with them; `None` where
/// every value of the type will do. Lengths, option codes and targets are told apart elsewhere.
pub fn limits(kind: &FieldKind) -> Option<String> {
    match kind {
        FieldKind::Text(rule) | FieldKind::Region(rule) => {
            rule.pattern.as_ref().map(|pattern| format!("pattern {}", pattern.source))
        }
        FieldKind::Email | FieldKind::Phone | FieldKind::Url | FieldKind::Color => {
            Some(super::type_name(kind).to_owned())
        }
        FieldKind::Integer { min, max } => range(*min, *max),
        FieldKind::Decimal(rule) | FieldKind::Money(rule) | FieldKind::Percent(rule) => range(rule.min, rule.max),
        FieldKind::Rating { max } => Some(format!("0..{max}")),
        FieldKind::Barcode(symbology) => Some(format!("{symbology:?}")),
        FieldKind::Tags(rule) => Some(format!("{} of {}", rule.max_count, rule.max_length)),
        FieldKind::MultiChoice(set) => {
            let codes: Vec<&str> = set.options.iter().map(|option| &*option.code).collect();
            Some(codes.join(","))
        }
        _ => None,
    }
}

fn range<N: std::fmt::Display>(min: Option<N>, max: Option<N>) -> Option<String> {
    let end = |end: Option<N>| end.map(|end| end.to_string()).unwrap_or_default();
    (min.is_some() || max.is_some()).then(|| format!("{}..{}", end(min), end(max)))
}

#[cfg(test)]
mod tests {
    use super::super::TYPE_NAMES;
    use super::super::choice::sample_options;
    use super::super::rows::field;
    use super::*;
    use crate::column::ColumnKind;
    use crate::snapshot::{TagsRule, TextRule};

    /// Every pair of types, in a table people can read.
    #[test]
    fn every_pair_is_declared() {
        let mut table = String::from("# Rows: the type a field had; columns: the type it takes.\n");
        for from in TYPE_NAMES {
            table.push_str(from);
            table.push(':');
            for to in TYPE_NAMES.iter().filter(|to| *to != from) {
                let word = match Conversion::between(from, to) {
                    Conversion::Keep => "keep",
                    Conversion::Translate => "translate",
                    Conversion::Simplify => "simplify",
                    Conversion::Compute => "compute",
                    Conversion::Refuse => continue,
                };
                table.push_str(&format!(" {to}={word}"));
            }
            table.push('\n');
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conversions.txt");
        if std::env::var_os("TRELLIS_UPDATE").is_some() {
            std::fs::write(path, &table).expect("writable");
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), table, "{path}");
    }

    #[test]
    fn values_are_read_as_the_new_type_reads_them() {
        let text = |text: &str| Value::text(text);
        let json = |text: &str| Value::Json(std::sync::Arc::new(serde_json::from_str(text).expect("JSON")));
        let plain = TextRule::default();
        let integer = field(FieldKind::Integer { min: None, max: Some(100) }, ColumnKind::Integer);
        let date = field(FieldKind::Date, ColumnKind::Date);
        let boolean = field(FieldKind::Boolean, ColumnKind::Boolean);
        let words = field(FieldKind::Text(plain.clone()), ColumnKind::Text);
        let html = field(FieldKind::RichText(plain), ColumnKind::Text);
        let one = field(FieldKind::Choice(sample_options()), ColumnKind::Text);
        let many = field(FieldKind::MultiChoice(sample_options()), ColumnKind::Json);
        let tags = field(FieldKind::Tags(TagsRule { max_count: 5, max_length: 10 }), ColumnKind::Json);
        let any = field(FieldKind::Json, ColumnKind::Json);
        let rows: [(Value, &str, &Field, Option<&str>); 27] = [
            (text("12"), "text", &integer, Some("12")),
            (text("1.5"), "text", &integer, None),
            (text("120"), "text", &integer, None),
            (text("twelve"), "text", &integer, None),
            (text(""), "text", &integer, Some("null")),
            (text("2026-02-28"), "text", &date, Some("\"2026-02-28\"")),
            (text("28.2.2026"), "text", &date, None),
            (text("true"), "text", &boolean, Some("true")),
            (text("perhaps"), "text", &boolean, None),
            (Value::Boolean(true), "boolean", &words, Some("\"true\"")),
            (Value::Integer(90), "duration", &words, Some("\"PT1M30S\"")),
            (Value::Integer(90), "integer", &one, None),
            (text("a"), "text", &one, Some("\"a\"")),
            (text("a <b> & c\n\nd\ne"), "text", &html, Some("\"<p>a &lt;b&gt; &amp; c</p><p>d<br>e</p>\"")),
            (text("**a**"), "markdown", &html, Some("\"<p><strong>a</strong></p>\\n\"")),
            (text("<p>a <b>b</b></p>"), "rich_text", &words, Some("\"a b\"")),
            (text("a"), "choice", &many, Some("[\"a\"]")),
            (text("a,c"), "text", &many, Some("[\"a\",\"c\"]")),
            (json("[\"a\",\"c\"]"), "multi_choice", &words, Some("\"a,c\"")),
            (json("[\"a\"]"), "multi_choice", &one, Some("\"a\"")),
            (json("[\"a\",\"c\"]"), "multi_choice", &one, None),
            (json("[\"a\",\"z\"]"), "tags", &many, None),
            (text("x,y"), "text", &tags, Some("[\"x\",\"y\"]")),
            (json("{\"a\":1}"), "json", &words, Some("\"{\\\"a\\\":1}\"")),
            (json("7"), "json", &integer, Some("7")),
            (json("{}"), "json", &integer, None),
            (Value::Boolean(false), "boolean", &any, Some("false")),
        ];
        for (value, from, to, expected) in rows {
            let read = translate(&value, from, to).map(|value| value.to_json().to_string());
            assert_eq!(read.as_deref(), expected, "{value:?} of {from}");
        }
    }
}
