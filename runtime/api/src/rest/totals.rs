//! Aggregates of a query to the request form: groups, measures, which groups stay and in which order.
//!
//! Order and `having` speak of the columns of the answer, by their names there.

use std::collections::HashSet;

use trellis_metadata::column::ColumnKind;
use trellis_metadata::diagnostic::nearest;
use trellis_metadata::expression::{CompareOp, FieldPath};
use trellis_metadata::snapshot::Field;
use trellis_metadata::value::Value;
use trellis_plan::request::{Bucket, Having, Measure, TotalColumn, TotalOrder, TotalSource};

use super::grammar::{Condition, Function, GroupKey, Item, Key, Operand, Test};
use super::names::Scope;
use super::value;
use crate::error_code::ErrorCode;
use crate::problem::FieldError;

/// Lookups a group key may follow.
const MAX_HOPS: usize = 3;
const BUCKETS: [(&str, Bucket); 5] = [
    ("day", Bucket::Day),
    ("week", Bucket::Week),
    ("month", Bucket::Month),
    ("quarter", Bucket::Quarter),
    ("year", Bucket::Year),
];
const OPERATORS: &str = "eq, neq, gt, gte, lt, lte, in, is, each also after `not.`";

/// The columns of an answer, as they are collected.
pub struct Totals<'a> {
    scope: Scope<'a>,
    pub columns: Vec<TotalColumn>,
    /// By position.
    kinds: Vec<ColumnKind>,
    pub having: Having,
    pub order: Vec<TotalOrder>,
    taken: HashSet<String>,
}

impl<'a> Totals<'a> {
    pub fn new(scope: Scope<'a>) -> Self {
        let (columns, kinds, order) = (Vec::new(), Vec::new(), Vec::new());
        Self { scope, columns, kinds, having: Having::Always, order, taken: HashSet::new() }
    }

    /// `group=`
    pub fn group(&mut self, keys: &[GroupKey], findings: &mut Vec<FieldError>) {
        for key in keys {
            match self.resolve(&key.path) {
                Ok((path, kind, bucket)) => {
                    let name = key.alias.clone().unwrap_or_else(|| key.path.join("_"));
                    self.add(name, TotalSource::Group { path, bucket }, kind, "?group", findings);
                }
                Err(finding) => findings.push(finding),
            }
        }
    }

    /// `select=`: plain fields are groups.
    pub fn select(&mut self, items: &[Item], findings: &mut Vec<FieldError>) {
        const POINTER: &str = "?select";
        for item in items {
            let refused = |feature: &str| FieldError::new(ErrorCode::Unsupported, POINTER).with("feature", feature);
            match item {
                Item::All => findings.push(refused("`*` beside an aggregate")),
                Item::Embed { .. } => findings.push(refused("A related record beside an aggregate")),
                Item::Field { alias, field } => {
                    match self.scope.field(field, POINTER).and_then(|f| groupable(f, POINTER)) {
                        Ok(found) => {
                            let path = FieldPath { object: self.scope.object.index, steps: vec![found.index] };
                            let name = alias.clone().unwrap_or_else(|| field.clone());
                            let source = TotalSource::Group { path, bucket: None };
                            self.add(name, source, found.column, POINTER, findings);
                        }
                        Err(finding) => findings.push(finding),
                    }
                }
                Item::Aggregate { alias, field, function } => {
                    match self.measure(field.as_deref(), *function, POINTER) {
                        Ok((source, kind)) => {
                            let name = alias.clone().unwrap_or_else(|| function.name().to_owned());
                            self.add(name, source, kind, POINTER, findings);
                        }
                        Err(finding) => findings.push(finding),
                    }
                }
            }
        }
    }

    /// `having=`
    pub fn having(&mut self, conditions: &[Condition], findings: &mut Vec<FieldError>) {
        self.having = Having::And(self.tests(conditions, findings));
    }

    /// `order=`
    pub fn order(&mut self, keys: &[Key], findings: &mut Vec<FieldError>) {
        for key in keys {
            match self.column(&key.field, "?order") {
                Ok(column) => {
                    self.order.push(TotalOrder { column, descending: key.descending, nulls: key.nulls });
                }
                Err(finding) => findings.push(finding),
            }
        }
    }

    fn add(
        &mut self,
        name: String,
        source: TotalSource,
        kind: ColumnKind,
        pointer: &str,
        findings: &mut Vec<FieldError>,
    ) {
        if !self.taken.insert(name.clone()) {
            findings.push(FieldError::new(ErrorCode::DuplicateName, pointer).with("name", &name));
        }
        self.columns.push(TotalColumn { name, source });
        self.kinds.push(kind);
    }

    /// A field, a field behind lookups, or a piece of the calendar of either.
    fn resolve(&self, names: &[String]) -> Result<(FieldPath, ColumnKind, Option<Bucket>), FieldError> {
        const POINTER: &str = "?group";
        let mut scope = self.scope;
        let mut path = FieldPath { object: scope.object.index, steps: Vec::new() };
        let mut rest = names.iter();
        while let Some(name) = rest.next() {
            let field = scope.field(name, POINTER)?;
            path.steps.push(field.index);
            match (rest.as_slice(), field.kind.relation()) {
                ([], _) => return groupable(field, POINTER).map(|field| (path, field.column, None)),
                ([word], None) => {
                    let bucket = bucket(field, word, POINTER)?;
                    return Ok((path, ColumnKind::Date, Some(bucket)));
                }
                (_, Some(relation)) if path.steps.len() <= MAX_HOPS => {
                    scope = scope.at(relation.target).ok_or_else(|| unknown_relation(scope, name, POINTER))?;
                }
                _ => return Err(unknown_relation(scope, name, POINTER)),
            }
        }
        Err(FieldError::new(ErrorCode::Required, POINTER))
    }

    fn measure(
        &self,
        field: Option<&str>,
        function: Function,
        pointer: &str,
    ) -> Result<(TotalSource, ColumnKind), FieldError> {
        let Some(name) = field else { return Ok((TotalSource::Count(None), ColumnKind::Integer)) };
        let field = self.scope.field(name, pointer)?;
        let measure =
            |function: Measure, kind: ColumnKind| Ok((TotalSource::Measure { function, field: field.index }, kind));
        let scale = match field.column {
            ColumnKind::Integer => Some(0),
            ColumnKind::Decimal { scale } => Some(scale),
            _ => None,
        };
        let is_ordered = !matches!(field.column, ColumnKind::Json | ColumnKind::Boolean | ColumnKind::Id);
        match (function, scale) {
            (Function::Count, _) => Ok((TotalSource::Count(Some(field.index)), ColumnKind::Integer)),
            (Function::Sum, Some(_)) => measure(Measure::Sum, field.column),
            (Function::Avg, Some(scale)) => measure(Measure::Avg, ColumnKind::Decimal { scale: scale + 4 }),
            (Function::Min, _) if is_ordered => measure(Measure::Min, field.column),
            (Function::Max, _) if is_ordered => measure(Measure::Max, field.column),
            _ => {
                let supported = if is_ordered { "count(), min(), max()" } else { "count()" };
                Err(FieldError::new(ErrorCode::OperatorNotApplicable, pointer)
                    .with("operator", function.name())
                    .with("name", &field.name)
                    .with("supported", supported))
            }
        }
    }

    /// Position of a column of the answer.
    fn column(&self, name: &str, pointer: &str) -> Result<usize, FieldError> {
        let names = || self.columns.iter().map(|column| column.name.as_str());
        names().position(|column| column == name).ok_or_else(|| {
            FieldError::new(ErrorCode::UnknownColumn, pointer).with("name", name).suggest(nearest(name, names()))
        })
    }

    fn tests(&self, conditions: &[Condition], findings: &mut Vec<FieldError>) -> Vec<Having> {
        conditions.iter().map(|condition| self.condition(condition, findings)).collect()
    }

    fn condition(&self, condition: &Condition, findings: &mut Vec<FieldError>) -> Having {
        match condition {
            Condition::And(all) => Having::And(self.tests(all, findings)),
            Condition::Or(any) => Having::Or(self.tests(any, findings)),
            Condition::Not(inner) => Having::Not(Box::new(self.condition(inner, findings))),
            Condition::Test { field, test } => self.test(field, test).unwrap_or_else(|finding| {
                findings.push(finding);
                Having::Always
            }),
        }
    }

    fn test(&self, name: &str, test: &Test) -> Result<Having, FieldError> {
        const POINTER: &str = "?having";
        let column = self.column(name, POINTER)?;
        let read = |text: &String| {
            value::from_text(self.kinds[column], text).ok_or_else(|| invalid(name, text, self.kinds[column]))
        };
        let compare = |op: CompareOp, text: &String| Ok(Having::Compare { column, op, value: read(text)? });
        let positive = match (test.operator.as_str(), &test.operand) {
            ("eq", Operand::One(text)) => compare(CompareOp::Eq, text)?,
            ("neq", Operand::One(text)) => compare(CompareOp::Ne, text)?,
            ("gt", Operand::One(text)) => compare(CompareOp::Gt, text)?,
            ("gte", Operand::One(text)) => compare(CompareOp::Ge, text)?,
            ("lt", Operand::One(text)) => compare(CompareOp::Lt, text)?,
            ("lte", Operand::One(text)) => compare(CompareOp::Le, text)?,
            ("is", Operand::One(text)) if text == "null" => Having::IsNull(column),
            ("is", Operand::One(text)) if text == "not_null" => Having::Not(Box::new(Having::IsNull(column))),
            ("in", Operand::Many(items)) => {
                let values = items.iter().map(read).collect::<Result<Vec<Value>, _>>()?;
                Having::In { column, values }
            }
            (operator, _) => {
                return Err(FieldError::new(ErrorCode::UnknownOperator, POINTER)
                    .with("name", operator)
                    .with("supported", OPERATORS));
            }
        };
        Ok(if test.negated { Having::Not(Box::new(positive)) } else { positive })
    }
}

fn invalid(name: &str, text: &str, kind: ColumnKind) -> FieldError {
    let expected = match kind {
        ColumnKind::Integer => "whole numbers",
        ColumnKind::Duration => "durations such as PT1H30M",
        ColumnKind::Decimal { .. } => "numbers",
        ColumnKind::Boolean => "true, false",
        ColumnKind::Date => "dates such as 2026-03-01",
        ColumnKind::DateTime => "instants such as 2026-03-01T08:00:00Z",
        ColumnKind::Time => "times such as 08:30:00",
        ColumnKind::Id => "ids",
        ColumnKind::Text | ColumnKind::Json => "texts",
    };
    FieldError::new(ErrorCode::InvalidValue, "?having")
        .with("value", text)
        .with("expected", expected)
        .with("name", name)
}

/// Structures cannot be told apart.
fn groupable<'f>(field: &'f Field, pointer: &str) -> Result<&'f Field, FieldError> {
    if field.column != ColumnKind::Json {
        return Ok(field);
    }
    Err(FieldError::new(ErrorCode::OperatorNotApplicable, pointer)
        .with("operator", "group")
        .with("name", &field.name)
        .with("supported", "count()"))
}

fn bucket(field: &Field, word: &str, pointer: &str) -> Result<Bucket, FieldError> {
    let is_dated = matches!(field.column, ColumnKind::Date | ColumnKind::DateTime);
    let known = BUCKETS.iter().find(|(name, _)| *name == word).filter(|_| is_dated);
    known.map(|(_, bucket)| *bucket).ok_or_else(|| {
        let names: Vec<&str> = BUCKETS.iter().map(|(name, _)| *name).collect();
        let supported = if is_dated { names.join(", ") } else { "its own values alone".to_owned() };
        FieldError::new(ErrorCode::OperatorNotApplicable, pointer)
            .with("operator", word)
            .with("name", &field.name)
            .with("supported", supported)
            .suggest(nearest(word, names.into_iter().filter(|_| is_dated)))
    })
}

/// A lookup whose records the caller may not read is as good as none.
fn unknown_relation(scope: Scope<'_>, name: &str, pointer: &str) -> FieldError {
    FieldError::new(ErrorCode::UnknownRelation, pointer).with("object", &scope.object.name).with("name", name)
}
