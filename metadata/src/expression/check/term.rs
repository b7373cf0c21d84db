//! One checked part of an expression, and how two of them agree on a type.

use chrono::{DateTime, NaiveTime, SubsecRound, Utc};

use super::super::function::{parse_date, widen};
use super::{Checker, Expr, Type, literal_text};
use crate::diagnostic::nearest;
use crate::expression::Function;
use crate::snapshot::OptionSet;
use crate::value::Value;

#[derive(Debug)]
pub(super) struct Term<'a> {
    pub offset: usize,
    pub expr: Expr,
    pub kind: Type,
    /// The codes a choice or multi_choice field may hold.
    pub options: Option<&'a OptionSet>,
}

impl Term<'_> {
    pub fn new(offset: usize, expr: Expr, kind: Type) -> Self {
        Term { offset, expr, kind, options: None }
    }

    /// A whole number read as a decimal.
    pub fn widened(self) -> Self {
        let expr = match self.expr {
            Expr::Literal(value) => Expr::Literal(widen(value)),
            other => Expr::Call(Function::Decimal, vec![other]),
        };
        Term { expr, kind: Type::Decimal, ..self }
    }
}

impl<'a> Checker<'a> {
    /// Both sides of a comparison.
    pub(super) fn agree(&mut self, left: Term<'a>, right: Term<'a>) -> Option<(Term<'a>, Term<'a>)> {
        let (right_kind, left_kind) = (right.kind, left.kind);
        let left = self.read_literal_as(left, right_kind)?;
        let right = self.read_literal_as(right, left_kind)?;
        if left.kind.unify(right.kind).is_none() {
            let message = format!("{} cannot be compared with {}", capital(left.kind.name()), right.kind.name());
            let kinds = [left.kind, right.kind];
            let both = |a, b| kinds.contains(&a) && kinds.contains(&b);
            let help = if both(Type::Id, Type::Text) {
                Some(
                    "a lookup holds a record id: compare with another id, null or actor.id, or with a field of the record it points at: `record.<lookup>.<field>`",
                )
            } else if both(Type::Date, Type::DateTime) {
                Some("take the date of the other side: `date(…)`")
            } else if kinds.contains(&Type::Text) && kinds.iter().any(|kind| kind.is_number()) {
                Some("read the text as a number with `decimal(…)`, or write the number without quotes")
            } else if kinds.contains(&Type::List) {
                Some("test whether it holds a value: `'x' in record.<field>`")
            } else {
                None
            };
            return self.fail(right.offset, "type_mismatch", message, help.map(str::to_owned));
        }
        self.check_options(&left, &right)?;
        self.check_options(&right, &left)?;
        Some((left, right))
    }

    /// Terms that must share one type: the branches of a conditional, the arguments of `coalesce`.
    pub(super) fn agree_all(&mut self, terms: Vec<Term<'a>>) -> Option<(Vec<Expr>, Type)> {
        let wanted = terms
            .iter()
            .map(|term| term.kind)
            .find(|kind| !matches!(kind, Type::Any | Type::Text))
            .unwrap_or(Type::Any);
        let mut kind = Type::Any;
        let mut read = Vec::with_capacity(terms.len());
        for term in terms {
            let term = self.read_literal_as(term, wanted)?;
            let Some(both) = kind.unify(term.kind) else {
                let message =
                    format!("All of these must be of one type, but here are {} and {}", kind.name(), term.kind.name());
                return self.fail(term.offset, "type_mismatch", message, None);
            };
            kind = both;
            read.push(term);
        }
        let widen =
            |term: Term<'a>| if kind == Type::Decimal && term.kind == Type::Integer { term.widened() } else { term };
        Some((read.into_iter().map(|term| widen(term).expr).collect(), kind))
    }

    /// Dates and times are written as text: `record.from_on >= '2026-01-31'`.
    pub(super) fn read_literal_as(&mut self, term: Term<'a>, wanted: Type) -> Option<Term<'a>> {
        let Some(text) = literal_text(&term.expr) else { return Some(term) };
        let (value, shape) = match wanted {
            Type::Date => (parse_date(text).map(Value::Date), "2026-01-31"),
            Type::DateTime => (parse_instant(text).map(Value::DateTime), "2026-01-31T08:00:00Z"),
            Type::Time => (parse_time(text).map(Value::Time), "08:00:00"),
            _ => return Some(term),
        };
        let Some(value) = value else {
            let message = format!("`{text}` is not {}", wanted.name());
            return self.fail(term.offset, "invalid_literal", message, format!("write it like `'{shape}'`"));
        };
        Some(Term { expr: Expr::Literal(value), kind: wanted, ..term })
    }

    /// A literal beside a choice field must be one of its codes.
    pub(super) fn check_options(&mut self, field: &Term<'a>, other: &Term<'a>) -> Option<()> {
        let Some(options) = field.options else { return Some(()) };
        let unknown = match &other.expr {
            Expr::List(items) => items.iter().filter_map(literal_text).find(|code| options.get(code).is_none()),
            expr => literal_text(expr).filter(|code| options.get(code).is_none()),
        };
        let Some(code) = unknown else { return Some(()) };
        let codes = || options.options.iter().map(|option| &*option.code);
        let help = match nearest(code, codes()) {
            Some(code) => format!("did you mean `{code}`?"),
            None => format!("it is one of: {}", codes().collect::<Vec<_>>().join(", ")),
        };
        self.fail(other.offset, "unknown_option", format!("`{code}` is not an option of this field"), help)
    }
}

fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc).trunc_subsecs(6))
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
