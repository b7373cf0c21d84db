//! `+ - * / % == != < <= > >= && || ! ?: in`: which types they take and give.

use cel::common::ast::{Expr as Syntax, IdedExpr, LiteralValue, operators};

use super::{Checker, Expr, Root, Term, Type};
use crate::expression::{ArithmeticOp, CompareOp, Function};

impl<'a> Checker<'a> {
    /// The parser names operators with signs: `_+_`, `@in`.
    pub(super) fn is_operator(name: &str) -> bool {
        !name.starts_with('.') && name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_')
    }

    pub(super) fn operator(&mut self, offset: usize, name: &str, operands: &[IdedExpr]) -> Option<Term<'a>> {
        match (name, operands) {
            (operators::LOGICAL_AND, [a, b]) => self.logical(offset, a, b, true),
            (operators::LOGICAL_OR, [a, b]) => self.logical(offset, a, b, false),
            (operators::LOGICAL_NOT, [one]) => self.condition(one).map(|one| boolean(offset, Expr::Not(Box::new(one)))),
            (operators::CONDITIONAL, [condition, yes, no]) => self.conditional(offset, condition, yes, no),
            (operators::NEGATE, [one]) => self.negate(offset, one),
            (operators::IN, [item, list]) => self.member(offset, item, list),
            (operators::INDEX, _) => self.fail(
                offset,
                "not_supported",
                "`[…]` after a value is not part of this language".to_owned(),
                "write `record.<field>`; test a list with `x in list`".to_owned(),
            ),
            (name, [a, b]) => match (compare_op(name), arithmetic_op(name)) {
                (Some(op), _) => self.comparison(offset, op, a, b),
                (_, Some(op)) => self.arithmetic(offset, op, a, b),
                _ => self.unsupported_operator(offset),
            },
            _ => self.unsupported_operator(offset),
        }
    }

    fn unsupported_operator(&mut self, offset: usize) -> Option<Term<'a>> {
        self.fail(offset, "not_supported", "This operator is not part of this language".to_owned(), None)
    }

    fn condition(&mut self, node: &IdedExpr) -> Option<Expr> {
        let term = self.term(node)?;
        if matches!(term.kind, Type::Boolean | Type::Any) {
            return Some(term.expr);
        }
        let message = format!("A condition is needed here, not {}", term.kind.name());
        self.fail(term.offset, "type_mismatch", message, "compare it with something: `… == …`".to_owned())
    }

    fn logical(&mut self, offset: usize, a: &IdedExpr, b: &IdedExpr, and: bool) -> Option<Term<'a>> {
        let (a, b) = (self.condition(a), self.condition(b));
        let mut all = Vec::new();
        for side in [a?, b?] {
            match side {
                Expr::And(parts) if and => all.extend(parts),
                Expr::Or(parts) if !and => all.extend(parts),
                other => all.push(other),
            }
        }
        Some(boolean(offset, if and { Expr::And(all) } else { Expr::Or(all) }))
    }

    fn conditional(&mut self, offset: usize, condition: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Option<Term<'a>> {
        let (condition, yes, no) = (self.condition(condition), self.term(yes), self.term(no));
        let (condition, yes, no) = (condition?, yes?, no?);
        let options = if yes.options.is_some() { yes.options } else { no.options };
        let (mut branches, kind) = self.agree_all(vec![yes, no])?;
        let (no, yes) = (branches.pop()?, branches.pop()?);
        let expr = Expr::If(Box::new(condition), Box::new(yes), Box::new(no));
        Some(Term { options, ..Term::new(offset, expr, kind) })
    }

    fn negate(&mut self, offset: usize, one: &IdedExpr) -> Option<Term<'a>> {
        let term = self.term(one)?;
        if term.kind.is_number() || term.kind == Type::Any {
            return Some(Term::new(offset, Expr::Negate(Box::new(term.expr)), term.kind));
        }
        self.fail(offset, "type_mismatch", format!("`-` needs a number, not {}", term.kind.name()), None)
    }

    fn comparison(&mut self, offset: usize, op: CompareOp, a: &IdedExpr, b: &IdedExpr) -> Option<Term<'a>> {
        if is_null(a) || is_null(b) {
            return self.null_test(offset, op, if is_null(b) { a } else { b });
        }
        let (a, b) = (self.term(a), self.term(b));
        let (a, b) = self.agree(a?, b?)?;
        let ordering = !matches!(op, CompareOp::Eq | CompareOp::Ne);
        if let (true, Some(kind)) = (ordering, [a.kind, b.kind].into_iter().find(|kind| !kind.is_ordered())) {
            let message = format!("`<` and `>` have no meaning for {}", kind.name());
            return self.fail(offset, "type_mismatch", message, "use `==` or `!=`".to_owned());
        }
        Some(boolean(offset, Expr::Compare(op, Box::new(a.expr), Box::new(b.expr))))
    }

    /// `x == null`: the one comparison with null that is never unknown.
    fn null_test(&mut self, offset: usize, op: CompareOp, tested: &IdedExpr) -> Option<Term<'a>> {
        let present = match &tested.expr {
            Syntax::Ident(name) if name == "record" => Expr::Present(Root::Record),
            Syntax::Ident(name) if name == "previous" => {
                self.allow_previous(self.parsed.offset(tested))?;
                Expr::Present(Root::Previous)
            }
            _ => Expr::IsPresent(Box::new(self.term(tested)?.expr)),
        };
        match op {
            CompareOp::Eq => Some(boolean(offset, Expr::Not(Box::new(present)))),
            CompareOp::Ne => Some(boolean(offset, present)),
            _ => self.fail(
                offset,
                "type_mismatch",
                "null is neither smaller nor larger than anything".to_owned(),
                "use `== null` or `!= null`".to_owned(),
            ),
        }
    }

    fn member(&mut self, offset: usize, item: &IdedExpr, list: &IdedExpr) -> Option<Term<'a>> {
        let item = self.term(item);
        if let Syntax::List(literal) = &list.expr {
            self.nodes += 1;
            let items: Vec<Option<Term<'a>>> = literal.elements.iter().map(|one| self.term(one)).collect();
            let mut item = item?;
            let mut exprs = Vec::with_capacity(items.len());
            for one in items {
                let (agreed, one) = self.agree(item, one?)?;
                item = agreed;
                exprs.push(one.expr);
            }
            return Some(boolean(offset, Expr::In(Box::new(item.expr), Box::new(Expr::List(exprs)))));
        }
        let (item, list) = (item?, self.term(list)?);
        if list.kind != Type::List {
            let message = format!("`in` needs a list on its right, not {}", list.kind.name());
            let help = "write `record.<field> in ['a', 'b']`, or name a multi_choice field".to_owned();
            return self.fail(list.offset, "type_mismatch", message, help);
        }
        if list.options.is_some() && !matches!(item.kind, Type::Text | Type::Any) {
            let message = format!("A multi_choice field holds texts, not {}", item.kind.name());
            return self.fail(item.offset, "type_mismatch", message, None);
        }
        self.check_options(&list, &item)?;
        Some(boolean(offset, Expr::In(Box::new(item.expr), Box::new(list.expr))))
    }

    fn arithmetic(&mut self, offset: usize, op: ArithmeticOp, a: &IdedExpr, b: &IdedExpr) -> Option<Term<'a>> {
        let (a, b) = (self.term(a), self.term(b));
        let (a, b) = (a?, b?);
        if (op, a.kind, b.kind) == (ArithmeticOp::Add, Type::Text, Type::Text) {
            return Some(Term::new(offset, joined(a.expr, b.expr), Type::Text));
        }
        let Some(kind) = result_type(op, a.kind, b.kind) else {
            let message = format!("`{}` does not work between {} and {}", op.sign(), a.kind.name(), b.kind.name());
            return self.fail(offset, "type_mismatch", message, arithmetic_help(op, a.kind, b.kind).map(str::to_owned));
        };
        Some(Term::new(offset, Expr::Arithmetic(op, Box::new(a.expr), Box::new(b.expr)), kind))
    }
}

/// Texts in a row are one call, however long the row.
fn joined(a: Expr, b: Expr) -> Expr {
    let mut parts = Vec::new();
    for side in [a, b] {
        match side {
            Expr::Call(Function::Concat, inner) => parts.extend(inner),
            other => parts.push(other),
        }
    }
    Expr::Call(Function::Concat, parts)
}

fn result_type(op: ArithmeticOp, a: Type, b: Type) -> Option<Type> {
    use ArithmeticOp::{Add, Divide, Modulo, Subtract};
    match (op, a, b) {
        // With null the result is null, of the other side's type.
        (_, Type::Any, kind) | (_, kind, Type::Any) => {
            (kind.is_number() || matches!(kind, Type::Any | Type::Date | Type::Text)).then_some(kind)
        }
        (Add | Subtract, Type::Date, Type::Integer) | (Add, Type::Integer, Type::Date) => Some(Type::Date),
        (Divide, a, b) if a.is_number() && b.is_number() => Some(Type::Decimal),
        (Subtract, Type::Date, Type::Date) | (_, Type::Integer, Type::Integer) => Some(Type::Integer),
        (Modulo, ..) => None,
        (_, a, b) => (a.is_number() && b.is_number()).then_some(Type::Decimal),
    }
}

impl ArithmeticOp {
    fn sign(self) -> char {
        match self {
            ArithmeticOp::Add => '+',
            ArithmeticOp::Subtract => '-',
            ArithmeticOp::Multiply => '*',
            ArithmeticOp::Divide => '/',
            ArithmeticOp::Modulo => '%',
        }
    }
}

fn arithmetic_help(op: ArithmeticOp, a: Type, b: Type) -> Option<&'static str> {
    match (op, a, b) {
        (ArithmeticOp::Modulo, ..) => Some("`%` takes whole numbers"),
        (ArithmeticOp::Add, Type::Text, _) | (ArithmeticOp::Add, _, Type::Text) => {
            Some("turn the other side into text: `text(…)`")
        }
        (_, Type::Text, _) | (_, _, Type::Text) => Some("read the text as a number: `decimal(…)`"),
        (_, Type::DateTime, _) | (_, _, Type::DateTime) => Some("take the dates: `date(…)`"),
        (_, Type::Date, Type::Decimal) => Some("days are whole numbers: `round(…)`"),
        _ => None,
    }
}

fn boolean<'a>(offset: usize, expr: Expr) -> Term<'a> {
    Term::new(offset, expr, Type::Boolean)
}

fn is_null(node: &IdedExpr) -> bool {
    matches!(node.expr, Syntax::Literal(LiteralValue::Null))
}

fn compare_op(name: &str) -> Option<CompareOp> {
    Some(match name {
        operators::EQUALS => CompareOp::Eq,
        operators::NOT_EQUALS => CompareOp::Ne,
        operators::LESS => CompareOp::Lt,
        operators::LESS_EQUALS => CompareOp::Le,
        operators::GREATER => CompareOp::Gt,
        operators::GREATER_EQUALS => CompareOp::Ge,
        _ => return None,
    })
}

fn arithmetic_op(name: &str) -> Option<ArithmeticOp> {
    Some(match name {
        operators::ADD => ArithmeticOp::Add,
        operators::SUBSTRACT => ArithmeticOp::Subtract,
        operators::MULTIPLY => ArithmeticOp::Multiply,
        operators::DIVIDE => ArithmeticOp::Divide,
        operators::MODULO => ArithmeticOp::Modulo,
        _ => return None,
    })
}
