//! How a value reads to a person: numbers with grouping, dates in the order of the locale, instants in the actor's
//! zone, codes as labels.
//!
//! Formatting is for reading only; what is typed and read back is `input`'s.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;
use trellis_metadata::field_type::markdown;
use trellis_metadata::field_type::rich_text::SafeHtml;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Field, FieldKind};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::catalogue::Message;
use crate::link::safe_href;
use crate::tone::{Tone, option_tone};

/// Names of the records that lookup and user fields point at.
pub type Labels = HashMap<Uuid, String>;

/// Who reads: language and zone.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pub locale: Locale,
    pub zone: Tz,
}

/// One value ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Shown {
    /// Plain text of the whole value, empty when there is none.
    pub text: String,
    /// Shown as coloured badges instead of the text.
    pub badges: Vec<Badge>,
    pub href: Option<String>,
    /// Machine form for `<time datetime>`.
    pub datetime: Option<String>,
    /// Aligned at the end and with digits of one width.
    pub numeric: bool,
    /// Keeps line breaks.
    pub multiline: bool,
    pub code: bool,
    /// The text with its formatting, where a page has room for it.
    pub html: Option<SafeHtml>,
    /// Address of a picture shown instead of the text.
    pub picture: Option<String>,
    /// A colour shown before the text.
    pub swatch: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Badge {
    pub text: String,
    pub tone: Tone,
}

impl Shown {
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// As [`show`], with headings, lists and links where the text has them.
pub fn show_formatted(field: &Field, value: &Value, shown: Shown) -> Shown {
    let html = match (&field.kind, value) {
        (FieldKind::RichText(_), Value::Text(text)) => SafeHtml::clean(text),
        (FieldKind::Markdown(_), Value::Text(text)) => markdown::to_html(text),
        _ => return shown,
    };
    Shown { html: Some(html), ..shown }
}

/// Formats `value` of `field`; `links` turns a record id into its address where the reader may open it.
pub fn show(reader: Reader, field: &Field, value: &Value, labels: &Labels) -> Shown {
    if value.is_null() {
        return Shown { numeric: is_numeric(field), ..Shown::default() };
    }
    match (&field.kind, value) {
        (FieldKind::Choice(set), Value::Text(code)) => {
            let shown = badges([code.as_ref()].into_iter(), |code| option_badge(reader.locale, set, code));
            // A colour says something; a grey pill in every row does not.
            if set.get(code).is_some_and(|option| option.color.is_none() && option_tone(option) == Tone::Neutral) {
                Shown::plain(shown.text)
            } else {
                shown
            }
        }
        (FieldKind::MultiChoice(set), codes) => {
            badges(codes_of(codes).iter().map(String::as_str), |code| option_badge(reader.locale, set, code))
        }
        (FieldKind::Email, Value::Text(text)) => linked(text, safe_href(&format!("mailto:{text}"))),
        (FieldKind::Phone, Value::Text(text)) => linked(text, safe_href(&format!("tel:{}", text.replace(' ', "")))),
        (FieldKind::Url, Value::Text(text)) => linked(text, safe_href(text)),
        (FieldKind::LongText(_), Value::Text(text)) => Shown { multiline: true, ..Shown::plain(&**text) },
        (FieldKind::RichText(_), Value::Text(text)) => Shown::plain(SafeHtml::clean(text).plain_text()),
        (FieldKind::Markdown(_), Value::Text(text)) => Shown::plain(markdown::to_html(text).plain_text()),
        (FieldKind::Duration, Value::Integer(seconds)) => numeric(duration_text(reader.locale, *seconds)),
        (FieldKind::Rating { max }, Value::Integer(number)) => {
            numeric(Message::RatingOf.fill(reader.locale, &[&number.to_string(), &max.to_string()]))
        }
        (FieldKind::Tags(_), tags) => badges(codes_of(tags).iter().map(String::as_str), tag_badge),
        (FieldKind::Address, Value::Json(json)) => Shown::plain(address_text(reader.locale, json)),
        (FieldKind::Color, Value::Text(text)) => Shown { swatch: Some(text.to_string()), ..Shown::plain(&**text) },
        (FieldKind::Percent(rule), number) => match number.as_decimal() {
            Some(number) => numeric(percent(number, rule.scale)),
            None => Shown::plain(value.to_string()),
        },
        (FieldKind::Decimal(rule) | FieldKind::Money(rule), number) => match number.as_decimal() {
            Some(number) => numeric(grouped(&readable(number, rule.scale))),
            None => Shown::plain(value.to_string()),
        },
        (FieldKind::Formula(formula), Value::Decimal(number)) => numeric(grouped(&readable(*number, formula.scale))),
        (FieldKind::Rollup(rollup), Value::Decimal(number)) => numeric(grouped(&readable(*number, rollup.scale))),
        (FieldKind::Geolocation, Value::Json(json)) => Shown::plain(position(json).unwrap_or_else(|| json.to_string())),
        _ => show_plain(reader, value, labels),
    }
}

fn tag_badge(tag: &str) -> Badge {
    Badge { text: tag.to_owned(), tone: Tone::Neutral }
}

/// Chinese names the large before the small and parts them by nothing; English the other way round, by commas.
pub fn address_text(locale: Locale, json: &serde_json::Value) -> String {
    let part = |name: &&str| json.get(*name).and_then(serde_json::Value::as_str);
    match locale {
        Locale::En => {
            let small_first = ["street", "district", "city", "region", "postal_code", "country"];
            small_first.iter().filter_map(part).collect::<Vec<_>>().join(", ")
        }
        Locale::ZhCn | Locale::ZhTw => {
            let place: String = ["country", "region", "city", "district", "street"].iter().filter_map(part).collect();
            let code = part(&"postal_code").map(str::to_owned);
            [Some(place).filter(|place| !place.is_empty()), code].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    }
}

/// `1 h 30 min`, `45 s`, `0 min`.
fn duration_text(locale: Locale, seconds: i64) -> String {
    let parts = [
        (Message::HoursShort, seconds / 3_600),
        (Message::MinutesShort, seconds / 60 % 60),
        (Message::SecondsShort, seconds % 60),
    ];
    let said = parts.iter().filter(|(_, count)| *count != 0);
    let said: Vec<String> = said.map(|(unit, count)| unit.fill(locale, &[&grouped(&count.to_string())])).collect();
    if said.is_empty() { Message::MinutesShort.fill(locale, &["0"]) } else { said.join(" ") }
}

fn show_plain(reader: Reader, value: &Value, labels: &Labels) -> Shown {
    match value {
        Value::Null => Shown::default(),
        Value::Boolean(yes) => {
            let text = if *yes { Message::Yes } else { Message::No }.text(reader.locale);
            Shown::plain(text)
        }
        Value::Integer(number) => numeric(grouped(&number.to_string())),
        Value::Decimal(number) => numeric(grouped(&number.to_string())),
        Value::Date(date) => {
            Shown { datetime: Some(date.to_string()), ..Shown::plain(date_text(reader.locale, *date)) }
        }
        Value::DateTime(instant) => {
            Shown { datetime: Some(value.to_string()), ..Shown::plain(instant_text(reader, *instant)) }
        }
        Value::Time(time) => {
            Shown::plain(time.format(if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string())
        }
        Value::Id(id) => {
            Shown::plain(labels.get(id).cloned().unwrap_or_else(|| Message::Unknown.text(reader.locale).to_owned()))
        }
        Value::Text(text) => Shown::plain(&**text),
        Value::List(items) => Shown::plain(items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        Value::Json(json) => Shown {
            code: true,
            multiline: true,
            ..Shown::plain(serde_json::to_string_pretty(&**json).unwrap_or_else(|_| json.to_string()))
        },
    }
}

/// Does the column of this field hold numbers.
pub fn is_numeric(field: &Field) -> bool {
    use trellis_metadata::column::ColumnKind;
    matches!(field.column, ColumnKind::Integer | ColumnKind::Duration | ColumnKind::Decimal { .. })
}

fn numeric(text: String) -> Shown {
    Shown { numeric: true, ..Shown::plain(text) }
}

fn linked(text: &str, href: Option<String>) -> Shown {
    Shown { href, ..Shown::plain(text) }
}

fn badges<'a>(codes: impl Iterator<Item = &'a str>, badge: impl Fn(&str) -> Badge) -> Shown {
    let badges: Vec<Badge> = codes.map(badge).collect();
    let text = badges.iter().map(|badge| badge.text.as_str()).collect::<Vec<_>>().join(", ");
    Shown { badges, ..Shown::plain(text) }
}

fn option_badge(locale: Locale, set: &trellis_metadata::snapshot::OptionSet, code: &str) -> Badge {
    match set.get(code) {
        Some(option) => Badge { text: option.label.or_name(locale, code), tone: option_tone(option) },
        None => Badge { text: code.to_owned(), tone: Tone::Neutral },
    }
}

/// The codes of a multi_choice value, as the storage or the form gives them.
pub fn codes_of(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(ToString::to_string).collect(),
        Value::Json(json) => match &**json {
            serde_json::Value::Array(items) => {
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
            }
            _ => Vec::new(),
        },
        Value::Text(text) => vec![text.to_string()],
        _ => Vec::new(),
    }
}

/// `31.2304, 121.4737`.
pub fn position(json: &serde_json::Value) -> Option<String> {
    Some(format!("{}, {}", json.get("lat")?, json.get("lng")?))
}

/// The number with exactly `scale` digits after the point, rounded half away from zero.
pub fn fixed(number: Decimal, scale: u8) -> String {
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let mut rounded = number.round_dp_with_strategy(u32::from(scale), strategy);
    rounded.rescale(u32::from(scale));
    rounded.to_string()
}

/// Amounts keep their digits; of finer scales only those that say something are shown: 5.000 → `5`, 83.7000 → `83.70`.
pub fn readable(number: Decimal, scale: u8) -> String {
    if scale <= 2 {
        return fixed(number, scale);
    }
    let exact = fixed(number, scale);
    let Some((whole, fraction)) = exact.split_once('.') else { return exact };
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        said => format!("{whole}.{said:0<2}"),
    }
}

/// 0.0525 at scale 4 → `5.25 %`.
fn percent(number: Decimal, scale: u8) -> String {
    let hundredfold = number.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(number).normalize();
    let text = if scale <= 2 { fixed(hundredfold, 0) } else { hundredfold.to_string() };
    format!("{}\u{a0}%", grouped(&text))
}

/// Thousands apart by commas, as all three locales write them.
pub fn grouped(digits: &str) -> String {
    let (sign, unsigned) = digits.strip_prefix('-').map_or(("", digits), |rest| ("\u{2212}", rest));
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `23 Nov 2026`, `2026年11月23日`.
pub fn date_text(locale: Locale, date: NaiveDate) -> String {
    match locale {
        Locale::En => date.format("%-d %b %Y").to_string(),
        Locale::ZhCn | Locale::ZhTw => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

/// The instant in the reader's zone: `23 Nov 2026, 14:30`.
pub fn instant_text(reader: Reader, instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&reader.zone);
    let separator = if reader.locale == Locale::En { ", " } else { " " };
    format!("{}{separator}{}", date_text(reader.locale, local.date_naive()), local.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (digits, expected) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.50", "\u{2212}1,234,567.50"),
            ("123456", "123,456"),
        ] {
            assert_eq!(grouped(digits), expected);
        }
    }

    #[test]
    fn scale_is_kept_and_rounding_goes_away_from_zero() {
        for (number, scale, expected) in
            [("1.005", 2, "1.01"), ("-1.005", 2, "-1.01"), ("3", 2, "3.00"), ("2.5", 0, "3")]
        {
            let number: Decimal = number.parse().unwrap();
            assert_eq!(fixed(number, scale), expected);
        }
    }

    #[test]
    fn fine_scales_show_the_digits_that_say_something() {
        for (number, scale, expected) in
            [("5", 3, "5"), ("156.75", 4, "156.75"), ("83.7", 4, "83.70"), ("0.125", 3, "0.125"), ("5", 2, "5.00")]
        {
            assert_eq!(readable(number.parse().unwrap(), scale), expected);
        }
    }

    #[test]
    fn dates_follow_the_locale_and_instants_the_zone() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(date_text(Locale::En, date), "23 Nov 2026");
        assert_eq!(date_text(Locale::ZhTw, date), "2026年11月23日");
        let instant = date.and_hms_opt(20, 5, 0).unwrap().and_utc();
        let reader = Reader { locale: Locale::En, zone: chrono_tz::Asia::Shanghai };
        assert_eq!(instant_text(reader, instant), "24 Nov 2026, 04:05");
        assert_eq!(instant_text(Reader { locale: Locale::ZhCn, ..reader }, instant), "2026年11月24日 04:05");
    }

    #[test]
    fn durations_and_addresses_follow_the_locale() {
        for (seconds, en, cn) in [
            (5_400, "1 h 30 min", "1 小时 30 分"),
            (45, "45 s", "45 秒"),
            (0, "0 min", "0 分"),
            (3_600_001, "1,000 h 1 s", "1,000 小时 1 秒"),
        ] {
            assert_eq!(duration_text(Locale::En, seconds), en);
            assert_eq!(duration_text(Locale::ZhCn, seconds), cn);
        }
        let address =
            serde_json::json!({ "country": "中国", "city": "上海", "street": "人民路 18 号", "postal_code": "200000" });
        assert_eq!(address_text(Locale::En, &address), "人民路 18 号, 上海, 200000, 中国");
        assert_eq!(address_text(Locale::ZhTw, &address), "中国上海人民路 18 号 200000");
    }

    #[test]
    fn percents_are_hundredfold() {
        let number: Decimal = "0.0525".parse().unwrap();
        assert_eq!(percent(number, 4), "5.25\u{a0}%");
    }
}
