//! What each field type is: its document attributes, column, input check, JSON form, filter operators and form control.
//!
//! One file per type; this one only dispatches. Checking knows one field and one input: whether a value is required,
//! unique or points at a record is the write pipeline's business.

pub mod address;
pub mod auto_number;
pub mod barcode;
pub mod boolean;
pub mod choice;
pub mod color;
mod common;
mod control;
mod conversion;
pub mod date;
pub mod datetime;
pub mod decimal;
pub mod duration;
pub mod email;
mod error;
pub mod file;
pub mod formula;
pub mod geolocation;
pub mod image;
pub mod integer;
pub mod json;
pub mod long_text;
pub mod lookup;
pub mod markdown;
pub mod master_detail;
pub mod money;
pub mod multi_choice;
mod number;
mod operator;
pub mod org_unit;
pub mod percent;
pub mod phone;
pub mod rating;
pub mod region;
pub mod rich_text;
pub mod rollup;
#[cfg(test)]
pub(crate) mod rows;
pub mod signature;
pub mod tags;
pub mod text;
pub mod time;
pub mod url;
pub mod user;

use std::sync::Arc;

use schemars::JsonSchema as _;
use serde::Deserialize;
use serde_json::Value as Json;

pub use common::{CommonAttributes, DefaultText};
pub use control::Control;
pub use conversion::{Conversion, limits, translate};
pub use error::InputError;
pub use number::{DecimalText, NotExact, exact_decimal};
pub use operator::Operator;

use crate::snapshot::{Field, FieldKind};
use crate::value::Value;

macro_rules! field_types {
    ($($variant:ident $name:literal $module:ident,)+) => {
        /// The attributes only one type has.
        #[derive(Clone, Debug)]
        pub enum Attributes {
            $($variant($module::$variant),)+
        }

        /// Every type name a document may use.
        pub const TYPE_NAMES: &[&str] = &[$($name),+];

        impl Attributes {
            pub fn parse(type_name: &str, attributes: Json) -> Result<Self, serde_json::Error> {
                match type_name {
                    $($name => $module::$variant::deserialize(attributes).map(Self::$variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, TYPE_NAMES)),
                }
            }

            pub fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)+ }
            }
        }

        /// The JSON Schema of each type's own attributes, by type name.
        pub(crate) fn attribute_schemas(
            generator: &mut schemars::SchemaGenerator,
        ) -> Vec<(&'static str, schemars::Schema)> {
            vec![$(($name, $module::$variant::json_schema(generator)),)+]
        }
    };
}

field_types! {
    Text "text" text,
    LongText "long_text" long_text,
    RichText "rich_text" rich_text,
    Markdown "markdown" markdown,
    Email "email" email,
    Phone "phone" phone,
    Url "url" url,
    Integer "integer" integer,
    Decimal "decimal" decimal,
    Money "money" money,
    Percent "percent" percent,
    Boolean "boolean" boolean,
    Date "date" date,
    DateTime "datetime" datetime,
    Time "time" time,
    Duration "duration" duration,
    Choice "choice" choice,
    MultiChoice "multi_choice" multi_choice,
    Tags "tags" tags,
    AutoNumber "auto_number" auto_number,
    Lookup "lookup" lookup,
    MasterDetail "master_detail" master_detail,
    User "user" user,
    OrgUnit "org_unit" org_unit,
    JsonText "json" json,
    Geolocation "geolocation" geolocation,
    Address "address" address,
    Region "region" region,
    Barcode "barcode" barcode,
    Color "color" color,
    Rating "rating" rating,
    File "file" file,
    Image "image" image,
    Signature "signature" signature,
    Formula "formula" formula,
    Rollup "rollup" rollup,
}

/// The typed value of a JSON input, or the one thing that is wrong with it. `null` is always a value: whether it may
/// stand is for `required` to say.
pub fn check(field: &Field, input: &Json) -> Result<Value, InputError> {
    if input.is_null() {
        return Ok(Value::Null);
    }
    match &field.kind {
        FieldKind::Text(rule) => text::check(rule, input),
        FieldKind::LongText(rule) => long_text::check(rule, input),
        FieldKind::RichText(rule) => rich_text::check(rule, input),
        FieldKind::Markdown(rule) => markdown::check(rule, input),
        FieldKind::Email => email::check(input),
        FieldKind::Phone => phone::check(input),
        FieldKind::Url => url::check(input),
        FieldKind::Integer { min, max } => integer::check(*min, *max, input),
        FieldKind::Decimal(rule) => decimal::check(rule, input),
        FieldKind::Money(rule) => money::check(rule, input),
        FieldKind::Percent(rule) => percent::check(rule, input),
        FieldKind::Boolean => boolean::check(input),
        FieldKind::Date => date::check(input),
        FieldKind::DateTime => datetime::check(input),
        FieldKind::Time => time::check(input),
        FieldKind::Duration => duration::check(input),
        FieldKind::Choice(options) => choice::check(options, input),
        FieldKind::MultiChoice(options) => multi_choice::check(options, input),
        FieldKind::Tags(rule) => tags::check(*rule, input),
        FieldKind::AutoNumber { .. } => auto_number::check(input),
        FieldKind::Lookup(_) | FieldKind::Id => lookup::check(input),
        FieldKind::MasterDetail(_) => master_detail::check(input),
        FieldKind::User(_) => user::check(input),
        FieldKind::OrgUnit(_) => org_unit::check(input),
        FieldKind::Json => json::check(input),
        FieldKind::Geolocation => geolocation::check(input),
        FieldKind::Address => address::check(input),
        FieldKind::Region(rule) => region::check(rule, input),
        FieldKind::Barcode(symbology) => barcode::check(*symbology, input),
        FieldKind::Color => color::check(input),
        FieldKind::Rating { max } => rating::check(*max, input),
        FieldKind::File(_) => file::check(input),
        FieldKind::Image(_) => image::check(input),
        FieldKind::Signature(_) => signature::check(input),
        FieldKind::Formula(_) | FieldKind::Rollup(_) => formula::check(field.column, input),
    }
}

/// The typed value of a text as it stands in a URL filter or an HTML form. Blank text is null, except where the field
/// holds text itself.
pub fn parse_text(field: &Field, text: &str) -> Result<Value, InputError> {
    let holds_text = matches!(field.column, crate::column::ColumnKind::Text);
    if text.is_empty() && !holds_text {
        return Ok(Value::Null);
    }
    let input = match &field.kind {
        FieldKind::Integer { .. } | FieldKind::Decimal(_) | FieldKind::Money(_) | FieldKind::Percent(_) => {
            number::from_text(field.column, text)?
        }
        FieldKind::Rating { .. } => number::from_text(field.column, text)?,
        FieldKind::Formula(_) | FieldKind::Rollup(_) => formula::from_text(field.column, text)?,
        FieldKind::Boolean => boolean::from_text(text)?,
        FieldKind::MultiChoice(_) => multi_choice::from_text(text),
        FieldKind::Tags(_) => tags::from_text(text),
        FieldKind::Json | FieldKind::Geolocation | FieldKind::Address => json::from_text(text)?,
        _ => Json::String(text.to_owned()),
    };
    check(field, &input)
}

/// The canonical JSON of a stored value: decimals carry exactly the digits their field has,
/// durations are ISO 8601.
pub fn to_json(field: &Field, value: &Value) -> Json {
    match (field.column, value) {
        (crate::column::ColumnKind::Decimal { scale }, Value::Decimal(number)) => {
            let mut number = *number;
            number.rescale(u32::from(scale));
            Json::String(number.to_string())
        }
        (crate::column::ColumnKind::Duration, Value::Integer(seconds)) => Json::String(duration::iso_text(*seconds)),
        _ => value.to_json(),
    }
}

/// The value as every part of the runtime takes it: what a database or a journal gives back as JSON is a list where
/// the field holds one.
pub fn from_stored(field: &Field, value: Value) -> Value {
    match value {
        Value::Json(json) if field.kind.is_list() => match &*json {
            Json::Array(items) => {
                Value::List(items.iter().map(|item| text_value(item.as_str().unwrap_or_default())).collect())
            }
            _ => Value::Json(json),
        },
        other => other,
    }
}

/// The conditions a filter may put on the field.
pub fn operators(field: &Field) -> &'static [Operator] {
    match &field.kind {
        FieldKind::Text(_) => text::OPERATORS,
        FieldKind::LongText(_) => long_text::OPERATORS,
        FieldKind::RichText(_) => rich_text::OPERATORS,
        FieldKind::Markdown(_) => markdown::OPERATORS,
        FieldKind::Email => email::OPERATORS,
        FieldKind::Phone => phone::OPERATORS,
        FieldKind::Url => url::OPERATORS,
        FieldKind::Integer { .. } => integer::OPERATORS,
        FieldKind::Decimal(_) => decimal::OPERATORS,
        FieldKind::Money(_) => money::OPERATORS,
        FieldKind::Percent(_) => percent::OPERATORS,
        FieldKind::Boolean => boolean::OPERATORS,
        FieldKind::Date => date::OPERATORS,
        FieldKind::DateTime => datetime::OPERATORS,
        FieldKind::Time => time::OPERATORS,
        FieldKind::Duration => duration::OPERATORS,
        FieldKind::Choice(_) => choice::OPERATORS,
        FieldKind::MultiChoice(_) => multi_choice::OPERATORS,
        FieldKind::Tags(_) => tags::OPERATORS,
        FieldKind::AutoNumber { .. } => auto_number::OPERATORS,
        FieldKind::Lookup(_) | FieldKind::Id => lookup::OPERATORS,
        FieldKind::MasterDetail(_) => master_detail::OPERATORS,
        FieldKind::User(_) => user::OPERATORS,
        FieldKind::OrgUnit(_) => org_unit::OPERATORS,
        FieldKind::Json => json::OPERATORS,
        FieldKind::Geolocation => geolocation::OPERATORS,
        FieldKind::Address => address::OPERATORS,
        FieldKind::Region(_) => region::OPERATORS,
        FieldKind::Barcode(_) => barcode::OPERATORS,
        FieldKind::Color => color::OPERATORS,
        FieldKind::Rating { .. } => rating::OPERATORS,
        FieldKind::File(_) => file::OPERATORS,
        FieldKind::Image(_) => image::OPERATORS,
        FieldKind::Signature(_) => signature::OPERATORS,
        FieldKind::Formula(_) | FieldKind::Rollup(_) => formula::operators(field.column),
    }
}

/// The control a form shows for the field.
pub fn control(field: &Field) -> Control {
    match &field.kind {
        FieldKind::Text(_) => text::CONTROL,
        FieldKind::LongText(_) => long_text::CONTROL,
        FieldKind::RichText(_) => rich_text::CONTROL,
        FieldKind::Markdown(_) => markdown::CONTROL,
        FieldKind::Email => email::CONTROL,
        FieldKind::Phone => phone::CONTROL,
        FieldKind::Url => url::CONTROL,
        FieldKind::Integer { .. } => integer::CONTROL,
        FieldKind::Decimal(_) => decimal::CONTROL,
        FieldKind::Money(_) => money::CONTROL,
        FieldKind::Percent(_) => percent::CONTROL,
        FieldKind::Boolean => boolean::CONTROL,
        FieldKind::Date => date::CONTROL,
        FieldKind::DateTime => datetime::CONTROL,
        FieldKind::Time => time::CONTROL,
        FieldKind::Duration => duration::CONTROL,
        FieldKind::Choice(_) => choice::CONTROL,
        FieldKind::MultiChoice(_) => multi_choice::CONTROL,
        FieldKind::Tags(_) => tags::CONTROL,
        FieldKind::AutoNumber { .. } => auto_number::CONTROL,
        FieldKind::Lookup(_) => lookup::CONTROL,
        FieldKind::MasterDetail(_) => master_detail::CONTROL,
        FieldKind::User(_) => user::CONTROL,
        FieldKind::OrgUnit(_) => org_unit::CONTROL,
        FieldKind::Json => json::CONTROL,
        FieldKind::Geolocation => geolocation::CONTROL,
        FieldKind::Address => address::CONTROL,
        FieldKind::Region(_) => region::CONTROL,
        FieldKind::Barcode(_) => barcode::CONTROL,
        FieldKind::Color => color::CONTROL,
        FieldKind::Rating { .. } => rating::CONTROL,
        FieldKind::File(_) => file::CONTROL,
        FieldKind::Image(_) => image::CONTROL,
        FieldKind::Signature(_) => signature::CONTROL,
        FieldKind::Formula(_) => formula::CONTROL,
        FieldKind::Rollup(_) => rollup::CONTROL,
        FieldKind::Id => Control::ReadOnly,
    }
}

/// The name of the field's type as documents write it; the record id is `id`.
pub fn type_name(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Text(_) => "text",
        FieldKind::LongText(_) => "long_text",
        FieldKind::RichText(_) => "rich_text",
        FieldKind::Markdown(_) => "markdown",
        FieldKind::Email => "email",
        FieldKind::Phone => "phone",
        FieldKind::Url => "url",
        FieldKind::Integer { .. } => "integer",
        FieldKind::Decimal(_) => "decimal",
        FieldKind::Money(_) => "money",
        FieldKind::Percent(_) => "percent",
        FieldKind::Boolean => "boolean",
        FieldKind::Date => "date",
        FieldKind::DateTime => "datetime",
        FieldKind::Time => "time",
        FieldKind::Duration => "duration",
        FieldKind::Choice(_) => "choice",
        FieldKind::MultiChoice(_) => "multi_choice",
        FieldKind::Tags(_) => "tags",
        FieldKind::AutoNumber { .. } => "auto_number",
        FieldKind::Lookup(_) => "lookup",
        FieldKind::MasterDetail(_) => "master_detail",
        FieldKind::User(_) => "user",
        FieldKind::OrgUnit(_) => "org_unit",
        FieldKind::Json => "json",
        FieldKind::Geolocation => "geolocation",
        FieldKind::Address => "address",
        FieldKind::Region(_) => "region",
        FieldKind::Barcode(_) => "barcode",
        FieldKind::Color => "color",
        FieldKind::Rating { .. } => "rating",
        FieldKind::File(_) => "file",
        FieldKind::Image(_) => "image",
        FieldKind::Signature(_) => "signature",
        FieldKind::Formula(_) => "formula",
        FieldKind::Rollup(_) => "rollup",
        FieldKind::Id => "id",
    }
}

fn text_value(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

/// The text of an input, or `wrong_type`.
fn expect_text(input: &Json) -> Result<&str, InputError> {
    input.as_str().ok_or_else(|| InputError::wrong_type("text"))
}
