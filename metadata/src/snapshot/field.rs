//! One field of an object, with the rules of its type.

use std::sync::Arc;

use super::{FieldIndex, Formula, ObjectIndex, OptionSet, Rollup};
use crate::column::ColumnKind;
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::label::{Label, Locale};
use crate::media::MediaType;
use crate::value::Value;

#[derive(Debug)]
pub struct Field {
    pub index: FieldIndex,
    /// Immutable identity; also the column name.
    pub id: Identifier,
    pub name: Identifier,
    pub aliases: Vec<Identifier>,
    pub label: Label,
    pub help: Label,
    pub kind: FieldKind,
    pub column: ColumnKind,
    pub required: bool,
    pub default: Option<DefaultValue>,
    pub unique: bool,
    pub external_id: bool,
    pub indexed: bool,
    /// May not change after create.
    pub immutable: bool,
    /// Its former values are kept where the object keeps any.
    pub history: bool,
    pub origin: Origin,
}

/// Who writes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// id, created_at …: the runtime.
    System,
    /// The formula or rollup engine, or a sequence.
    Computed,
    User,
}

impl Field {
    /// May a caller set it in a create or update body at all.
    pub fn writable(&self) -> bool {
        self.origin == Origin::User
    }
}

impl Field {
    pub fn label(&self, locale: Locale) -> String {
        self.label.or_name(locale, self.name.as_str())
    }
}

#[derive(Clone, Debug)]
pub enum DefaultValue {
    Value(Value),
    /// Evaluated at create with `actor`, `today()`, `now()`.
    Expression(Expression),
}

/// The resolved form of a field type. Limits are checked by `field_type`.
#[derive(Clone, Debug)]
pub enum FieldKind {
    Text(TextRule),
    LongText(TextRule),
    /// HTML, cleaned when it was written.
    RichText(TextRule),
    Markdown(TextRule),
    Email,
    Phone,
    Url,
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Decimal(DecimalRule),
    Money(DecimalRule),
    /// A fraction: 0.05 is 5 %.
    Percent(DecimalRule),
    Boolean,
    Date,
    DateTime,
    Time,
    Duration,
    Choice(Arc<OptionSet>),
    MultiChoice(Arc<OptionSet>),
    Tags(TagsRule),
    AutoNumber {
        sequence: usize,
    },
    Lookup(Relation),
    MasterDetail(Relation),
    /// A lookup to the platform object `user`.
    User(Relation),
    /// A lookup to the platform object `org_unit`.
    OrgUnit(Relation),
    Json,
    Geolocation,
    Address,
    /// The code of an administrative division.
    Region(TextRule),
    Barcode(Symbology),
    Color,
    /// From 0 to `max`.
    Rating {
        max: u8,
    },
    File(FileRule),
    Image(FileRule),
    /// A picture drawn by hand.
    Signature(FileRule),
    Formula(Box<Formula>),
    Rollup(Box<Rollup>),
    /// The record id itself.
    Id,
}

impl FieldKind {
    pub fn relation(&self) -> Option<&Relation> {
        match self {
            FieldKind::Lookup(r) | FieldKind::MasterDetail(r) | FieldKind::User(r) | FieldKind::OrgUnit(r) => Some(r),
            _ => None,
        }
    }

    pub fn options(&self) -> Option<&OptionSet> {
        match self {
            FieldKind::Choice(set) | FieldKind::MultiChoice(set) => Some(set),
            _ => None,
        }
    }

    /// What a file must be, of fields whose value is the id of one.
    pub fn file(&self) -> Option<&FileRule> {
        match self {
            FieldKind::File(rule) | FieldKind::Image(rule) | FieldKind::Signature(rule) => Some(rule),
            _ => None,
        }
    }

    /// Its files are shown as pictures.
    pub fn is_picture(&self) -> bool {
        matches!(self, FieldKind::Image(_) | FieldKind::Signature(_))
    }

    /// Its values are lists of texts.
    pub fn is_list(&self) -> bool {
        matches!(self, FieldKind::MultiChoice(_) | FieldKind::Tags(_))
    }

    pub fn is_computed(&self) -> bool {
        matches!(self, FieldKind::Formula(_) | FieldKind::Rollup(_))
    }
}

#[derive(Clone, Debug, Default)]
pub struct TextRule {
    /// In Unicode scalar values.
    pub max_length: Option<u32>,
    pub pattern: Option<Pattern>,
}

#[derive(Clone, Copy, Debug)]
pub struct TagsRule {
    pub max_count: u32,
    /// Of one tag, in Unicode scalar values.
    pub max_length: u32,
}

/// What may be uploaded for a field.
#[derive(Clone, Debug)]
pub struct FileRule {
    pub accept: Arc<[MediaType]>,
    pub max_bytes: u64,
    pub camera: Camera,
}

/// What phones offer for a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Camera {
    /// The camera among other places.
    Optional,
    Only,
}

/// How a barcode is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbology {
    Any,
    Ean13,
    Ean8,
    UpcA,
    Code128,
    Qr,
}

/// A linear-time regular expression, anchored to the whole value.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub source: String,
    pub regex: regex_lite::Regex,
}

#[derive(Clone, Debug)]
pub struct DecimalRule {
    pub scale: u8,
    pub min: Option<rust_decimal::Decimal>,
    pub max: Option<rust_decimal::Decimal>,
}

/// The near side of a lookup or master-detail.
#[derive(Clone, Debug)]
pub struct Relation {
    pub target: ObjectIndex,
    /// Name under which the target sees its children.
    pub collection: Identifier,
    pub on_delete: OnDelete,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    #[default]
    Restrict,
    Cascade,
    SetNull,
}
