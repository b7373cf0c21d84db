//! The sample business keeps the rules of the preset packages, and their roles show each person what they should.

#[path = "sample/business.rs"]
mod business;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use business::{Business, Record};
use chrono::NaiveDate;
use trellis_access::Profile;
use trellis_metadata::expression::is_true;
use trellis_metadata::predicate::holds;
use trellis_metadata::snapshot::{FieldIndex, Object, Verb, system_field};
use trellis_metadata::value::Value;
use trellis_sample::Size;
use uuid::Uuid;

static SMALL: LazyLock<Business> =
    LazyLock::new(|| Business::load(Size::Small, NaiveDate::from_ymd_opt(2026, 6, 30).unwrap()));

const LOGINS: [&str; 9] = [
    "admin@demo",
    "hq@demo",
    "region@demo",
    "supervisor@demo",
    "rep@demo",
    "dealer@demo",
    "dealer_rep@demo",
    "dealer2@demo",
    "dealer2_rep@demo",
];

#[test]
fn every_row_fits_its_object() {
    assert!(SMALL.refused.is_empty(), "{:#?}", &SMALL.refused[..SMALL.refused.len().min(20)]);
}

#[test]
fn no_validation_rule_is_broken() {
    let mut broken: BTreeMap<String, usize> = BTreeMap::new();
    for object in &SMALL.snapshot.objects {
        for record in &SMALL.records[object.index.0] {
            let facts = SMALL.facts(record, None);
            for rule in object.validation_rules.iter().filter(|rule| is_true(&rule.invalid_when, &facts)) {
                *broken.entry(format!("{}: {}", object.name, rule.name)).or_default() += 1;
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn unique_keys_hold() {
    for object in &SMALL.snapshot.objects {
        let single = object.fields.iter().filter(|field| field.unique).map(|field| vec![field.index]);
        for key in single.chain(object.unique_keys.iter().map(|key| key.fields.clone())) {
            let mut seen = HashSet::new();
            for record in &SMALL.records[object.index.0] {
                let values: Vec<&Value> = key.iter().map(|field| &record[field.0]).collect();
                if values.iter().all(|value| !value.is_null()) {
                    assert!(seen.insert(format!("{values:?}")), "{} {values:?} twice", object.name);
                }
            }
        }
    }
}

/// Totals of an order follow from its lines.
#[test]
fn totals_add_up() {
    let (orders, lines) = (object("sales_order"), object("order_line"));
    let (gross, net) =
        (lines.field_by_name("gross_amt").unwrap().index, orders.field_by_name("net_amt").unwrap().index);
    let via = lines.master.unwrap();
    let discount = lines.field_by_name("discount_amt").unwrap().index;
    for order in &SMALL.records[orders.index.0] {
        let mine = SMALL.records[lines.index.0].iter().filter(|line| line[via.0] == order[system_field::ID.0]);
        let sum: rust_decimal::Decimal =
            mine.map(|line| line[gross.0].as_decimal().unwrap() - line[discount.0].as_decimal().unwrap()).sum();
        assert_eq!(order[net.0].as_decimal(), Some(sum));
        assert!(sum > rust_decimal::Decimal::ZERO);
    }
}

fn object(name: &str) -> &'static Object {
    SMALL.snapshot.object_by_name(name).unwrap()
}

/// The records of an object a person may read.
fn visible(login: &str, object: &Object) -> Vec<&'static Record> {
    let actor = SMALL.actor(login);
    let profile = Profile::compile(&SMALL.snapshot, &actor.roles);
    let Some(grant) = profile.grant(object.index, Verb::Read) else { return Vec::new() };
    let records = SMALL.records[object.index.0].iter();
    records.filter(|record| holds(grant.rows(), &SMALL.facts(record, Some(&actor))) == Some(true)).collect()
}

fn may_read_field(login: &str, object: &Object, field: &str) -> bool {
    let actor = SMALL.actor(login);
    let profile = Profile::compile(&SMALL.snapshot, &actor.roles);
    profile
        .grant(object.index, Verb::Read)
        .is_some_and(|grant| grant.covers(object.field_by_name(field).unwrap().index))
}

/// How many records of each object each demo login sees, as a table to be read by people.
#[test]
fn everyone_sees_what_the_table_says() {
    let mut text = format!("{:24}", "");
    for login in LOGINS {
        write!(text, "{:>13}", login.trim_end_matches("@demo")).unwrap();
    }
    for object in &SMALL.snapshot.objects {
        write!(text, "\n{:24}", object.name.as_str()).unwrap();
        for login in LOGINS {
            write!(text, "{:>13}", visible(login, object).len()).unwrap();
        }
    }
    text.push('\n');
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample/who_sees_what.txt");
    if std::env::var_os("TRELLIS_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{} differs; now:\n{text}", path.display());
}

/// Nothing of one dealer (his record, his people, what his unit owns, what names him) is visible to the other.
#[test]
fn dealers_are_strangers() {
    let dealers = &SMALL.records[object("dealer").index.0];
    for (login, other) in [("dealer@demo", 1), ("dealer_rep@demo", 1), ("dealer2@demo", 0), ("dealer2_rep@demo", 0)] {
        let other = [system_field::ID, system_field::ORG_UNIT_ID].map(|field| dealers[other][field.0].as_id().unwrap());
        for object in &SMALL.snapshot.objects {
            for record in visible(login, object) {
                assert!(!names_any(record, &other), "{login} sees {} {record:?}", object.name);
            }
        }
    }
}

fn names_any(record: &Record, ids: &[Uuid]) -> bool {
    record.iter().any(|value| value.as_id().is_some_and(|id| ids.contains(&id)))
}

#[test]
fn masked_fields_are_masked() {
    for (login, name, field, seen) in [
        ("hq@demo", "outlet", "owner_phone", false),
        ("region@demo", "outlet", "owner_phone", false),
        ("supervisor@demo", "outlet", "owner_phone", true),
        ("dealer_rep@demo", "outlet", "owner_phone", true),
        ("region@demo", "outlet_contact", "phone", false),
        ("dealer_rep@demo", "product", "min_price_price", false),
        ("hq@demo", "product", "min_price_price", true),
        ("dealer_rep@demo", "dealer", "uscc_code", false),
    ] {
        assert_eq!(may_read_field(login, object(name), field), seen, "{login} {name}.{field}");
    }
}

#[test]
fn reps_see_no_sell_in() {
    let level = |name: &str| object(name).field_by_name("price_level").unwrap().index;
    for login in ["rep@demo", "dealer_rep@demo", "dealer2_rep@demo"] {
        for name in ["price_book", "sales_order"] {
            let records = visible(login, object(name));
            assert!(!records.is_empty(), "{login} sees no {name}");
            let FieldIndex(level) = level(name);
            assert!(records.iter().all(|record| record[level].as_text() != Some("sell_in")), "{login} {name}");
        }
    }
}
