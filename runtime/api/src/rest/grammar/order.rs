//! `order=a.asc.nullslast,b.desc`.

use trellis_plan::request::Nulls;

use super::scan::{Scan, Trouble};

const MAX_KEYS: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub field: String,
    pub descending: bool,
    pub nulls: Nulls,
}

pub fn parse_order(text: &str) -> Result<Vec<Key>, Trouble> {
    let mut scan = Scan::new(text);
    let mut keys = Vec::new();
    loop {
        scan.spaces();
        if keys.len() == MAX_KEYS {
            return Err(Trouble::TooLarge { what: "order keys", limit: MAX_KEYS });
        }
        keys.push(key(&mut scan)?);
        if scan.is_done() {
            return Ok(keys);
        }
        scan.expect(",")?;
    }
}

fn key(scan: &mut Scan<'_>) -> Result<Key, Trouble> {
    let field = scan.name()?;
    if scan.rest().starts_with('(') || scan.rest().starts_with("->") {
        return Err(Trouble::Unsupported("Ordering by a related or nested value"));
    }
    let descending = if scan.eat(".desc") {
        true
    } else {
        scan.eat(".asc");
        false
    };
    let nulls = if scan.eat(".nullsfirst") {
        Nulls::First
    } else if scan.eat(".nullslast") || !descending {
        Nulls::Last
    } else {
        Nulls::First
    };
    scan.spaces();
    if scan.is_done() || scan.rest().starts_with(',') {
        Ok(Key { field, descending, nulls })
    } else {
        Err(scan.trouble("Expected `.asc`, `.desc`, `.nullsfirst`, `.nullslast` or `,`"))
    }
}
