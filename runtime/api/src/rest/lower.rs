//! Syntax trees to the request form, names and values resolved for one caller.

use std::collections::HashSet;
use std::sync::Arc;

use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::{CompareOp, FieldPath};
use trellis_metadata::field_type::{self, Operator};
use trellis_metadata::predicate::{Case, Operand as Side, Predicate};
use trellis_metadata::snapshot::{Field, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::{
    DEFAULT_LIMIT, Embed, EmbedRelation, MAX_LIMIT, OrderKey, SelectColumn, SelectRequest, Trash,
};

use super::grammar::{Condition, Function, Item, Join, Key, Operand, Test};
use super::names::Scope;
use super::value;
use crate::error_code::ErrorCode;
use crate::problem::FieldError;

pub const OPERATORS: &str =
    "eq, neq, gt, gte, lt, lte, like, ilike, in, is, cs, cd, ov, isdistinct, each also after `not.`";

/// What `select=` asks for; every finding, not the first.
pub fn select(scope: Scope<'_>, items: &[Item], pointer: &str, findings: &mut Vec<FieldError>) -> SelectRequest {
    let mut request = empty(scope);
    let mut taken = HashSet::new();
    let mut claim = |name: &str, findings: &mut Vec<FieldError>| {
        if !taken.insert(name.to_owned()) {
            findings.push(FieldError::new(ErrorCode::DuplicateName, pointer).with("name", name));
        }
    };
    for item in items {
        match item {
            Item::All => {}
            Item::Field { alias, field } => match scope.field(field, pointer) {
                Ok(found) => {
                    let name = alias.as_deref().unwrap_or(field);
                    claim(name, findings);
                    request.columns.push(SelectColumn { field: found.index, name: name.to_owned() });
                }
                Err(finding) => findings.push(finding),
            },
            Item::Aggregate { .. } => {
                let feature = "An aggregate here, other than `count()` alone in a collection,";
                findings.push(FieldError::new(ErrorCode::Unsupported, pointer).with("feature", feature));
            }
            Item::Embed { alias, relation, join, items } => match scope.relation(relation, pointer) {
                Ok((kind, target)) => {
                    let name = alias.as_deref().unwrap_or(relation);
                    claim(name, findings);
                    let count = counted(kind, target, items);
                    let inner = if count.is_some() { empty(target) } else { select(target, items, pointer, findings) };
                    request.embeds.push(Embed { count, ..embed(name, kind, *join, inner) });
                }
                Err(finding) => findings.push(finding),
            },
        }
    }
    if items.contains(&Item::All) {
        add_all(scope, &mut request, &taken);
    }
    request
}

/// `lines(count())`, or `lines(count)` as clients of old write it: the name of the number.
fn counted(relation: EmbedRelation, target: Scope<'_>, items: &[Item]) -> Option<String> {
    let (EmbedRelation::Many { .. }, [item]) = (relation, items) else { return None };
    let alias = match item {
        Item::Aggregate { alias, field: None, function: Function::Count } => alias,
        Item::Field { alias, field } if field == "count" && target.find_field(field).is_none() => alias,
        _ => return None,
    };
    Some(alias.clone().unwrap_or_else(|| "count".to_owned()))
}

/// `*`: what the caller may read, behind what he asked for by name. An embed named like its lookup takes its place.
fn add_all(scope: Scope<'_>, request: &mut SelectRequest, taken: &HashSet<String>) {
    let named = std::mem::take(&mut request.columns);
    let all = scope.readable_fields().filter(|field| field.index != system_field::DELETED_AT);
    let all = all.filter(|field| !taken.contains(field.name.as_str()));
    request.columns.extend(all.map(|field| SelectColumn { field: field.index, name: field.name.to_string() }));
    request.columns.extend(named);
}

pub fn empty(scope: Scope<'_>) -> SelectRequest {
    SelectRequest {
        object: scope.object.index,
        columns: Vec::new(),
        embeds: Vec::new(),
        filter: Predicate::Always(true),
        order: Vec::new(),
        limit: DEFAULT_LIMIT,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    }
}

fn embed(name: &str, relation: EmbedRelation, join: Join, mut request: SelectRequest) -> Embed {
    request.limit = match relation {
        EmbedRelation::One { .. } => 1,
        EmbedRelation::Many { .. } => MAX_LIMIT,
    };
    Embed { name: name.to_owned(), relation, request: Box::new(request), count: None, inner: join == Join::Inner }
}

pub fn order(scope: Scope<'_>, keys: &[Key], pointer: &str) -> Result<Vec<OrderKey>, Vec<FieldError>> {
    let mut found = Vec::new();
    let mut findings = Vec::new();
    for key in keys {
        match scope.field(&key.field, pointer) {
            Ok(field) if matches!(field.column, ColumnKind::Json) => {
                findings.push(not_applicable("order", field, pointer));
            }
            Ok(field) => {
                found.push(OrderKey { field: field.index, descending: key.descending, nulls: key.nulls });
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() { Ok(found) } else { Err(findings) }
}

pub fn condition(scope: Scope<'_>, tree: &Condition, pointer: &str, findings: &mut Vec<FieldError>) -> Predicate {
    match tree {
        Condition::Test { field, test: tested } => match scope.field(field, pointer) {
            Ok(field) => test(scope, field, tested, pointer).unwrap_or_else(|finding| refuse(finding, findings)),
            Err(finding) => refuse(finding, findings),
        },
        Condition::And(all) => Predicate::And(conditions(scope, all, pointer, findings)),
        Condition::Or(any) => Predicate::Or(conditions(scope, any, pointer, findings)),
        Condition::Not(inner) => Predicate::Not(Box::new(condition(scope, inner, pointer, findings))),
    }
}

fn conditions(scope: Scope<'_>, trees: &[Condition], pointer: &str, findings: &mut Vec<FieldError>) -> Vec<Predicate> {
    trees.iter().map(|tree| condition(scope, tree, pointer, findings)).collect()
}

fn refuse(finding: FieldError, findings: &mut Vec<FieldError>) -> Predicate {
    findings.push(finding);
    Predicate::Always(false)
}

/// One `field=op.operand`.
pub fn test(scope: Scope<'_>, field: &Field, test: &Test, pointer: &str) -> Result<Predicate, FieldError> {
    let path = FieldPath { object: scope.object.index, steps: vec![field.index] };
    let positive = Comparison { field, left: Side::Field(path), pointer }.apply(&test.operator, &test.operand)?;
    Ok(if test.negated { Predicate::Not(Box::new(positive)) } else { positive })
}

struct Comparison<'a> {
    field: &'a Field,
    left: Side,
    pointer: &'a str,
}

impl Comparison<'_> {
    fn apply(self, operator: &str, operand: &Operand) -> Result<Predicate, FieldError> {
        let known = Operator::from_name(if operator == "isdistinct" { "neq" } else { operator });
        let known = known.ok_or_else(|| self.unknown_operator(operator))?;
        if !field_type::operators(self.field).contains(&known) {
            return Err(not_applicable(operator, self.field, self.pointer));
        }
        match (operator, operand) {
            ("eq", Operand::One(text)) => self.compare(CompareOp::Eq, text),
            ("neq", Operand::One(text)) => self.compare(CompareOp::Ne, text),
            ("gt", Operand::One(text)) => self.compare(CompareOp::Gt, text),
            ("gte", Operand::One(text)) => self.compare(CompareOp::Ge, text),
            ("lt", Operand::One(text)) => self.compare(CompareOp::Lt, text),
            ("lte", Operand::One(text)) => self.compare(CompareOp::Le, text),
            ("like", Operand::One(text)) => Ok(self.like(text, Case::Sensitive)),
            ("ilike", Operand::One(text)) => Ok(self.like(text, Case::Insensitive)),
            ("is", Operand::One(text)) => self.null_test(text),
            ("isdistinct", Operand::One(text)) => self.distinct(text),
            ("in", Operand::Many(items)) => self.one_of(items),
            ("cs", Operand::Many(codes)) => Ok(self.contains(codes)),
            ("cd", Operand::Many(codes)) => Ok(Predicate::Within { left: self.left, codes: shared(codes) }),
            ("ov", Operand::Many(codes)) => Ok(self.overlaps(codes)),
            _ => Err(self.unknown_operator(operator)),
        }
    }

    fn compare(self, op: CompareOp, text: &str) -> Result<Predicate, FieldError> {
        let value = value::parse(self.field, text, self.pointer)?;
        Ok(Predicate::Compare { left: self.left, op, right: Side::Value(value) })
    }

    /// `*` stands for `%`, so that a pattern needs no escaping in a URL.
    fn like(self, text: &str, case: Case) -> Predicate {
        Predicate::Like { left: self.left, pattern: text.replace('*', "%").into(), case }
    }

    /// Never unknown, as in SQL.
    fn null_test(self, text: &str) -> Result<Predicate, FieldError> {
        let null = Predicate::IsNull(self.left.clone());
        match text.to_ascii_lowercase().as_str() {
            "null" => Ok(null),
            "not_null" => Ok(Predicate::Not(Box::new(null))),
            "unknown" if self.field.column == ColumnKind::Boolean => Ok(null),
            word @ ("true" | "false") if self.field.column == ColumnKind::Boolean => {
                let right = Side::Value(Value::Boolean(word == "true"));
                let same = Predicate::Compare { left: self.left, op: CompareOp::Eq, right };
                Ok(Predicate::And(vec![Predicate::Not(Box::new(null)), same]))
            }
            _ => Err(FieldError::new(ErrorCode::InvalidValue, self.pointer)
                .with("value", text)
                .with("expected", "null, not_null; for booleans also true, false, unknown")
                .with("name", &self.field.name)),
        }
    }

    fn distinct(self, text: &str) -> Result<Predicate, FieldError> {
        let null = Predicate::IsNull(self.left.clone());
        if text == "null" {
            return Ok(Predicate::Not(Box::new(null)));
        }
        let differs = self.compare(CompareOp::Ne, text)?;
        Ok(Predicate::Or(vec![null, differs]))
    }

    fn one_of(self, items: &[String]) -> Result<Predicate, FieldError> {
        if items.is_empty() {
            return Ok(Predicate::Always(false));
        }
        let parse = |text: &String| value::parse(self.field, text, self.pointer).map(Side::Value);
        Ok(Predicate::In { items: items.iter().map(parse).collect::<Result<_, _>>()?, left: self.left })
    }

    fn contains(self, codes: &[String]) -> Predicate {
        Predicate::Contains { left: self.left, codes: shared(codes) }
    }

    /// Holds one of them; of none it holds none, and null stays unknown.
    fn overlaps(self, codes: &[String]) -> Predicate {
        let holds = |codes| Predicate::Contains { left: self.left.clone(), codes };
        if codes.is_empty() {
            return Predicate::Not(Box::new(holds(Vec::new())));
        }
        Predicate::Or(codes.iter().map(|code| holds(vec![Arc::from(code.as_str())])).collect())
    }

    fn unknown_operator(&self, operator: &str) -> FieldError {
        FieldError::new(ErrorCode::UnknownOperator, self.pointer).with("name", operator).with("supported", OPERATORS)
    }
}

fn shared(codes: &[String]) -> Vec<Arc<str>> {
    codes.iter().map(|code| Arc::from(code.as_str())).collect()
}

fn not_applicable(operator: &str, field: &Field, pointer: &str) -> FieldError {
    let supported: Vec<_> = field_type::operators(field).iter().map(|operator| operator.name()).collect();
    FieldError::new(ErrorCode::OperatorNotApplicable, pointer)
        .with("operator", operator)
        .with("name", &field.name)
        .with("supported", supported.join(", "))
}
