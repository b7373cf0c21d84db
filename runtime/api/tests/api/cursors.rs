//! Cursors come back as the values they were issued with, for the same request only.

use trellis_api::rest::{Asking, CursorContext, CursorKey, ListOptions, parse_select};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::support::{key, options, profile, snapshot};

const QUERY: &str = "status=eq.draft&order=to_on.desc,amount";

fn values() -> Vec<Value> {
    vec![Value::Date("2026-03-04".parse().unwrap()), Value::Null, Value::Id(Uuid::from_u128(7))]
}

#[test]
fn a_cursor_continues_its_own_request() {
    let (snapshot, key) = (snapshot(), key());
    let rights = profile(&snapshot, "storekeeper");
    let object = snapshot.object_by_name("loan").unwrap();
    let first = parse_select(&snapshot, &rights, object, Asking::Address(QUERY), options(&key)).unwrap();
    let cursor = first.binding.issue(&values()).unwrap();
    let next = |query: String| parse_select(&snapshot, &rights, object, Asking::Address(&query), options(&key));
    let second = next(format!("{QUERY}&cursor={cursor}&limit=7")).unwrap();
    assert_eq!(second.request.after, Some(values()));
    assert_eq!(second.binding.issue(&values()).unwrap(), cursor, "every page issues cursors of the same request");
    assert!(next(format!("{QUERY}&cursor={cursor}&offset=1")).is_err());
}

#[test]
fn any_other_use_is_refused() {
    let (snapshot, key, other_key) = (snapshot(), key(), CursorKey::new([8; 32]));
    let rights = profile(&snapshot, "storekeeper");
    let loan = snapshot.object_by_name("loan").unwrap();
    let line = snapshot.object_by_name("loan_line").unwrap();
    let cursor = parse_select(&snapshot, &rights, loan, Asking::Address(QUERY), options(&key))
        .unwrap()
        .binding
        .issue(&values())
        .unwrap();
    let at = |key, tenant, profile| ListOptions { range: None, cursor: CursorContext { key, tenant, profile } };
    let rows = [
        ("other order", loan, "status=eq.draft&order=amount,to_on.desc", options(&key)),
        ("other filter", loan, "status=eq.lent&order=to_on.desc,amount", options(&key)),
        ("other object", line, "", options(&key)),
        ("other tenant", loan, QUERY, at(&key, "demo2", 1)),
        ("other rights", loan, QUERY, at(&key, "demo", 2)),
        ("other secret", loan, QUERY, at(&other_key, "demo", 1)),
    ];
    for (what, object, query, options) in rows {
        let refused =
            parse_select(&snapshot, &rights, object, Asking::Address(&format!("{query}&cursor={cursor}")), options)
                .unwrap_err();
        assert_eq!(refused.code.as_str(), "invalid_cursor", "{what}");
    }
    for at in 0..cursor.len() {
        let flipped = if cursor.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        let forged = format!("{}{flipped}{}", &cursor[..at], &cursor[at + 1..]);
        let refused =
            parse_select(&snapshot, &rights, loan, Asking::Address(&format!("{QUERY}&cursor={forged}")), options(&key))
                .unwrap_err();
        assert_eq!(refused.code.as_str(), "invalid_cursor", "byte {at}");
    }
}
