//! Syntax tree to typed expression: names become positions, types are agreed, and every finding is reported at once.
//!
//! A part with a finding has no type; nothing more is said about what contains it.

mod call;
mod literal;
mod operator;
mod path;
mod term;

use cel::common::ast::{Expr as Syntax, IdedExpr, SelectExpr};

use super::parse::{Parsed, parse};
use super::{Expr, Expression, ExpressionError, Root, Scope, Type};
use crate::value::Value;
use term::Term;

/// Nodes of a tree.
const MAX_NODES: usize = 500;

/// Turns text into a checked expression of the expected type, or into everything that is wrong with it.
pub fn compile(source: &str, scope: &Scope<'_>, expected: Option<Type>) -> Result<Expression, Vec<ExpressionError>> {
    let parsed = parse(source)?;
    let mut checker = Checker { scope, parsed: &parsed, errors: Vec::new(), nodes: 0 };
    let term = checker.term(&parsed.tree);
    let term = match (term, expected) {
        (Some(term), Some(expected)) => checker.expect_result(term, expected),
        (term, _) => term,
    };
    match term {
        Some(term) if checker.errors.is_empty() => {
            Ok(Expression { source: source.to_owned(), root: term.expr, result: term.kind })
        }
        _ => {
            let mut errors = checker.errors;
            errors.sort_by_key(|error| error.offset);
            errors.dedup();
            Err(errors)
        }
    }
}

struct Checker<'a> {
    scope: &'a Scope<'a>,
    parsed: &'a Parsed<'a>,
    errors: Vec<ExpressionError>,
    nodes: usize,
}

impl<'a> Checker<'a> {
    /// Notes a finding; the `None` says that the part has no type.
    fn fail<T>(
        &mut self,
        offset: usize,
        code: &'static str,
        message: String,
        help: impl Into<Option<String>>,
    ) -> Option<T> {
        self.errors.push(ExpressionError { code, message, help: help.into(), offset });
        None
    }

    fn term(&mut self, node: &IdedExpr) -> Option<Term<'a>> {
        self.nodes += 1;
        let offset = self.parsed.offset(node);
        if self.nodes > MAX_NODES {
            if self.nodes == MAX_NODES + 1 {
                self.fail::<()>(
                    offset,
                    "expression_too_large",
                    format!("The expression has more than {MAX_NODES} parts"),
                    "split it: put parts into formula fields and use those".to_owned(),
                );
            }
            return None;
        }
        match &node.expr {
            Syntax::Literal(literal) => self.literal(node, literal),
            Syntax::Ident(name) => self.bare_name(offset, name),
            Syntax::Select(select) => self.select(node, select),
            Syntax::List(list) => self.list(offset, &list.elements),
            Syntax::Call(call) => self.call(node, call),
            Syntax::Comprehension(_) => self.fail(
                offset,
                "not_supported",
                "all, exists, exists_one, map and filter are not part of this language".to_owned(),
                "sum or count child records with a rollup field; test a list with `x in list`".to_owned(),
            ),
            Syntax::Map(_) | Syntax::Struct(_) => {
                self.fail(offset, "not_supported", "Maps and messages are not part of this language".to_owned(), None)
            }
            Syntax::Unspecified => {
                self.fail(offset, "expression_syntax", "The expression cannot be read".to_owned(), None)
            }
        }
    }

    fn list(&mut self, offset: usize, items: &[IdedExpr]) -> Option<Term<'a>> {
        let items: Vec<Option<Term<'a>>> = items.iter().map(|item| self.term(item)).collect();
        let items: Vec<Term<'a>> = items.into_iter().collect::<Option<_>>()?;
        let (items, _) = self.agree_all(items)?;
        Some(Term::new(offset, Expr::List(items), Type::List))
    }

    /// A name that stands alone is never a value here.
    fn bare_name<T>(&mut self, offset: usize, name: &str) -> Option<T> {
        match name {
            "record" | "previous" => {
                let message = format!("`{name}` is a whole record, not a value");
                let help = format!("pick a field: `{name}.<field>`; or ask `{name} != null`");
                self.fail(offset, "type_mismatch", message, help)
            }
            "actor" => self.fail(
                offset,
                "type_mismatch",
                "`actor` is a whole user, not a value".to_owned(),
                "pick one of actor.id, actor.name, actor.email, actor.org_unit_id, actor.has_role('…')".to_owned(),
            ),
            _ => {
                let object = &self.scope.objects[self.scope.record.0];
                let help = match object.field_by_name(name) {
                    Some(field) => format!("did you mean `record.{}`?", field.name),
                    None => "start with `record`, `previous` or `actor`; put text in quotes".to_owned(),
                };
                self.fail(offset, "unknown_name", format!("There is no `{name}`"), help)
            }
        }
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Option<Term<'a>> {
        let offset = self.parsed.offset(node);
        let mut names = vec![(select.field.as_str(), offset + 1)];
        let mut base = &*select.operand;
        while let Syntax::Select(inner) = &base.expr {
            self.nodes += 1;
            names.push((inner.field.as_str(), self.parsed.offset(base) + 1));
            base = &inner.operand;
        }
        names.reverse();
        let start = self.parsed.offset(base);
        let term = match &base.expr {
            Syntax::Ident(name) => match name.as_str() {
                "record" => self.path(Root::Record, start, &names),
                "previous" => {
                    self.allow_previous(start)?;
                    self.path(Root::Previous, start, &names)
                }
                "actor" => self.actor_attribute(start, &names),
                _ => self.bare_name(start, name),
            },
            _ => self.fail(
                offset,
                "type_mismatch",
                format!("Only records have fields, so `.{}` cannot follow here", select.field),
                "write `record.<field>` or `record.<lookup>.<field>`".to_owned(),
            ),
        }?;
        // `has(record.x)` arrives as a selection that only tests.
        if select.test {
            Some(Term::new(start, Expr::IsPresent(Box::new(term.expr)), Type::Boolean))
        } else {
            Some(term)
        }
    }

    fn allow_previous(&mut self, offset: usize) -> Option<()> {
        if self.scope.previous {
            return Some(());
        }
        self.fail(
            offset,
            "not_allowed_here",
            "`previous` is not available here".to_owned(),
            "only rules and workflows that run on a change know the record as it was".to_owned(),
        )
    }

    fn allow_volatile(&mut self, offset: usize, what: &str) -> Option<()> {
        if self.scope.volatile {
            return Some(());
        }
        self.fail(
            offset,
            "not_allowed_here",
            format!("`{what}` cannot be used here: the result is stored and would not change when it does"),
            "use it in a view filter, a rule, a default or a workflow instead".to_owned(),
        )
    }

    /// The whole expression must give this type.
    fn expect_result(&mut self, term: Term<'a>, expected: Type) -> Option<Term<'a>> {
        let term = self.read_literal_as(term, expected)?;
        if term.kind == expected || term.kind == Type::Any || expected == Type::Any {
            return Some(term);
        }
        if (term.kind, expected) == (Type::Integer, Type::Decimal) {
            return Some(term.widened());
        }
        let help = match (term.kind, expected) {
            (_, Type::Boolean) => Some("compare it with something: `… == …`".to_owned()),
            (Type::Decimal, Type::Integer) => Some("round it: `round(…)`".to_owned()),
            (Type::DateTime, Type::Date) => Some("take its date: `date(…)`".to_owned()),
            (Type::List | Type::Json, _) => None,
            (_, Type::Text) => Some("turn it into text: `text(…)`".to_owned()),
            (Type::Text, Type::Decimal) => Some("read it as a number: `decimal(…)`".to_owned()),
            _ => None,
        };
        let message = format!("The expression gives {}, but {} is needed", term.kind.name(), expected.name());
        self.fail(0, "type_mismatch", message, help)
    }
}

impl Type {
    /// With its article, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "null",
            Type::Boolean => "yes or no",
            Type::Integer => "an integer",
            Type::Decimal => "a decimal",
            Type::Text => "a text",
            Type::Date => "a date",
            Type::DateTime => "a date and time",
            Type::Time => "a time",
            Type::Id => "a record id",
            Type::Json => "json",
            Type::List => "a list",
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Type::Integer | Type::Decimal)
    }

    /// Has `<` a meaning.
    pub(super) fn is_ordered(self) -> bool {
        !matches!(self, Type::Any | Type::Boolean | Type::Id | Type::Json | Type::List)
    }

    /// The type both can be read as.
    fn unify(self, other: Type) -> Option<Type> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Type::Any, kind) | (kind, Type::Any) => Some(kind),
            (a, b) if a.is_number() && b.is_number() => Some(Type::Decimal),
            _ => None,
        }
    }
}

/// The text of a text literal.
fn literal_text(expr: &Expr) -> Option<&str> {
    if let Expr::Literal(Value::Text(text)) = expr { Some(text) } else { None }
}
