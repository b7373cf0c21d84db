//! `select=a,b:alias,dealer(name),lines!inner(*),total.sum(),count()`, and `group=a,b.c,d.month`.

use std::fmt;

use super::scan::{Scan, Trouble, quote};

pub const MAX_DEPTH: usize = 5;
const MAX_ITEMS: usize = 500;
const MAX_GROUPS: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `*`
    All,
    Field {
        alias: Option<String>,
        field: String,
    },
    /// `total.sum()`, `count()`
    Aggregate {
        alias: Option<String>,
        field: Option<String>,
        function: Function,
    },
    Embed {
        alias: Option<String>,
        relation: String,
        join: Join,
        items: Vec<Item>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

impl Function {
    pub const ALL: [Function; 5] = [Function::Count, Function::Sum, Function::Avg, Function::Min, Function::Max];

    pub fn name(self) -> &'static str {
        match self {
            Function::Count => "count",
            Function::Sum => "sum",
            Function::Avg => "avg",
            Function::Min => "min",
            Function::Max => "max",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    #[default]
    Left,
    Inner,
}

pub fn parse_items(text: &str) -> Result<Vec<Item>, Trouble> {
    let mut scan = Scan::new(text);
    let mut count = 0;
    let found = items(&mut scan, 0, &mut count)?;
    scan.finish()?;
    Ok(found)
}

/// `columns="a","b"` and `on_conflict=a,b`: names only.
pub fn parse_names(text: &str) -> Result<Vec<String>, Trouble> {
    let mut scan = Scan::new(text);
    let mut names = Vec::new();
    loop {
        scan.spaces();
        if names.len() == MAX_ITEMS {
            return Err(Trouble::TooLarge { what: "names", limit: MAX_ITEMS });
        }
        names.push(scan.name()?);
        if scan.is_done() {
            return Ok(names);
        }
        scan.expect(",")?;
    }
}

/// Items up to the end or a closing parenthesis; may be none.
fn items(scan: &mut Scan<'_>, depth: usize, count: &mut usize) -> Result<Vec<Item>, Trouble> {
    let mut found = Vec::new();
    scan.spaces();
    if scan.is_done() || scan.peek() == Some(')') {
        return Ok(found);
    }
    loop {
        *count += 1;
        if *count > MAX_ITEMS {
            return Err(Trouble::TooLarge { what: "selected items", limit: MAX_ITEMS });
        }
        found.push(item(scan, depth, count)?);
        scan.spaces();
        if !scan.eat(",") {
            return Ok(found);
        }
    }
}

fn item(scan: &mut Scan<'_>, depth: usize, count: &mut usize) -> Result<Item, Trouble> {
    scan.spaces();
    if scan.eat("*") {
        return Ok(Item::All);
    }
    if scan.eat("...") {
        return Err(Trouble::Unsupported("Spreading a related record (`...`)"));
    }
    let mut is_quoted = scan.peek() == Some('"');
    let first = scan.name()?;
    let (alias, name) = if !scan.rest().starts_with("::") && scan.eat(":") {
        scan.spaces();
        is_quoted = scan.peek() == Some('"');
        (Some(first), scan.name()?)
    } else {
        (None, first)
    };
    if name == "count" && !is_quoted && scan.eat("()") {
        refuse_suffixes(scan)?;
        return Ok(Item::Aggregate { alias, field: None, function: Function::Count });
    }
    if scan.eat(".") {
        let function = function(scan)?;
        refuse_suffixes(scan)?;
        return Ok(Item::Aggregate { alias, field: Some(name), function });
    }
    refuse_suffixes(scan)?;
    let join = join(scan)?;
    scan.spaces();
    if !scan.eat("(") {
        return match join {
            None => Ok(Item::Field { alias, field: name }),
            Some(_) => Err(scan.trouble("Expected `(`")),
        };
    }
    if depth == MAX_DEPTH {
        return Err(Trouble::TooLarge { what: "levels of embedding", limit: MAX_DEPTH });
    }
    let inside = items(scan, depth + 1, count)?;
    scan.expect(")")?;
    Ok(Item::Embed { alias, relation: name, join: join.unwrap_or_default(), items: inside })
}

fn function(scan: &mut Scan<'_>) -> Result<Function, Trouble> {
    let start = scan.at;
    let word = scan.while_matches(|c| c.is_ascii_alphabetic());
    let known = Function::ALL.into_iter().find(|function| function.name() == word && scan.eat("()"));
    known.ok_or_else(|| {
        scan.at = start;
        scan.trouble("Expected `count()`, `sum()`, `avg()`, `min()` or `max()`")
    })
}

/// One key of `group=`: an alias, and names with a dot between each two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupKey {
    pub alias: Option<String>,
    pub path: Vec<String>,
}

pub fn parse_groups(text: &str) -> Result<Vec<GroupKey>, Trouble> {
    let mut scan = Scan::new(text);
    let mut keys = Vec::new();
    loop {
        scan.spaces();
        if keys.len() == MAX_GROUPS {
            return Err(Trouble::TooLarge { what: "group keys", limit: MAX_GROUPS });
        }
        let mut path = vec![scan.name()?];
        let alias = if scan.eat(":") { path.pop() } else { None };
        if path.is_empty() {
            path.push(scan.name()?);
        }
        while scan.eat(".") {
            path.push(scan.name()?);
        }
        keys.push(GroupKey { alias, path });
        scan.spaces();
        if scan.is_done() {
            return Ok(keys);
        }
        scan.expect(",")?;
    }
}

fn refuse_suffixes(scan: &Scan<'_>) -> Result<(), Trouble> {
    match scan.rest() {
        rest if rest.starts_with("::") => Err(Trouble::Unsupported("A cast (`::`)")),
        rest if rest.starts_with("->") => Err(Trouble::Unsupported("A path into json (`->`)")),
        _ => Ok(()),
    }
}

fn join(scan: &mut Scan<'_>) -> Result<Option<Join>, Trouble> {
    if !scan.eat("!") {
        return Ok(None);
    }
    match scan.while_matches(|c| c.is_alphanumeric() || c == '_') {
        "inner" => Ok(Some(Join::Inner)),
        "left" => Ok(Some(Join::Left)),
        _ => Err(scan.trouble("Expected `!inner` or `!left`; relations are named by lookup field or collection")),
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = |alias: &Option<String>| alias.as_ref().map_or_else(String::new, |alias| quote(alias) + ":");
        match self {
            Item::All => f.write_str("*"),
            Item::Field { alias, field } => write!(f, "{}{}", prefix(alias), quote(field)),
            Item::Aggregate { alias, field, function } => {
                let field = field.as_ref().map_or_else(String::new, |field| quote(field) + ".");
                write!(f, "{}{field}{}()", prefix(alias), function.name())
            }
            Item::Embed { alias, relation, join, items } => {
                let join = if *join == Join::Inner { "!inner" } else { "" };
                write!(f, "{}{}{join}(", prefix(alias), quote(relation))?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { "," })?;
                }
                f.write_str(")")
            }
        }
    }
}
