//! What a person types into a control, as a value of the field.
//!
//! Only the ways of people are undone here: full-width digits, grouping commas, percents, local times. Whether the
//! value suits the field (length, range, pattern) is the field type's to say.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use trellis_metadata::field_type::{self, address};
use trellis_metadata::snapshot::{Field, FieldKind, OptionSet};
use trellis_metadata::value::Value;

use crate::catalogue::Message;
use crate::format::Reader;

/// The value typed, `Null` for nothing; else the message that tells how to write it.
pub fn parse(reader: Reader, field: &Field, text: &str) -> Result<Value, Message> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Value::Null);
    }
    match &field.kind {
        FieldKind::Integer { .. } | FieldKind::Rating { .. } => {
            whole_number(trimmed).map(Value::Integer).ok_or(Message::NotAWholeNumber)
        }
        FieldKind::Decimal(_) | FieldKind::Money(_) => number(trimmed).map(Value::Decimal).ok_or(Message::NotANumber),
        FieldKind::Percent(_) => percent(trimmed).map(Value::Decimal).ok_or(Message::NotANumber),
        FieldKind::Boolean => match trimmed {
            "true" | "on" | "1" => Ok(Value::Boolean(true)),
            "false" | "off" | "0" => Ok(Value::Boolean(false)),
            _ => Err(Message::NotAccepted),
        },
        FieldKind::Date => date(trimmed).map(Value::Date).ok_or(Message::NotADate),
        FieldKind::DateTime => instant(reader.zone, trimmed).map(Value::DateTime).ok_or(Message::NotADateTime),
        FieldKind::Time => time(trimmed).map(Value::Time).ok_or(Message::NotATime),
        FieldKind::Duration => duration(field, trimmed),
        FieldKind::Tags(_) => tags(trimmed).ok_or(Message::NotAccepted),
        FieldKind::Choice(set) => code(set, trimmed).ok_or(Message::NotAnOption),
        FieldKind::Geolocation => position(trimmed).ok_or(Message::NotAPosition),
        FieldKind::Json => json(trimmed).ok_or(Message::NotAccepted),
        FieldKind::Lookup(_)
        | FieldKind::MasterDetail(_)
        | FieldKind::User(_)
        | FieldKind::OrgUnit(_)
        | FieldKind::Id => trimmed.parse().map(Value::Id).map_err(|_| Message::NoSuchRecord),
        FieldKind::File(_) | FieldKind::Image(_) | FieldKind::Signature(_) => {
            trimmed.parse().map(Value::Id).map_err(|_| Message::NotAccepted)
        }
        // Line ends of a browser are CRLF; the stored text has one kind only.
        FieldKind::LongText(_) | FieldKind::RichText(_) | FieldKind::Markdown(_) => {
            Ok(Value::text(text.replace("\r\n", "\n").trim_end()))
        }
        _ => Ok(Value::text(trimmed)),
    }
}

/// Several codes of a multi_choice field, in the order of the options.
pub fn parse_codes(set: &OptionSet, codes: &[&str]) -> Result<Value, Message> {
    if codes.iter().any(|code| set.get(code).is_none()) {
        return Err(Message::NotAnOption);
    }
    let chosen = set.options.iter().filter(|option| codes.contains(&&*option.code));
    Ok(Value::List(chosen.map(|option| Value::text(&option.code)).collect()))
}

/// The parts of an address that say something; `Null` when none does.
pub fn parse_address<'t>(part: impl Fn(&str) -> Option<&'t str>) -> Value {
    let given = |name: &&str| part(name).map(str::trim).filter(|text| !text.is_empty());
    let parts = address::PARTS.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?.into())));
    let parts: serde_json::Map<String, serde_json::Value> = parts.collect();
    if parts.is_empty() { Value::Null } else { Value::Json(serde_json::Value::Object(parts).into()) }
}

fn duration(field: &Field, text: &str) -> Result<Value, Message> {
    field_type::parse_text(field, &narrow(text)).map_err(|_| Message::NotADuration)
}

/// Commas of any width between them; a tag keeps the letters it was typed with.
fn tags(text: &str) -> Option<Value> {
    match field_type::tags::from_text(&text.replace('、', ",")) {
        serde_json::Value::Array(items) => {
            Some(Value::List(items.iter().map(|item| item.as_str().map(Value::text)).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn code(set: &OptionSet, text: &str) -> Option<Value> {
    set.get(text).map(|option| Value::text(&option.code))
}

/// Full-width digits and signs of Chinese input methods as plain ones.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' => ' ',
            '\u{2212}' => '-',
            '。' => '.',
            _ => c,
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The digits without grouping commas; `None` when a comma stands where no group ends.
fn ungroup(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    let grouped = first && groups.all(|group| group.len() == 3) && !fraction.is_some_and(|f| f.contains(','));
    grouped.then(|| text.replace(',', ""))
}

fn number(text: &str) -> Option<Decimal> {
    let digits = ungroup(&narrow(text))?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    if plain { digits.parse().ok() } else { None }
}

fn whole_number(text: &str) -> Option<i64> {
    ungroup(&narrow(text))?.parse().ok()
}

fn percent(text: &str) -> Option<Decimal> {
    let text = narrow(text);
    number(text.strip_suffix('%').unwrap_or(&text).trim_end())?.checked_div(Decimal::ONE_HUNDRED)
}

fn date(text: &str) -> Option<NaiveDate> {
    let text = narrow(text);
    ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%d %b %Y"].iter().find_map(|f| NaiveDate::parse_from_str(&text, f).ok())
}

fn time(text: &str) -> Option<NaiveTime> {
    let text = narrow(text);
    ["%H:%M", "%H:%M:%S%.f"].iter().find_map(|f| NaiveTime::parse_from_str(&text, f).ok())
}

/// A wall-clock time in the zone. In the hour that is repeated it means the first, in the hour that is left out the
/// time after it.
fn instant(zone: Tz, text: &str) -> Option<DateTime<Utc>> {
    let text = narrow(text);
    if let Ok(instant) = DateTime::parse_from_rfc3339(&text) {
        return Some(instant.to_utc());
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())?;
    let skipped = || zone.from_local_datetime(&local.checked_add_signed(chrono::TimeDelta::hours(1))?).earliest();
    zone.from_local_datetime(&local).earliest().or_else(skipped).map(|instant| instant.to_utc())
}

fn position(text: &str) -> Option<Value> {
    let text = narrow(text);
    let (lat, lng) = text.split_once([',', ' '])?;
    let degree = |text: &str, limit: i64| {
        let degree: Decimal = text.trim().parse().ok()?;
        (degree.abs() <= Decimal::from(limit)).then(|| serde_json::from_str(&degree.to_string()).ok())?
    };
    let (lat, lng): (serde_json::Number, serde_json::Number) = (degree(lat, 90)?, degree(lng, 180)?);
    Some(Value::Json(serde_json::json!({ "lat": lat, "lng": lng }).into()))
}

/// Deep nesting is refused by the reader itself, so that nothing can overflow.
fn json(text: &str) -> Option<Value> {
    serde_json::from_str::<serde_json::Value>(text).ok().map(|json| Value::Json(json.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, expected) in [
            ("12.50", Some("12.50")),
            ("1,234.5", Some("1234.5")),
            ("１２３．５", Some("123.5")),
            ("\u{2212}3", Some("-3")),
            ("1,23", None),
            ("12,345,6", None),
            ("1e5", None),
            ("12 kg", None),
            ("99999999999999999999999999999999", None),
        ] {
            assert_eq!(number(text).map(|n| n.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(percent("5.25 %").unwrap().to_string(), "0.0525");
        assert_eq!(percent("５％").unwrap().to_string(), "0.05");
        assert_eq!(whole_number("1,234"), Some(1234));
        assert_eq!(whole_number("1.5"), None);
    }

    #[test]
    fn local_times_become_instants_even_around_clock_changes() {
        let zone = chrono_tz::Europe::Berlin;
        for (text, expected) in [
            ("2026-11-23T14:30", "2026-11-23T13:30:00Z"),
            ("2026-11-23 14:30:05", "2026-11-23T13:30:05Z"),
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("2026-11-23T14:30:00+08:00", "2026-11-23T06:30:00Z"),
        ] {
            let instant = instant(zone, text).unwrap();
            assert_eq!(instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), expected, "{text}");
        }
        assert!(instant(zone, "soon").is_none());
    }

    #[test]
    fn positions_have_two_degrees_in_range() {
        assert_eq!(position("31.2304, 121.4737").unwrap().to_string(), r#"{"lat":31.2304,"lng":121.4737}"#);
        for bad in ["31.2", "91, 0", "0, 181", "a, b", ""] {
            assert!(position(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn addresses_keep_the_parts_that_say_something() {
        let typed = |part: &str| match part {
            "city" => Some(" 上海 "),
            "street" => Some("  "),
            "country" => Some("CN"),
            _ => None,
        };
        assert_eq!(parse_address(typed).to_string(), r#"{"country":"CN","city":"上海"}"#);
        assert_eq!(parse_address(|_| Some(" ")), Value::Null);
    }

    #[test]
    fn tags_stand_between_commas_of_any_width() {
        assert_eq!(tags("a，b c、d, ").unwrap().to_string(), r#"["a","b c","d"]"#);
        assert!(tags("[1]").is_none());
    }

    #[test]
    fn deep_json_is_refused() {
        assert!(json(&"[".repeat(100_000)).is_none());
        assert!(json(r#"{"a":[1]}"#).is_some());
    }
}
