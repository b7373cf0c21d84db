//! The filter operators, in the API's spelling, and the sets that types share.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Like,
    Ilike,
    In,
    /// `is.null`, `is.true`, `is.false`
    Is,
    /// Holds all of the codes.
    Cs,
    /// Holds nothing but the codes.
    Cd,
    /// Holds one of the codes or more.
    Ov,
}

impl Operator {
    pub const ALL: [Operator; 13] = [
        Operator::Eq,
        Operator::Neq,
        Operator::Gt,
        Operator::Gte,
        Operator::Lt,
        Operator::Lte,
        Operator::Like,
        Operator::Ilike,
        Operator::In,
        Operator::Is,
        Operator::Cs,
        Operator::Cd,
        Operator::Ov,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Operator::Eq => "eq",
            Operator::Neq => "neq",
            Operator::Gt => "gt",
            Operator::Gte => "gte",
            Operator::Lt => "lt",
            Operator::Lte => "lte",
            Operator::Like => "like",
            Operator::Ilike => "ilike",
            Operator::In => "in",
            Operator::Is => "is",
            Operator::Cs => "cs",
            Operator::Cd => "cd",
            Operator::Ov => "ov",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.name() == name)
    }
}

/// Equality only: ids, choices, booleans.
pub const EQUALITY: &[Operator] = &[Operator::Eq, Operator::Neq, Operator::In, Operator::Is];

/// Values with an order.
pub const ORDERED: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::Gt,
    Operator::Gte,
    Operator::Lt,
    Operator::Lte,
    Operator::In,
    Operator::Is,
];

pub const TEXT: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::Gt,
    Operator::Gte,
    Operator::Lt,
    Operator::Lte,
    Operator::Like,
    Operator::Ilike,
    Operator::In,
    Operator::Is,
];

/// Long texts: found by what stands in them.
pub const SEARCH: &[Operator] = &[Operator::Like, Operator::Ilike, Operator::Is];

pub const LIST: &[Operator] = &[Operator::Cs, Operator::Cd, Operator::Ov, Operator::Is];

pub const PRESENCE: &[Operator] = &[Operator::Is];
