//! The dataset is the same on every run and from every shard, as large as the plan says, and whole.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;
use trellis_sample::{Dataset, Known, Row, Size, Table, dataset};

fn make(size: Size) -> Dataset {
    dataset(size, NaiveDate::from_ymd_opt(2026, 6, 30).unwrap(), Known::default())
}

fn table<'d>(data: &'d Dataset, object: &str) -> &'d Table {
    data.tables.iter().find(|table| table.object == object).unwrap()
}

fn fingerprint(rows: impl Iterator<Item = Row>) -> (u64, u64) {
    let mut hasher = DefaultHasher::new();
    let count = rows.inspect(|row| serde_json::to_string(row).unwrap().hash(&mut hasher)).count();
    (count as u64, hasher.finish())
}

#[test]
fn two_runs_and_any_shards_give_the_same_rows() {
    let (first, second) = (make(Size::Small), make(Size::Small));
    assert_eq!(first.organisation, second.organisation);
    for (one, two) in first.tables.iter().zip(&second.tables) {
        let whole = fingerprint(one.rows());
        assert_eq!(whole, fingerprint(two.rows()), "{}", one.object);
        for shards in [1, 3, 7] {
            let parts = (0..shards).flat_map(|shard| two.shard(shard, shards));
            assert_eq!(whole, fingerprint(parts), "{} in {shards}", one.object);
        }
    }
}

#[test]
fn a_shard_of_the_medium_size_stands_alone() {
    let data = make(Size::Medium);
    let lines = table(&data, "order_line");
    assert_eq!(
        fingerprint(lines.shard(499, 500)),
        fingerprint(table(&make(Size::Medium), "order_line").shard(499, 500))
    );
}

#[test]
fn counts_follow_the_plan() {
    let near = |size, object: &str, wanted: u64, tolerance: u64| {
        let count = table(&make(size), object).count;
        assert!(count.abs_diff(wanted) * 100 <= wanted * tolerance, "{size:?} {object}: {count}, wanted {wanted}");
    };
    for (size, object, count) in [
        (Size::Small, "dealer", 2),
        (Size::Small, "outlet", 50),
        (Size::Small, "region", 2),
        (Size::Small, "brand", 2),
        (Size::Small, "product", 50),
        (Size::Small, "price_book", 4),
        (Size::Small, "price_entry", 120),
        (Size::Medium, "dealer", 20),
        (Size::Medium, "outlet", 5_000),
        (Size::Medium, "region", 12),
        (Size::Medium, "brand", 6),
        (Size::Medium, "product", 2_000),
        (Size::Medium, "price_book", 60),
        (Size::Medium, "price_entry", 40_000),
    ] {
        near(size, object, count, 0);
    }
    near(Size::Small, "sales_order", 170, 10);
    near(Size::Small, "order_line", 940, 12);
    near(Size::Medium, "sales_order", 68_273, 2);
    near(Size::Medium, "order_line", 375_501, 2);
}

#[test]
fn a_table_has_as_many_rows_as_it_says() {
    for table in make(Size::Small).tables {
        assert_eq!(table.count, table.rows().count() as u64, "{}", table.object);
    }
}

/// Every id-shaped text is a row made earlier, a person or a unit.
#[test]
fn references_point_back() {
    let data = make(Size::Small);
    let mut seen: HashSet<String> = data.organisation.units.iter().map(|unit| unit.id.clone()).collect();
    for unit in &data.organisation.units {
        assert!(unit.parent.as_ref().is_none_or(|parent| seen.contains(parent)));
    }
    for user in &data.organisation.users {
        assert!(
            seen.contains(&user.unit) && user.manager.as_ref().is_none_or(|manager| seen.contains(manager)),
            "{user:?}"
        );
        assert!(seen.insert(user.id.clone()));
    }
    for table in &data.tables {
        for row in table.rows() {
            for (field, value) in &row {
                let text = value.as_str().unwrap_or_default();
                if field != "id" && is_id(text) {
                    assert!(seen.contains(text), "{}.{field} = {text}", table.object);
                }
            }
            assert!(seen.insert(row["id"].as_str().unwrap().to_owned()), "{} twice", row["id"]);
        }
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.as_bytes()[8] == b'-' && text.as_bytes()[14] == b'8'
}

#[test]
fn no_two_people_have_one_name() {
    for size in [Size::Small, Size::Medium] {
        let users = make(size).organisation.users;
        let names: HashSet<&str> = users.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names.len(), users.len());
    }
}

#[test]
fn codes_are_unique() {
    let data = make(Size::Medium);
    for (object, fields) in [
        ("product", &["sku_code"][..]),
        ("product", &["barcode"]),
        ("dealer", &["uscc_code"]),
        ("product_uom", &["product", "uom"]),
        ("price_entry", &["price_book", "product", "uom"]),
        ("assortment_item", &["assortment", "product"]),
        ("attendance_day", &["user", "business_date"]),
        ("outlet_dealer_link", &["outlet", "dealer"]),
    ] {
        let mut seen = HashSet::new();
        for row in table(&data, object).rows() {
            let key: Vec<String> = fields.iter().map(|field| row[*field].to_string()).collect();
            assert!(seen.insert(key), "{object} {fields:?} {row:?}");
        }
    }
}

#[test]
fn rows_the_packages_seeded_are_used() {
    let mut known = Known::default();
    known.insert("channel", "TT", "seeded-channel");
    let data = dataset(Size::Small, NaiveDate::from_ymd_opt(2026, 6, 30).unwrap(), known);
    assert_eq!(table(&data, "channel").count, 5);
    assert!(table(&data, "outlet").rows().any(|row| row["channel"] == "seeded-channel"));
}

#[test]
fn the_demo_logins_exist() {
    for size in [Size::Small, Size::Medium] {
        let users: HashMap<String, Vec<&str>> =
            make(size).organisation.users.into_iter().map(|user| (user.email, user.roles)).collect();
        for (email, role) in [
            ("admin@demo", "tenant_admin"),
            ("hq@demo", "brand_hq"),
            ("region@demo", "region_mgr"),
            ("supervisor@demo", "supervisor"),
            ("rep@demo", "brand_rep"),
            ("dealer@demo", "dealer_admin"),
            ("dealer_rep@demo", "dealer_rep"),
            ("dealer2@demo", "dealer_admin"),
            ("dealer2_rep@demo", "dealer_rep"),
        ] {
            assert!(users[email].contains(&role), "{email}");
        }
    }
}

#[test]
fn the_hard_cases_are_there() {
    let data = make(Size::Small);
    let outlets: Vec<Row> = table(&data, "outlet").rows().collect();
    let name = |row: &Row| row["name"].as_str().unwrap().to_owned();
    assert!(outlets.iter().any(|row| name(row).contains('🍜')));
    assert!(outlets.iter().any(|row| name(row).contains('𠮷')));
    assert!(
        outlets
            .iter()
            .any(|row| row.get("note_txt").is_some_and(|note| note.as_str().unwrap().chars().count() == 5_000))
    );
    assert!(outlets.iter().any(|row| row["position_source"] == "import"));
    assert!(outlets.iter().any(|row| row["status"] == "merged" && row.contains_key("merged_into")));
    let books: Vec<Row> = table(&data, "price_book").rows().collect();
    assert_eq!(books[0]["to_on"], books[1]["from_on"]);
    let mut dealers: BTreeMap<String, u64> = BTreeMap::new();
    for row in table(&data, "outlet_dealer_link").rows() {
        *dealers.entry(row["outlet"].to_string()).or_default() += 1;
    }
    assert!(dealers.values().any(|count| *count == 2));
    let medium = make(Size::Medium);
    let repacked = table(&medium, "product").rows().nth(3).unwrap()["id"].clone();
    let lines = table(&medium, "order_line");
    let boxes =
        lines.shard(0, 20).chain(lines.shard(18, 20)).filter(|row| row["uom"] == "box" && row["product"] == repacked);
    let factors: HashSet<String> = boxes.map(|row| row["factor_n"].to_string()).collect();
    assert_eq!(factors.len(), 2);
}
