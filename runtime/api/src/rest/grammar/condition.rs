//! Filters: `field=op.value`, and `(a.eq.1,or(b.gt.2,not.c.is.null))` inside `and`, `or`.

use std::fmt;

use super::scan::{Scan, Trouble, quote};

pub const MAX_CONDITIONS: usize = 100;
/// Values in all lists together; every one of them is an argument of the statement.
pub const MAX_VALUES: usize = 10_000;
pub const MAX_DEPTH: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Test { field: String, test: Test },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

/// `[not.]op.operand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    pub negated: bool,
    pub operator: String,
    pub operand: Operand,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    One(String),
    /// `(a,"b,c")` of `in`, `{a,"b,c"}` of `cs`, `cd`, `ov`.
    Many(Vec<String>),
}

/// The value of a `field=` parameter: the operand of a plain operator is all that follows, unquoted.
pub fn parse_one(text: &str, tally: &mut Tally) -> Result<Test, Trouble> {
    tally.condition()?;
    let mut scan = Scan::new(text);
    let (negated, operator) = operator(&mut scan)?;
    let operand = if let Some(marks) = list_marks(&operator) {
        Operand::Many(list(&mut scan, marks, tally)?)
    } else {
        let rest = scan.rest().to_owned();
        scan.at = text.len();
        Operand::One(rest)
    };
    scan.finish()?;
    Ok(Test { negated, operator, operand })
}

/// The value of an `and=` or `or=` parameter: `(…,…)`. The tally runs on over all parameters of a request.
pub fn parse_group(text: &str, tally: &mut Tally) -> Result<Vec<Condition>, Trouble> {
    let mut scan = Scan::new(text);
    let found = group(&mut scan, 1, tally)?;
    scan.finish()?;
    Ok(found)
}

fn group(scan: &mut Scan<'_>, depth: usize, tally: &mut Tally) -> Result<Vec<Condition>, Trouble> {
    if depth > MAX_DEPTH {
        return Err(Trouble::TooLarge { what: "levels of nested conditions", limit: MAX_DEPTH });
    }
    scan.expect("(")?;
    let mut found = Vec::new();
    loop {
        scan.spaces();
        found.push(condition(scan, depth, tally)?);
        scan.spaces();
        if scan.eat(")") {
            return Ok(found);
        }
        scan.expect(",")?;
    }
}

fn condition(scan: &mut Scan<'_>, depth: usize, tally: &mut Tally) -> Result<Condition, Trouble> {
    tally.condition()?;
    let start = scan.at;
    let negated = scan.eat("not.");
    for (word, make) in [("and", Condition::And as fn(_) -> _), ("or", Condition::Or as fn(_) -> _)] {
        if scan.rest().strip_prefix(word).is_some_and(|rest| rest.starts_with('(')) {
            scan.at += word.len();
            let inner = make(group(scan, depth + 1, tally)?);
            return Ok(if negated { Condition::Not(Box::new(inner)) } else { inner });
        }
    }
    scan.at = start;
    let field = scan.name()?;
    if scan.rest().starts_with("->") {
        return Err(Trouble::Unsupported("A path into json (`->`)"));
    }
    scan.expect(".")?;
    let (negated, operator) = operator(scan)?;
    let operand = match list_marks(&operator) {
        Some(marks) => Operand::Many(list(scan, marks, tally)?),
        None if scan.peek() == Some('"') => Operand::One(scan.quoted()?),
        None => Operand::One(scan.while_matches(|c| !matches!(c, ',' | ')')).to_owned()),
    };
    Ok(Condition::Test { field, test: Test { negated, operator, operand } })
}

/// What has been read so far, over all parameters of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    conditions: usize,
    values: usize,
}

impl Tally {
    fn condition(&mut self) -> Result<(), Trouble> {
        self.conditions += 1;
        let trouble = Trouble::TooLarge { what: "conditions", limit: MAX_CONDITIONS };
        if self.conditions > MAX_CONDITIONS { Err(trouble) } else { Ok(()) }
    }

    fn value(&mut self) -> Result<(), Trouble> {
        self.values += 1;
        let trouble = Trouble::TooLarge { what: "values in lists", limit: MAX_VALUES };
        if self.values > MAX_VALUES { Err(trouble) } else { Ok(()) }
    }
}

/// `[not.]op.`; whether the operator exists is decided where it is applied.
fn operator(scan: &mut Scan<'_>) -> Result<(bool, String), Trouble> {
    let negated = scan.eat("not.");
    let name = scan.while_matches(|c| c.is_alphanumeric() || c == '_').to_owned();
    if name.is_empty() {
        return Err(scan.trouble("Expected an operator, as in `eq.5`"));
    }
    if scan.peek() == Some('(') {
        return Err(Trouble::Unsupported("An operator with a modifier such as `(any)`"));
    }
    if !scan.eat(".") {
        return Err(scan.trouble("Expected an operator and `.`, as in `eq.5`"));
    }
    Ok((negated, name))
}

fn list_marks(operator: &str) -> Option<(&'static str, &'static str)> {
    match operator {
        "in" => Some(("(", ")")),
        "cs" | "cd" | "ov" => Some(("{", "}")),
        _ => None,
    }
}

fn list(scan: &mut Scan<'_>, (open, close): (&str, &str), tally: &mut Tally) -> Result<Vec<String>, Trouble> {
    scan.expect(open)?;
    let mut items = Vec::new();
    if scan.eat(close) {
        return Ok(items);
    }
    loop {
        tally.value()?;
        let item = if scan.peek() == Some('"') {
            scan.quoted()?
        } else {
            scan.while_matches(|c| c != ',' && !close.contains(c)).to_owned()
        };
        items.push(item);
        if scan.eat(close) {
            return Ok(items);
        }
        scan.expect(",")?;
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Test { field, test } => write!(f, "{}.{test}", quote(field)),
            Condition::And(all) => write!(f, "and({})", join(all)),
            Condition::Or(any) => write!(f, "or({})", join(any)),
            Condition::Not(inner) => write!(f, "not.{inner}"),
        }
    }
}

/// As inside a group, where operands are quoted.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.negated { "not." } else { "" };
        write!(f, "{not}{}.", self.operator)?;
        match &self.operand {
            Operand::One(value) => f.write_str(&quote(value)),
            Operand::Many(items) => {
                let (open, close) = list_marks(&self.operator).unwrap_or(("(", ")"));
                let items: Vec<String> = items.iter().map(|item| quote(item)).collect();
                write!(f, "{open}{}{close}", items.join(","))
            }
        }
    }
}

fn join(conditions: &[Condition]) -> String {
    conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
