//! The typed form of a CEL expression after checking: fields are positions in the snapshot, functions are known,
//! types have been agreed. Evaluation and lowering work on this form only.

use crate::snapshot::{FieldIndex, ObjectIndex};
use crate::value::Value;

/// A checked expression with its result type.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The text as written, for messages and for the browser.
    pub source: String,
    pub root: Expr,
    pub result: Type,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// The literal `null`, and what is known only at run time inside json.
    Any,
    Boolean,
    Integer,
    Decimal,
    Text,
    Date,
    DateTime,
    Time,
    /// The id of a record of an object (lookup fields, `actor.id`); compares with ids only.
    Id,
    Json,
    /// A list of codes or literals.
    List,
}

/// Where a field path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The record as it will be.
    Record,
    /// The record as it was; absent on create.
    Previous,
}

/// `record.loan.days`: every step but the last is a lookup or master-detail field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath {
    /// The object the path starts at.
    pub object: ObjectIndex,
    /// At least one step.
    pub steps: Vec<FieldIndex>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Literal(Value),
    List(Vec<Expr>),
    Field(Root, FieldPath),
    /// `previous != null` / `record != null`: is there such a record at all.
    Present(Root),
    Actor(ActorAttribute),
    /// `actor.has_role('x')`
    HasRole(String),
    /// The date in the actor's zone.
    Today,
    Now,
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x in [..]`
    In(Box<Expr>, Box<Expr>),
    /// `has(record.x)`, `record.x != null`: three-valued logic ends here.
    IsPresent(Box<Expr>),
    /// `x.matches('linear-time regex literal')`: anywhere in the text.
    Matches(Box<Expr>, Regex),
    Call(Function, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    /// Decimal division, 10 digits after the point, half away from zero; by zero → null.
    Divide,
    /// Integers only; by zero → null.
    Modulo,
}

/// What an expression may ask about the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorAttribute {
    Id,
    OrgUnitId,
    Name,
    Email,
}

/// Functions an expression may call; every one is total (bad input → null) and deterministic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `days_between(date, date) → integer`
    DaysBetween,
    /// `add_days(date, integer) → date`
    AddDays,
    /// `date(text|datetime) → date`
    Date,
    /// `decimal(text|integer) → decimal`
    Decimal,
    /// `round(decimal, integer) → decimal`, half away from zero; `round(decimal) → integer`
    Round,
    Abs,
    Min,
    Max,
    /// `size(text|list) → integer`
    Size,
    Lower,
    Upper,
    Trim,
    /// `text.contains(text)`, `starts_with`, `ends_with`
    Contains,
    StartsWith,
    EndsWith,
    /// `coalesce(a, b, …)`
    Coalesce,
    /// `concat(text, …)`; also `+` on texts
    Concat,
    /// `text(x)`
    Text,
    /// `year(date)`, `month(date)`, `day(date)`
    Year,
    Month,
    Day,
    /// `distance_m(geolocation, geolocation) → integer`
    DistanceMetres,
}

/// A regular expression, compiled once when the expression is.
#[derive(Clone, Debug)]
pub struct Regex(pub regex_lite::Regex);

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Expression {
    /// Every field the expression reads, in the order written, with repetitions.
    pub fn paths(&self) -> impl Iterator<Item = (Root, &FieldPath)> {
        self.root.nodes().filter_map(|node| match node {
            Expr::Field(root, path) => Some((*root, path)),
            _ => None,
        })
    }

    /// Every role the expression asks about.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.root.nodes().filter_map(|node| match node {
            Expr::HasRole(role) => Some(role.as_str()),
            _ => None,
        })
    }

    /// Does the result depend on who asks or when.
    pub fn is_volatile(&self) -> bool {
        self.root.nodes().any(|node| matches!(node, Expr::Actor(_) | Expr::HasRole(_) | Expr::Today | Expr::Now))
    }

    /// Does it look at the record as it was.
    pub fn uses_previous(&self) -> bool {
        self.root.nodes().any(|node| matches!(node, Expr::Field(Root::Previous, _) | Expr::Present(Root::Previous)))
    }
}

impl Expr {
    /// This node and everything below it, parents first.
    pub fn nodes(&self) -> impl Iterator<Item = &Expr> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            let below = open.len();
            node.push_children(&mut open);
            open[below..].reverse();
            Some(node)
        })
    }

    /// Needs nothing but itself to be evaluated.
    pub fn is_constant(&self) -> bool {
        self.nodes().all(|node| {
            !matches!(
                node,
                Expr::Field(..) | Expr::Present(_) | Expr::Actor(_) | Expr::HasRole(_) | Expr::Today | Expr::Now
            )
        })
    }

    fn push_children<'a>(&'a self, open: &mut Vec<&'a Expr>) {
        match self {
            Expr::Literal(_)
            | Expr::Field(..)
            | Expr::Present(_)
            | Expr::Actor(_)
            | Expr::HasRole(_)
            | Expr::Today
            | Expr::Now => {}
            Expr::Not(one) | Expr::Negate(one) | Expr::IsPresent(one) | Expr::Matches(one, _) => open.push(one),
            Expr::Compare(_, a, b) | Expr::Arithmetic(_, a, b) | Expr::In(a, b) => open.extend([&**a, &**b]),
            Expr::If(a, b, c) => open.extend([&**a, &**b, &**c]),
            Expr::List(all) | Expr::And(all) | Expr::Or(all) | Expr::Call(_, all) => open.extend(all),
        }
    }
}
