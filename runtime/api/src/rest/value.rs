//! Inputs to typed values, by the field types' own checks, with findings in the API's form.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::field_type::{self, InputError, formula};
use trellis_metadata::label::{Label, Locale, LocalizedText};
use trellis_metadata::snapshot::{Field, FieldKind};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::error_code::ErrorCode;
use crate::problem::FieldError;

/// A value of a JSON body.
pub fn check(field: &Field, given: &Json, pointer: &str) -> Result<Value, FieldError> {
    field_type::check(field, given).map_err(|error| {
        let code = ErrorCode::find(error.code).unwrap_or(ErrorCode::InvalidFormat);
        finding(field, &error, FieldError::new(code, pointer))
    })
}

/// The operand of a filter. Limits of the field do not matter here: `quantity=gt.0` is a fair question about a
/// quantity of at least 1.
pub fn parse(field: &Field, text: &str, pointer: &str) -> Result<Value, FieldError> {
    operand(field, text).map_err(|error| {
        let hint = FieldError::new(ErrorCode::InvalidValue, pointer).with("value", text).with("name", &field.name);
        finding(field, &error, hint)
    })
}

fn operand(field: &Field, text: &str) -> Result<Value, InputError> {
    match (&field.kind, field.column) {
        (FieldKind::Choice(_) | FieldKind::Color, _) => field_type::parse_text(field, text),
        (_, ColumnKind::Text) => Ok(Value::text(text)),
        (_, ColumnKind::Integer | ColumnKind::Decimal { .. }) => {
            formula::from_text(field.column, text).and_then(|json| formula::check(field.column, &json))
        }
        _ if text.is_empty() => Err(InputError::new("required")),
        _ => field_type::parse_text(field, text),
    }
}

fn finding(field: &Field, error: &InputError, finding: FieldError) -> FieldError {
    let text = |locale| Some(error.message(locale, &field.label(locale)));
    let texts = LocalizedText { en: text(Locale::En), zh_cn: text(Locale::ZhCn), zh_tw: text(Locale::ZhTw) };
    let finding = error.params.iter().fold(finding, |finding, (name, value)| finding.with(name, value));
    let codes = field.kind.options().into_iter().flat_map(|set| &set.options).map(|option| &*option.code);
    let nearest = error.param("given").and_then(|given| trellis_metadata::diagnostic::nearest(given, codes));
    finding.message(Label::Localized(texts)).suggest(nearest)
}

/// Reads the canonical text of a value, as [`Value`] prints it.
pub fn from_text(kind: ColumnKind, text: &str) -> Option<Value> {
    match kind {
        ColumnKind::Text => Some(Value::text(text)),
        ColumnKind::Integer | ColumnKind::Duration => text.parse().ok().map(Value::Integer),
        ColumnKind::Decimal { .. } => text.parse::<Decimal>().ok().map(Value::Decimal),
        ColumnKind::Boolean => text.parse().ok().map(Value::Boolean),
        ColumnKind::Date => text.parse::<NaiveDate>().ok().map(Value::Date),
        ColumnKind::DateTime => {
            DateTime::parse_from_rfc3339(text).ok().map(|at| Value::DateTime(at.with_timezone(&Utc)))
        }
        ColumnKind::Time => text.parse::<NaiveTime>().ok().map(Value::Time),
        ColumnKind::Id => text.parse::<Uuid>().ok().map(Value::Id),
        ColumnKind::Json => None,
    }
}
