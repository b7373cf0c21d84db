//! `record.loan.days` and `actor.id`: names to positions.

use super::{Checker, Expr, Root, Term, Type};
use crate::column::ColumnKind;
use crate::diagnostic::nearest;
use crate::expression::{ActorAttribute, FieldPath};
use crate::snapshot::{Field, FieldKind, Object, RollupFunction};

impl<'a> Checker<'a> {
    /// `names` has at least one entry: each with its place in the source.
    pub(super) fn path(&mut self, root: Root, start: usize, names: &[(&str, usize)]) -> Option<Term<'a>> {
        let mut object = &self.scope.objects[self.scope.record.0];
        let mut steps = Vec::with_capacity(names.len());
        let mut last: Option<&'a Field> = None;
        for (name, offset) in names {
            if let Some(field) = last {
                let Some(relation) = field.kind.relation() else {
                    let message = format!("`{}` is not a lookup, so it has no field `{name}`", field.name);
                    return self.fail(*offset, "unknown_field", message, None);
                };
                object = &self.scope.objects[relation.target.0];
            }
            let Some(field) = object.field_by_name(name) else {
                return self.fail(
                    *offset,
                    "unknown_field",
                    format!("`{}` has no field `{name}`", object.name),
                    field_help(object, name),
                );
            };
            steps.push(field.index);
            last = Some(field);
        }
        let hops = steps.len().saturating_sub(1);
        if hops > self.scope.max_hops {
            let message = format!("The path crosses {hops} lookups; at most {} are allowed here", self.scope.max_hops);
            let help = "bring the value nearer with a formula field on the object in between".to_owned();
            return self.fail(start, "too_many_lookups", message, help);
        }
        let field = last?;
        let path = FieldPath { object: self.scope.record, steps };
        Some(Term {
            offset: start,
            expr: Expr::Field(root, path),
            kind: field_type(field),
            options: field.kind.options(),
        })
    }

    pub(super) fn actor_attribute(&mut self, start: usize, names: &[(&str, usize)]) -> Option<Term<'a>> {
        let (attribute, kind) = match names {
            [("id", _)] => (ActorAttribute::Id, Type::Id),
            [("org_unit_id" | "unit", _)] => (ActorAttribute::OrgUnitId, Type::Id),
            [("name", _)] => (ActorAttribute::Name, Type::Text),
            [("email", _)] => (ActorAttribute::Email, Type::Text),
            _ => {
                let name = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".");
                return self.fail(
                    names.first().map_or(start, |(_, offset)| *offset),
                    "unknown_field",
                    format!("`actor` has no `{name}`"),
                    "it has id, name, email, org_unit_id and has_role('…')".to_owned(),
                );
            }
        };
        self.allow_volatile(start, "actor")?;
        Some(Term::new(start, Expr::Actor(attribute), kind))
    }
}

fn field_help(object: &Object, name: &str) -> Option<String> {
    if object.collection(name).is_some() {
        return Some(format!("`{name}` are child records: sum or count them with a rollup field"));
    }
    let names = object.fields.iter().map(|field| field.name.as_str());
    nearest(name, names).map(|name| format!("did you mean `{name}`?"))
}

/// What a field's values are to an expression.
fn field_type(field: &Field) -> Type {
    match &field.kind {
        FieldKind::Text(_)
        | FieldKind::LongText(_)
        | FieldKind::RichText(_)
        | FieldKind::Markdown(_)
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Url
        | FieldKind::Choice(_)
        | FieldKind::Region(_)
        | FieldKind::Barcode(_)
        | FieldKind::Color
        | FieldKind::AutoNumber { .. } => Type::Text,
        FieldKind::Integer { .. } | FieldKind::Rating { .. } | FieldKind::Duration => Type::Integer,
        FieldKind::Decimal(_) | FieldKind::Money(_) | FieldKind::Percent(_) => Type::Decimal,
        FieldKind::Boolean => Type::Boolean,
        FieldKind::Date => Type::Date,
        FieldKind::DateTime => Type::DateTime,
        FieldKind::Time => Type::Time,
        FieldKind::MultiChoice(_) | FieldKind::Tags(_) => Type::List,
        FieldKind::Lookup(_)
        | FieldKind::MasterDetail(_)
        | FieldKind::User(_)
        | FieldKind::OrgUnit(_)
        | FieldKind::File(_)
        | FieldKind::Image(_)
        | FieldKind::Signature(_)
        | FieldKind::Id => Type::Id,
        FieldKind::Json | FieldKind::Geolocation | FieldKind::Address => Type::Json,
        FieldKind::Rollup(rollup) if rollup.function == RollupFunction::Count => Type::Integer,
        // Computed values are stored, so the column says what they are.
        FieldKind::Formula(_) | FieldKind::Rollup(_) => match field.column {
            ColumnKind::Text => Type::Text,
            ColumnKind::Integer | ColumnKind::Duration => Type::Integer,
            ColumnKind::Decimal { .. } => Type::Decimal,
            ColumnKind::Boolean => Type::Boolean,
            ColumnKind::Date => Type::Date,
            ColumnKind::DateTime => Type::DateTime,
            ColumnKind::Time => Type::Time,
            ColumnKind::Id => Type::Id,
            ColumnKind::Json => Type::Json,
        },
    }
}
