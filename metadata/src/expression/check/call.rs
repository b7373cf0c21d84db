//! Calls: which functions there are, what they take and give.

use cel::common::ast::{CallExpr, Expr as Syntax, IdedExpr};

use super::super::{function, number};
use super::{Checker, Expr, Term, Type, literal_text};
use crate::diagnostic::nearest;
use crate::expression::{Function, Regex};
use crate::identifier::Identifier;

/// Compiled size of a pattern; with the bound on the text it bounds the time of a match.
const MAX_PATTERN: usize = 32 * 1024;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Parameter {
    Is(Type),
    Number,
    /// Text, date, or date and time.
    Dated,
    /// Text or number.
    Numeric,
    /// Text or list.
    Sized,
    Anything,
}

#[derive(Clone, Copy, Debug)]
enum Takes {
    These(&'static [Parameter]),
    /// At least so many of one type, which is also what it gives.
    Alike(usize),
    /// At least one text.
    Texts,
}

struct Signature {
    name: &'static str,
    function: Function,
    takes: Takes,
    /// `None`: the type of the first argument.
    gives: Option<Type>,
}

const fn row(name: &'static str, function: Function, takes: &'static [Parameter], gives: Type) -> Signature {
    Signature { name, function, takes: Takes::These(takes), gives: Some(gives) }
}

const TEXT: Parameter = Parameter::Is(Type::Text);
const DATE: Parameter = Parameter::Is(Type::Date);
const INTEGER: Parameter = Parameter::Is(Type::Integer);
const JSON: Parameter = Parameter::Is(Type::Json);

static SIGNATURES: &[Signature] = &[
    row("days_between", Function::DaysBetween, &[DATE, DATE], Type::Integer),
    row("add_days", Function::AddDays, &[DATE, INTEGER], Type::Date),
    row("date", Function::Date, &[Parameter::Dated], Type::Date),
    row("decimal", Function::Decimal, &[Parameter::Numeric], Type::Decimal),
    row("round", Function::Round, &[Parameter::Number], Type::Integer),
    row("round", Function::Round, &[Parameter::Number, INTEGER], Type::Decimal),
    Signature { name: "abs", function: Function::Abs, takes: Takes::These(&[Parameter::Number]), gives: None },
    Signature { name: "min", function: Function::Min, takes: Takes::Alike(2), gives: None },
    Signature { name: "max", function: Function::Max, takes: Takes::Alike(2), gives: None },
    row("size", Function::Size, &[Parameter::Sized], Type::Integer),
    row("lower", Function::Lower, &[TEXT], Type::Text),
    row("upper", Function::Upper, &[TEXT], Type::Text),
    row("trim", Function::Trim, &[TEXT], Type::Text),
    row("contains", Function::Contains, &[TEXT, TEXT], Type::Boolean),
    row("starts_with", Function::StartsWith, &[TEXT, TEXT], Type::Boolean),
    row("startsWith", Function::StartsWith, &[TEXT, TEXT], Type::Boolean),
    row("ends_with", Function::EndsWith, &[TEXT, TEXT], Type::Boolean),
    row("endsWith", Function::EndsWith, &[TEXT, TEXT], Type::Boolean),
    Signature { name: "coalesce", function: Function::Coalesce, takes: Takes::Alike(1), gives: None },
    Signature { name: "concat", function: Function::Concat, takes: Takes::Texts, gives: Some(Type::Text) },
    row("text", Function::Text, &[Parameter::Anything], Type::Text),
    row("year", Function::Year, &[DATE], Type::Integer),
    row("month", Function::Month, &[DATE], Type::Integer),
    row("day", Function::Day, &[DATE], Type::Integer),
    row("distance_m", Function::DistanceMetres, &[JSON, JSON], Type::Integer),
];

/// Names with rules of their own.
const SPECIAL: &[&str] = &["today", "now", "matches", "has_role", "has"];

impl<'a> Checker<'a> {
    pub(super) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Option<Term<'a>> {
        let offset = self.parsed.offset(node);
        let name = call.func_name.as_str();
        if call.target.is_none() && Self::is_operator(name) {
            return self.operator(offset, name, &call.args);
        }
        let on_actor =
            call.target.as_ref().is_some_and(|target| matches!(&target.expr, Syntax::Ident(name) if name == "actor"));
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (name, arguments.as_slice()) {
            ("has_role", [_, role]) if on_actor => self.has_role(offset, role),
            ("today", []) => {
                self.allow_volatile(offset, "today()")?;
                Some(Term::new(offset, Expr::Today, Type::Date))
            }
            ("now", []) => {
                self.allow_volatile(offset, "now()")?;
                Some(Term::new(offset, Expr::Now, Type::DateTime))
            }
            ("matches", [text, pattern]) => self.matches(offset, text, pattern),
            _ => self.function(offset, name, &arguments),
        }
    }

    fn function(&mut self, offset: usize, name: &str, arguments: &[&IdedExpr]) -> Option<Term<'a>> {
        let mut rows = SIGNATURES.iter().filter(|row| row.name == name).peekable();
        if rows.peek().is_none() {
            return self.unknown_function(offset, name, arguments);
        }
        let terms: Vec<Option<Term<'a>>> = arguments.iter().map(|argument| self.term(argument)).collect();
        let terms: Vec<Term<'a>> = terms.into_iter().collect::<Option<_>>()?;
        let Some(row) = rows.find(|row| row.takes.accepts_count(terms.len())) else {
            let message = format!("`{name}` does not take {} arguments", terms.len());
            return self.fail(offset, "wrong_arguments", message, usage(name));
        };
        let (exprs, kind) = match row.takes {
            Takes::Alike(_) => self.alike(row, terms)?,
            Takes::Texts => self.each(row, terms, &mut std::iter::repeat(TEXT))?,
            Takes::These(parameters) => self.each(row, terms, &mut parameters.iter().copied())?,
        };
        self.check_constant(offset, row, &exprs)?;
        Some(Term::new(offset, Expr::Call(row.function, exprs), row.gives.unwrap_or(kind)))
    }

    fn unknown_function(&mut self, offset: usize, name: &str, arguments: &[&IdedExpr]) -> Option<Term<'a>> {
        // What stands in the brackets is checked all the same: all findings at once.
        if !SPECIAL.contains(&name) {
            for argument in arguments {
                self.term(argument);
            }
        }
        if SPECIAL.contains(&name) {
            return self.fail(offset, "wrong_arguments", format!("`{name}` is not used like this"), usage(name));
        }
        let names = SIGNATURES.iter().map(|row| row.name).chain(SPECIAL.iter().copied());
        let help = nearest(name, names).map(|name| format!("did you mean `{name}`?"));
        self.fail(offset, "unknown_function", format!("There is no function `{name}`"), help)
    }

    fn alike(&mut self, row: &Signature, terms: Vec<Term<'a>>) -> Option<(Vec<Expr>, Type)> {
        let offset = terms.first()?.offset;
        let (exprs, kind) = self.agree_all(terms)?;
        if row.function != Function::Coalesce && kind != Type::Any && !kind.is_ordered() {
            let message = format!("`{}` has no meaning for {}", row.name, kind.name());
            return self.fail(offset, "type_mismatch", message, None);
        }
        Some((exprs, kind))
    }

    fn each(
        &mut self,
        row: &Signature,
        terms: Vec<Term<'a>>,
        parameters: &mut dyn Iterator<Item = Parameter>,
    ) -> Option<(Vec<Expr>, Type)> {
        let kind = terms.first().map_or(Type::Any, |term| term.kind);
        let mut exprs = Vec::with_capacity(terms.len());
        let mut fits = true;
        for (term, parameter) in terms.into_iter().zip(parameters) {
            let term = match parameter {
                Parameter::Is(wanted) => self.read_literal_as(term, wanted)?,
                _ => term,
            };
            if !parameter.accepts(term.kind) {
                let message = format!("`{}` takes {} here, not {}", row.name, parameter.name(), term.kind.name());
                self.fail::<()>(term.offset, "type_mismatch", message, argument_help(row, &term, parameter));
                fits = false;
            }
            exprs.push(term.expr);
        }
        fits.then_some((exprs, kind))
    }

    /// `date('2026-13-01')`, `decimal('1,5')`: wrong for ever, so said now.
    fn check_constant(&mut self, offset: usize, row: &Signature, arguments: &[Expr]) -> Option<()> {
        let Some(text) = arguments.first().and_then(literal_text) else { return Some(()) };
        let (readable, shape) = match row.function {
            Function::Date => (function::parse_date(text).is_some(), "date('2026-01-31')"),
            Function::Decimal => (number::parse(text).is_some(), "decimal('1000.50')"),
            _ => return Some(()),
        };
        if readable {
            return Some(());
        }
        let message = format!("`{text}` cannot be read by `{}`", row.name);
        self.fail(offset, "invalid_literal", message, format!("write it like `{shape}`"))
    }

    fn has_role(&mut self, offset: usize, role: &IdedExpr) -> Option<Term<'a>> {
        self.allow_volatile(offset, "actor")?;
        let term = self.term(role)?;
        match literal_text(&term.expr) {
            Some(name) if Identifier::new(name).is_ok() => {
                Some(Term::new(offset, Expr::HasRole(name.to_owned()), Type::Boolean))
            }
            _ => self.fail(
                term.offset,
                "wrong_arguments",
                "`has_role` takes the name of a role as a literal text".to_owned(),
                usage("has_role"),
            ),
        }
    }

    fn matches(&mut self, offset: usize, text: &IdedExpr, pattern: &IdedExpr) -> Option<Term<'a>> {
        let (text, pattern) = (self.term(text), self.term(pattern)?);
        let text = text?;
        if !matches!(text.kind, Type::Text | Type::Any) {
            let message = format!("`matches` takes a text, not {}", text.kind.name());
            return self.fail(text.offset, "type_mismatch", message, usage("matches"));
        }
        let Some(source) = literal_text(&pattern.expr) else {
            let message = "The pattern of `matches` must be a literal text".to_owned();
            return self.fail(pattern.offset, "wrong_arguments", message, usage("matches"));
        };
        match regex_lite::RegexBuilder::new(source).size_limit(MAX_PATTERN).build() {
            Ok(regex) => Some(Term::new(offset, Expr::Matches(Box::new(text.expr), Regex(regex)), Type::Boolean)),
            Err(error) => {
                let message = format!("The pattern cannot be used: {error}");
                let help = "look-around and back-references are not supported; keep it short".to_owned();
                self.fail(pattern.offset, "invalid_pattern", message, help)
            }
        }
    }
}

impl Takes {
    fn accepts_count(self, count: usize) -> bool {
        match self {
            Takes::These(parameters) => parameters.len() == count,
            Takes::Alike(least) => count >= least,
            Takes::Texts => count >= 1,
        }
    }
}

impl Parameter {
    fn accepts(self, kind: Type) -> bool {
        kind == Type::Any
            || match self {
                Parameter::Is(wanted) => kind == wanted,
                Parameter::Number => kind.is_number(),
                Parameter::Dated => matches!(kind, Type::Text | Type::Date | Type::DateTime),
                Parameter::Numeric => kind == Type::Text || kind.is_number(),
                Parameter::Sized => matches!(kind, Type::Text | Type::List),
                Parameter::Anything => true,
            }
    }

    fn name(self) -> &'static str {
        match self {
            Parameter::Is(kind) => kind.name(),
            Parameter::Number => "a number",
            Parameter::Dated => "a text or a date and time",
            Parameter::Numeric => "a text or a number",
            Parameter::Sized => "a text or a list",
            Parameter::Anything => "any value",
        }
    }
}

fn argument_help(row: &Signature, term: &Term<'_>, parameter: Parameter) -> Option<String> {
    let help = match (row.function, parameter, term.kind) {
        (Function::Contains, _, Type::List) => "write `'x' in record.<field>`",
        (_, Parameter::Is(Type::Text), _) => "turn it into text: `text(…)`",
        (_, Parameter::Is(Type::Date), Type::DateTime | Type::Text) => "take its date: `date(…)`",
        (_, Parameter::Is(Type::Integer), Type::Decimal) => "round it: `round(…)`",
        (_, Parameter::Number, Type::Text) => "read it as a number: `decimal(…)`",
        _ => return usage(row.name),
    };
    Some(help.to_owned())
}

fn usage(name: &str) -> Option<String> {
    let shapes: Vec<String> = match name {
        "today" | "now" => vec![format!("{name}()")],
        "matches" => vec!["record.code.matches('^[A-Z]+$')".to_owned()],
        "has_role" => vec!["actor.has_role('accountant')".to_owned()],
        "has" => vec!["has(record.code)".to_owned()],
        _ => SIGNATURES.iter().filter(|row| row.name == name).map(shape).collect(),
    };
    (!shapes.is_empty()).then(|| format!("write it like `{}`", shapes.join("` or `")))
}

fn shape(row: &Signature) -> String {
    let parameters = match row.takes {
        Takes::These(parameters) => parameters.iter().map(|one| one.name()).collect::<Vec<_>>().join(", "),
        Takes::Alike(_) => "a, b, …".to_owned(),
        Takes::Texts => "a text, a text, …".to_owned(),
    };
    format!("{}({parameters})", row.name)
}
