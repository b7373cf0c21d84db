//! Expressions of documents: each use has its scope, and each finding its place inside the text.

use super::findings::Findings;
use crate::column::ColumnKind;
use crate::document::Document;
use crate::expression::{self, Expression, ExpressionError, Scope, Type};
use crate::predicate::Predicate;
use crate::snapshot::{Field, Object, ObjectIndex};

/// What an expression is for, which decides what it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Stored, so the same today and tomorrow, for everyone; kept current over more lookups than a condition asks.
    Stored,
    /// Evaluated for the actor on the record as it will be.
    Condition,
    /// The same, with the record as it was.
    Change,
}

/// A string in a document.
#[derive(Clone, Debug)]
pub struct At<'d> {
    pub document: &'d Document,
    pub pointer: String,
}

impl<'d> At<'d> {
    pub fn new(document: &'d Document, pointer: impl Into<String>) -> Self {
        Self { document, pointer: pointer.into() }
    }

    pub fn key(&self, key: impl std::fmt::Display) -> Self {
        Self { document: self.document, pointer: format!("{}/{key}", self.pointer) }
    }
}

/// Compiles against objects whose fields are all known.
#[derive(Clone, Copy, Debug)]
pub struct Compiler<'o> {
    pub objects: &'o [Object],
}

impl<'o> Compiler<'o> {
    pub fn new(objects: &'o [Object]) -> Self {
        Self { objects }
    }

    pub fn object(&self, index: ObjectIndex) -> &'o Object {
        &self.objects[index.0]
    }

    pub fn compile(
        &self,
        source: &str,
        (object, use_): (ObjectIndex, Use),
        expected: Type,
        at: &At<'_>,
        findings: &mut Findings,
    ) -> Option<Expression> {
        let scope = self.scope(object, use_);
        match expression::compile(source, &scope, Some(expected)) {
            Ok(expression) => Some(expression),
            Err(errors) => {
                for error in errors {
                    report(error, source, at, findings);
                }
                None
            }
        }
    }

    /// A condition that is true or false.
    pub fn condition(
        &self,
        source: &str,
        of: (ObjectIndex, Use),
        at: &At<'_>,
        findings: &mut Findings,
    ) -> Option<Expression> {
        self.compile(source, of, Type::Boolean, at, findings)
    }

    /// A condition rows are selected by.
    pub fn predicate(
        &self,
        source: &str,
        object: ObjectIndex,
        at: &At<'_>,
        findings: &mut Findings,
    ) -> Option<Predicate> {
        let expression = self.condition(source, (object, Use::Condition), at, findings)?;
        self.lowered(&expression, (object, Use::Condition), at, findings)
    }

    /// The form of a condition that a database can run.
    pub fn lowered(
        &self,
        expression: &Expression,
        (object, use_): (ObjectIndex, Use),
        at: &At<'_>,
        findings: &mut Findings,
    ) -> Option<Predicate> {
        expression::lower(expression, &self.scope(object, use_))
            .map_err(|error| report(error, &expression.source, at, findings))
            .ok()
    }

    fn scope(&self, record: ObjectIndex, use_: Use) -> Scope<'o> {
        let max_hops = if use_ == Use::Stored { expression::STORED_HOPS } else { 2 };
        let volatile = use_ != Use::Stored;
        Scope { objects: self.objects, record, previous: use_ == Use::Change, max_hops, volatile }
    }
}

fn report(error: ExpressionError, source: &str, at: &At<'_>, findings: &mut Findings) {
    if findings.mentions_broken(source) {
        return;
    }
    findings.error(at.document, &at.pointer, error.code, error.message);
    if let Some(help) = error.help {
        findings.help(help);
    }
    findings.shift_column(1 + written_width(source, error.offset));
}

/// Characters that the first `offset` characters of a text take inside a JSON string.
fn written_width(source: &str, offset: usize) -> usize {
    source.chars().take(offset).map(|c| if matches!(c, '"' | '\\' | '\n' | '\r' | '\t') { 2 } else { 1 }).sum()
}

/// The type of the field's values in expressions.
pub fn value_type(field: &Field) -> Type {
    match field.column {
        ColumnKind::Text => Type::Text,
        ColumnKind::Integer | ColumnKind::Duration => Type::Integer,
        ColumnKind::Decimal { .. } => Type::Decimal,
        ColumnKind::Boolean => Type::Boolean,
        ColumnKind::Date => Type::Date,
        ColumnKind::DateTime => Type::DateTime,
        ColumnKind::Time => Type::Time,
        ColumnKind::Id => Type::Id,
        ColumnKind::Json if field.kind.is_list() => Type::List,
        ColumnKind::Json => Type::Json,
    }
}
