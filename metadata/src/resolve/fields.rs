//! Stage 5: fields. Every object gets its system fields and its own, each with its kind and column.
//!
//! Formulas, rollups and defaults keep their expressions for later stages, which need all fields of all objects.

use std::collections::HashMap;
use std::sync::Arc;

use super::catalog::{Catalog, Item, is_platform};
use super::expressions::At;
use super::findings::Findings;
use super::{options, system};
use crate::column::{ColumnKind, DECIMAL_PRECISION};
use crate::document::field::FieldDocument;
use crate::document::object::{self, AdminAccess as AdminAccessDocument};
use crate::expression::{Expr, Expression};
use crate::field_type::{self, Attributes, Operator};
use crate::identifier::Identifier;
use crate::label::Label;
use crate::snapshot::{
    AdminAccess, DecimalRule, Field, FieldIndex, FieldKind, Formula, Layer, Object, ObjectIndex, OnDelete, OptionSet,
    Origin, Relation, Retention, Rollup, TextRule, platform_object, system_field,
};
use crate::source::join_pointer;
use crate::value::Value;

pub fn resolve(catalog: &Catalog<'_>, option_sets: &[Arc<OptionSet>], findings: &mut Findings) -> Vec<Object> {
    let each = catalog.objects.iter().enumerate();
    each.map(|(index, item)| resolve_object(ObjectIndex(index), item, (catalog, option_sets), findings)).collect()
}

type Known<'a, 'c> = (&'a Catalog<'c>, &'a [Arc<OptionSet>]);

fn resolve_object(
    index: ObjectIndex,
    item: &Item<'_, object::Object>,
    known: Known<'_, '_>,
    findings: &mut Findings,
) -> Object {
    let document = item.document;
    let mut fields = system::fields();
    let mut own: Vec<(&Identifier, &FieldDocument)> = item.body.fields.iter().collect();
    own.sort_by_key(|(_, field)| field.common.order.unwrap_or(u32::MAX));
    for (name, field) in own {
        let at = At::new(document, join_pointer("/fields", name.as_str()));
        let index = FieldIndex(fields.len());
        fields.push(resolve_field(index, (&document.name, name), field, &at, known, findings));
    }
    Object {
        index,
        id: document.id.clone(),
        name: document.name.clone(),
        label: document.label.clone(),
        layer: if is_platform(document) { Layer::Platform } else { document.layer },
        field_names: field_names(&fields),
        fields,
        record_name: system_field::ID,
        master: None,
        collections: Vec::new(),
        unique_keys: Vec::new(),
        indexes: Vec::new(),
        validation_rules: Vec::new(),
        state_machine: None,
        admin_access: match item.body.admin_access {
            Some(AdminAccessDocument::None) => AdminAccess::None,
            _ => AdminAccess::All,
        },
        history: item.body.history,
        retention: Retention {
            deleted_days: item.body.retention.deleted_days,
            history_days: item.body.retention.history_days,
        },
        search: Vec::new(),
        computed: Vec::new(),
        dependents: Vec::new(),
    }
}

/// Names win over aliases, aliases over ids: a rename keeps old references working and never captures a new name.
fn field_names(fields: &[Field]) -> HashMap<Identifier, FieldIndex> {
    let mut names: HashMap<Identifier, FieldIndex> = HashMap::new();
    for field in fields {
        names.entry(field.name.clone()).or_insert(field.index);
    }
    for field in fields {
        for alias in &field.aliases {
            names.entry(alias.clone()).or_insert(field.index);
        }
    }
    for field in fields {
        names.entry(field.id.clone()).or_insert(field.index);
    }
    names
}

fn resolve_field(
    index: FieldIndex,
    (object, name): (&Identifier, &Identifier),
    field: &FieldDocument,
    at: &At<'_>,
    known: Known<'_, '_>,
    findings: &mut Findings,
) -> Field {
    let common = &field.common;
    let kind = resolve_kind((object, name), field, at, known, findings).unwrap_or_else(|| {
        findings.mark_broken(name.as_str());
        FieldKind::Json
    });
    let column = column(&kind, &field.attributes);
    let computed = kind.is_computed() || matches!(kind, FieldKind::AutoNumber { .. });
    let resolved = Field {
        index,
        id: common.id.clone().unwrap_or_else(|| name.clone()),
        name: name.clone(),
        aliases: common.aliases.clone(),
        label: common.label.clone(),
        help: common.help.clone(),
        required: common.required || matches!(kind, FieldKind::MasterDetail(_)),
        kind,
        column,
        default: None,
        unique: common.unique || common.external_id,
        external_id: common.external_id,
        indexed: common.indexed,
        immutable: common.immutable,
        history: common.history,
        origin: if computed { Origin::Computed } else { Origin::User },
    };
    check_attributes(&resolved, field, at, findings);
    resolved
}

fn resolve_kind(
    (object, name): (&Identifier, &Identifier),
    field: &FieldDocument,
    at: &At<'_>,
    known: Known<'_, '_>,
    findings: &mut Findings,
) -> Option<FieldKind> {
    let catalog = known.0;
    let relation = |target: &Identifier, collection: &Option<Identifier>, on_delete, findings: &mut Findings| {
        let target = catalog.find_object(target, at.document, &at.key("target").pointer, findings)?;
        Some(Relation { target, collection: collection.clone().unwrap_or_else(|| object.clone()), on_delete })
    };
    let choice = |options: &Option<Vec<_>>, shared: &Option<Identifier>, findings: &mut Findings| {
        options::of_field(options.as_deref(), shared.as_ref(), known, (at.document, &at.pointer), findings)
    };
    Some(match &field.attributes {
        Attributes::Text(text) => FieldKind::Text(patterned(text.rule(), at, findings)?),
        Attributes::Region(region) => FieldKind::Region(patterned(region.rule(), at, findings)?),
        Attributes::LongText(text) => FieldKind::LongText(text.rule()),
        Attributes::RichText(text) => FieldKind::RichText(text.rule()),
        Attributes::Markdown(text) => FieldKind::Markdown(text.rule()),
        Attributes::Email(_) => FieldKind::Email,
        Attributes::Phone(_) => FieldKind::Phone,
        Attributes::Url(_) => FieldKind::Url,
        Attributes::Integer(integer) => FieldKind::Integer { min: integer.min, max: integer.max },
        Attributes::Decimal(decimal) => {
            check_precision(decimal.precision, decimal.rule().scale, at, findings);
            FieldKind::Decimal(decimal.rule())
        }
        Attributes::Money(money) => FieldKind::Money(money.rule()),
        Attributes::Percent(percent) => FieldKind::Percent(percent.rule()),
        Attributes::Boolean(_) => FieldKind::Boolean,
        Attributes::Date(_) => FieldKind::Date,
        Attributes::DateTime(_) => FieldKind::DateTime,
        Attributes::Time(_) => FieldKind::Time,
        Attributes::Duration(_) => FieldKind::Duration,
        Attributes::Choice(c) => FieldKind::Choice(choice(&c.options, &c.option_set, findings)?),
        Attributes::MultiChoice(c) => FieldKind::MultiChoice(choice(&c.options, &c.option_set, findings)?),
        Attributes::Tags(tags) => FieldKind::Tags(tags.rule()),
        Attributes::AutoNumber(number) => {
            FieldKind::AutoNumber { sequence: find_sequence(&number.sequence, at, catalog, findings)? }
        }
        Attributes::Lookup(lookup) => {
            let on_delete = lookup.on_delete.map_or(OnDelete::default(), OnDelete::from);
            FieldKind::Lookup(relation(&lookup.target, &lookup.collection, on_delete, findings)?)
        }
        Attributes::MasterDetail(detail) => {
            FieldKind::MasterDetail(relation(&detail.target, &detail.collection, OnDelete::Cascade, findings)?)
        }
        Attributes::User(user) => FieldKind::User(Relation {
            target: platform_object::USER,
            collection: user.collection.clone().unwrap_or_else(|| own_collection(object, name)),
            on_delete: user.on_delete.map_or(OnDelete::default(), OnDelete::from),
        }),
        Attributes::OrgUnit(unit) => FieldKind::OrgUnit(Relation {
            target: platform_object::ORG_UNIT,
            collection: unit.collection.clone().unwrap_or_else(|| own_collection(object, name)),
            on_delete: unit.on_delete.map_or(OnDelete::default(), OnDelete::from),
        }),
        Attributes::JsonText(_) => FieldKind::Json,
        Attributes::Geolocation(_) => FieldKind::Geolocation,
        Attributes::Address(_) => FieldKind::Address,
        Attributes::Barcode(barcode) => FieldKind::Barcode(barcode.rule()),
        Attributes::Color(_) => FieldKind::Color,
        Attributes::Rating(rating) => FieldKind::Rating { max: rating.max() },
        Attributes::File(file) => FieldKind::File(file.rule()),
        Attributes::Image(image) => FieldKind::Image(image.rule()),
        Attributes::Signature(_) => FieldKind::Signature(field_type::signature::Signature::rule()),
        Attributes::Formula(formula) => FieldKind::Formula(Box::new(Formula {
            expression: Expression {
                source: formula.expression.clone(),
                root: Expr::Literal(Value::Null),
                result: formula.result.expression_type(),
            },
            scale: formula.scale(),
        })),
        // Object, route and filter are filled in by the rollup and formula stages.
        Attributes::Rollup(rollup) => FieldKind::Rollup(Box::new(Rollup {
            object: platform_object::USER,
            via: system_field::ID,
            function: rollup.function.into(),
            field: None,
            filter: None,
            scale: 0,
        })),
    })
}

fn patterned(rule: Result<TextRule, String>, at: &At<'_>, findings: &mut Findings) -> Option<TextRule> {
    rule.map_err(|message| findings.error(at.document, &at.key("pattern").pointer, "invalid_pattern", message)).ok()
}

/// One object often has several user or unit fields, so its name alone would not do.
fn own_collection(object: &Identifier, field: &Identifier) -> Identifier {
    let mut name = format!("{object}_{field}");
    name.truncate(crate::identifier::MAX_LENGTH);
    Identifier::new(&name).unwrap_or_else(|_| object.clone())
}

fn find_sequence(name: &Identifier, at: &At<'_>, catalog: &Catalog<'_>, findings: &mut Findings) -> Option<usize> {
    let position = catalog.sequences.iter().position(|item| item.document.name == *name);
    let position = position.or_else(|| catalog.sequences.iter().position(|item| item.document.id == *name));
    if position.is_none() {
        let known = catalog.sequences.iter().map(|item| item.document.name.as_str());
        let message = format!("there is no sequence `{name}`");
        findings.unknown(at.document, &at.key("sequence").pointer, "unknown_sequence", message, name.as_str(), known);
    }
    position
}

fn column(kind: &FieldKind, attributes: &Attributes) -> ColumnKind {
    match kind {
        FieldKind::Text(_)
        | FieldKind::LongText(_)
        | FieldKind::RichText(_)
        | FieldKind::Markdown(_)
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Url
        | FieldKind::Region(_)
        | FieldKind::Barcode(_)
        | FieldKind::Color => ColumnKind::Text,
        FieldKind::Choice(_) => field_type::choice::COLUMN,
        FieldKind::AutoNumber { .. } => field_type::auto_number::COLUMN,
        FieldKind::Integer { .. } => field_type::integer::COLUMN,
        FieldKind::Rating { .. } => field_type::rating::COLUMN,
        FieldKind::Decimal(rule) => field_type::decimal::column(rule),
        FieldKind::Money(rule) => field_type::money::column(rule),
        FieldKind::Percent(rule) => field_type::percent::column(rule),
        FieldKind::Boolean => field_type::boolean::COLUMN,
        FieldKind::Date => field_type::date::COLUMN,
        FieldKind::DateTime => field_type::datetime::COLUMN,
        FieldKind::Time => field_type::time::COLUMN,
        FieldKind::Duration => field_type::duration::COLUMN,
        FieldKind::Lookup(_)
        | FieldKind::MasterDetail(_)
        | FieldKind::User(_)
        | FieldKind::OrgUnit(_)
        | FieldKind::File(_)
        | FieldKind::Image(_)
        | FieldKind::Signature(_)
        | FieldKind::Id => ColumnKind::Id,
        FieldKind::MultiChoice(_)
        | FieldKind::Tags(_)
        | FieldKind::Json
        | FieldKind::Geolocation
        | FieldKind::Address => ColumnKind::Json,
        FieldKind::Formula(_) => match attributes {
            Attributes::Formula(formula) => formula.column(),
            _ => ColumnKind::Text,
        },
        // Known once the child's fields are; the rollup stage sets it.
        FieldKind::Rollup(_) => ColumnKind::Integer,
    }
}

fn check_precision(precision: Option<u8>, scale: u8, at: &At<'_>, findings: &mut Findings) {
    let precision = precision.unwrap_or(DECIMAL_PRECISION);
    if scale > precision {
        let message = format!("the scale {scale} is larger than the precision {precision}");
        findings.error(at.document, &at.key("scale").pointer, "out_of_range", message);
    }
}

/// Combinations that could never do what they say.
fn check_attributes(field: &Field, written: &FieldDocument, at: &At<'_>, findings: &mut Findings) {
    let mut refuse = |key: &str, message: &str| {
        findings.key_error(at.document, &at.key(key).pointer, "not_allowed", message);
    };
    let common = &written.common;
    if field.kind.is_computed() {
        if common.required {
            refuse("required", "a computed field cannot be required");
        }
        if common.default.is_some() {
            refuse("default", "a computed field has no default");
        }
        if field.unique {
            refuse(if common.unique { "unique" } else { "external_id" }, "a computed field cannot be unique");
        }
    }
    if field.kind.file().is_some() && common.default.is_some() {
        refuse("default", "a file belongs to one record, so it is no default");
    }
    let comparable = field_type::operators(field).contains(&Operator::Eq);
    if !comparable && field.unique {
        refuse(
            if common.unique { "unique" } else { "external_id" },
            "values of this type cannot be compared for uniqueness",
        );
    }
    if !comparable && field.indexed {
        refuse("indexed", "values of this type cannot be indexed");
    }
    let set_null = field.kind.relation().is_some_and(|relation| relation.on_delete == OnDelete::SetNull);
    if set_null && field.required {
        refuse("on_delete", "`set_null` cannot work on a required field");
    }
    let inverted = match &field.kind {
        FieldKind::Integer { min: Some(min), max: Some(max) } => min > max,
        FieldKind::Decimal(rule) | FieldKind::Money(rule) | FieldKind::Percent(rule) => is_inverted(rule),
        _ => false,
    };
    if inverted {
        refuse("min", "`min` is larger than `max`");
    }
    if let Label::Plain(text) = &field.label
        && text.trim().is_empty()
    {
        refuse("label", "a label has text");
    }
}

fn is_inverted(rule: &DecimalRule) -> bool {
    matches!((rule.min, rule.max), (Some(min), Some(max)) if min > max)
}
