//! Expressions to condition trees that a database can run, with the same three-valued answer.
//!
//! What has no form there is refused with the way out; nothing is approximated.

use super::evaluate::value_of_constant;
use super::{CompareOp, Expr, Expression, ExpressionError, Function, Root, Scope};
use crate::identifier::Identifier;
use crate::predicate::{Case, Operand, Predicate, escape_like};
use crate::value::Value;

/// Conditions larger than this are not repeated where a conditional must be spelled out.
const MAX_REPEATED: usize = 32;

/// Bounds of a whole condition, with room below those of the planner, which puts conditions together.
const MAX_DEPTH: usize = 20;
const MAX_SIZE: usize = 400;
/// Characters of a text looked for: databases bound their patterns.
const MAX_PART: usize = 500;

/// The condition for rows of the scope's object.
pub fn lower(expression: &Expression, scope: &Scope<'_>) -> Result<Predicate, ExpressionError> {
    for (_, path) in expression.paths() {
        if path.object != scope.record {
            return Err(refusal("The expression was written for another object", "compile it for this one"));
        }
        if path.steps.len() > scope.max_hops + 1 {
            let message = format!("Rows are selected over at most {} lookups", scope.max_hops);
            return Err(refusal(&message, "bring the value nearer with a formula field on the object in between"));
        }
    }
    let predicate = condition(&expression.root)?;
    if depth(&predicate) > MAX_DEPTH || size(&predicate) > MAX_SIZE {
        return Err(refusal(
            "The condition is too large to select rows with",
            "keep parts of it in boolean formula fields and test those",
        ));
    }
    Ok(predicate)
}

fn condition(node: &Expr) -> Result<Predicate, ExpressionError> {
    if node.is_constant() {
        return Ok(match value_of_constant(node) {
            Value::Boolean(answer) => Predicate::Always(answer),
            _ => Predicate::unknown(),
        });
    }
    match node {
        Expr::Present(Root::Record) => Ok(Predicate::Always(true)),
        Expr::Present(Root::Previous) => Err(no_previous()),
        Expr::HasRole(role) => Identifier::new(role)
            .map(Predicate::HasRole)
            .map_err(|error| refusal(&error.to_string(), "write the role's name as in its document")),
        Expr::Not(one) => Ok(negated(condition(one)?)),
        Expr::And(all) => Ok(Predicate::And(all.iter().map(condition).collect::<Result<_, _>>()?)),
        Expr::Or(any) => Ok(Predicate::Or(any.iter().map(condition).collect::<Result<_, _>>()?)),
        Expr::Compare(op, a, b) => comparison(*op, a, b),
        Expr::In(item, list) => membership(item, list),
        Expr::IsPresent(one) => Ok(negated(Predicate::IsNull(operand(one)?))),
        Expr::If(test, yes, no) => conditional(test, yes, no),
        Expr::Call(Function::Coalesce, choices) => first_present(choices, &condition),
        Expr::Call(function @ (Function::Contains | Function::StartsWith | Function::EndsWith), arguments) => {
            text_match(*function, arguments)
        }
        Expr::Matches(..) => Err(refusal(
            "`matches` cannot be used where rows are selected",
            "use `contains`, `starts_with` or `ends_with`, or keep the answer in a boolean formula field and test that",
        )),
        boolean => Ok(Predicate::Compare {
            left: operand(boolean)?,
            op: CompareOp::Eq,
            right: Operand::Value(Value::Boolean(true)),
        }),
    }
}

fn comparison(op: CompareOp, a: &Expr, b: &Expr) -> Result<Predicate, ExpressionError> {
    match (a, b) {
        (Expr::Call(Function::Coalesce, choices), other) if other.is_constant() || is_simple(other) => {
            return first_present(choices, &|choice| comparison(op, choice, other));
        }
        (other, Expr::Call(Function::Coalesce, choices)) if other.is_constant() || is_simple(other) => {
            return first_present(choices, &|choice| comparison(op, other, choice));
        }
        _ => {}
    }
    // A condition compared with `true` or `false` is itself or its opposite.
    if is_condition(a) || is_condition(b) {
        let (tested, constant) = if b.is_constant() { (a, b) } else { (b, a) };
        if !constant.is_constant() {
            return Err(refusal(
                "Two conditions cannot be compared where rows are selected",
                "spell it out with `&&`, `||` and `!`",
            ));
        }
        return Ok(match (value_of_constant(constant), op) {
            (Value::Boolean(wanted), CompareOp::Eq | CompareOp::Ne) => {
                let tested = condition(tested)?;
                if wanted == (op == CompareOp::Eq) { tested } else { negated(tested) }
            }
            _ => Predicate::unknown(),
        });
    }
    if matches!((a, b), (Expr::List(_), _) | (_, Expr::List(_))) {
        return Err(refusal(
            "Whole lists cannot be compared where rows are selected",
            "test for single values: `'x' in record.<field>`",
        ));
    }
    Ok(Predicate::Compare { left: operand(a)?, op, right: operand(b)? })
}

fn membership(item: &Expr, list: &Expr) -> Result<Predicate, ExpressionError> {
    match list {
        Expr::List(items) => {
            Ok(Predicate::In { left: operand(item)?, items: items.iter().map(operand).collect::<Result<_, _>>()? })
        }
        Expr::Field(Root::Record, path) if item.is_constant() => Ok(match value_of_constant(item) {
            Value::Text(code) => Predicate::Contains { left: Operand::Field(path.clone()), codes: vec![code] },
            _ => return Err(refusal("Only a text can be looked for in a list", "write `'x' in record.<field>`")),
        }),
        Expr::Field(Root::Record, _) => Err(refusal(
            "Only a fixed text can be looked for in a list where rows are selected",
            "write `'x' in record.<field>`",
        )),
        other => operand(other).and(Err(refusal(
            "This list cannot be searched where rows are selected",
            "write the list out, or name a multi_choice field",
        ))),
    }
}

/// `c ? a : b`, unknown when `c` is: the last part says so.
fn conditional(test: &Expr, yes: &Expr, no: &Expr) -> Result<Predicate, ExpressionError> {
    let test = condition(test)?;
    if size(&test) > MAX_REPEATED {
        return Err(refusal("The condition before `?` is too long", "spell it out with `&&` and `||`"));
    }
    let opposite = negated(test.clone());
    Ok(Predicate::Or(vec![
        Predicate::And(vec![test.clone(), condition(yes)?]),
        Predicate::And(vec![opposite.clone(), condition(no)?]),
        Predicate::And(vec![test, opposite]),
    ]))
}

/// `coalesce(a, b, …)` put to a question: the first that is not null is asked.
fn first_present(
    choices: &[Expr],
    ask: &dyn Fn(&Expr) -> Result<Predicate, ExpressionError>,
) -> Result<Predicate, ExpressionError> {
    let Some((last, earlier)) = choices.split_last() else { return Ok(Predicate::unknown()) };
    earlier.iter().rev().try_fold(ask(last)?, |otherwise, choice| {
        let absent = Predicate::IsNull(operand(choice)?);
        Ok(Predicate::Or(vec![
            Predicate::And(vec![negated(absent.clone()), ask(choice)?]),
            Predicate::And(vec![absent, otherwise]),
        ]))
    })
}

fn text_match(function: Function, arguments: &[Expr]) -> Result<Predicate, ExpressionError> {
    let [text, part] = arguments else { return Ok(Predicate::unknown()) };
    if !part.is_constant() {
        return Err(refusal(
            "Only a fixed text can be looked for where rows are selected",
            "write the text in quotes, or keep the answer in a boolean formula field and test that",
        ));
    }
    let Value::Text(part) = value_of_constant(part) else { return Ok(Predicate::unknown()) };
    if part.chars().count() > MAX_PART {
        return Err(refusal("The text looked for is too long", "look for a shorter part of it"));
    }
    let part = escape_like(&part);
    let pattern = match function {
        Function::StartsWith => format!("{part}%"),
        Function::EndsWith => format!("%{part}"),
        _ => format!("%{part}%"),
    };
    Ok(Predicate::Like { left: operand(text)?, pattern: pattern.into(), case: Case::Sensitive })
}

fn operand(node: &Expr) -> Result<Operand, ExpressionError> {
    if node.is_constant() {
        return Ok(Operand::Value(value_of_constant(node)));
    }
    match node {
        Expr::Field(Root::Record, path) => Ok(Operand::Field(path.clone())),
        Expr::Actor(attribute) => Ok(Operand::Actor(*attribute)),
        Expr::Today => Ok(Operand::Today),
        Expr::Now => Ok(Operand::Now),
        Expr::Field(Root::Previous, _) => Err(no_previous()),
        _ => Err(refusal(
            "This cannot be computed where rows are selected: only fields, fixed values, `actor`, `today()` and `now()` can be compared",
            "keep the computed value in a formula field and compare that",
        )),
    }
}

fn negated(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Not(inner) => *inner,
        Predicate::Always(answer) => Predicate::Always(!answer),
        other => Predicate::Not(Box::new(other)),
    }
}

fn is_simple(node: &Expr) -> bool {
    matches!(node, Expr::Field(Root::Record, _) | Expr::Actor(_) | Expr::Today | Expr::Now)
}

/// Something that has a truth value but is not a stored one.
fn is_condition(node: &Expr) -> bool {
    !node.is_constant()
        && matches!(
            node,
            Expr::Present(_)
                | Expr::HasRole(_)
                | Expr::Not(_)
                | Expr::And(_)
                | Expr::Or(_)
                | Expr::Compare(..)
                | Expr::In(..)
                | Expr::IsPresent(_)
                | Expr::Matches(..)
                | Expr::Call(Function::Contains | Function::StartsWith | Function::EndsWith, _)
        )
}

fn size(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::And(all) | Predicate::Or(all) => 1 + all.iter().map(size).sum::<usize>(),
        Predicate::Not(one) => 1 + size(one),
        Predicate::In { items, .. } => 1 + items.len(),
        _ => 1,
    }
}

fn depth(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::And(all) | Predicate::Or(all) => 1 + all.iter().map(depth).max().unwrap_or(0),
        Predicate::Not(one) => 1 + depth(one),
        _ => 1,
    }
}

fn no_previous() -> ExpressionError {
    refusal("`previous` cannot be used where rows are selected", "stored rows have one state: use `record`")
}

fn refusal(message: &str, help: &str) -> ExpressionError {
    ExpressionError { code: "not_selectable", message: message.to_owned(), help: Some(help.to_owned()), offset: 0 }
}
