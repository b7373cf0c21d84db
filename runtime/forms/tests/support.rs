//! The sample package, its records, and the comparison with files.
#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use trellis_forms::{Labels, LookupOptions, Lookups, RowView, Site, SiteUser};
use trellis_metadata::document::DocumentSet;
use trellis_metadata::expression::{Expr, Expression, Root};
use trellis_metadata::label::Locale;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::{FieldIndex, Layer, Object, ObjectIndex, Snapshot, platform_object, system_field};
use trellis_metadata::value::Value;
use uuid::Uuid;

pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

pub fn snapshot() -> Snapshot {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder("sample"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    let (set, found) = DocumentSet::parse(files);
    let resolution = resolve(&set.in_layer(Layer::Package), 1);
    let messages: Vec<String> = found.iter().chain(resolution.errors()).map(ToString::to_string).collect();
    resolution.snapshot.unwrap_or_else(|| panic!("{}", messages.join("\n")))
}

/// Compares with the file, or writes it when `TRELLIS_UPDATE` is set.
pub fn compare(path: &Path, actual: &str) -> Result<(), String> {
    if std::env::var_os("TRELLIS_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let differs = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
    match (expected == actual, differs) {
        (true, _) => Ok(()),
        (false, line) => Err(format!("{} differs at line {:?}", path.display(), line.map(|line| line + 1))),
    }
}

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + n)
}

pub fn site<'a>(snapshot: &'a Snapshot, objects: &'a [ObjectIndex], locale: Locale) -> Site<'a> {
    Site {
        snapshot,
        tenant: "demo",
        tenant_label: "Evergreen & <Foods>",
        locale,
        zone: chrono_tz::Asia::Shanghai,
        user: Some(SiteUser { name: "Li Wei", email: "li.wei@example.com" }),
        objects,
        unread: 2,
        csrf: "csrf-token",
        return_to: "/t/demo/app",
        flash: None,
    }
}

pub fn row(object: &Object, n: u128, cells: &[(&str, Value)]) -> RowView {
    let cell = |(name, value): &(&str, Value)| (object.field_by_name(name).unwrap().index, value.clone());
    RowView { id: id(n), values: cells.iter().map(cell).collect(), color: None }
}

pub fn json(text: &str) -> Value {
    Value::Json(serde_json::from_str::<serde_json::Value>(text).unwrap().into())
}

pub fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

pub fn date(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

pub fn instant(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

/// One visit with a value in every field.
pub fn visit(snapshot: &Snapshot) -> RowView {
    let object = snapshot.object_by_name("visit").unwrap();
    let mut row = row(
        object,
        1,
        &[
            ("subject", Value::text("Shelf check <b>&\"'")),
            ("shop", Value::Id(id(11))),
            ("rep", Value::Id(id(21))),
            ("status", Value::text("planned")),
            ("purpose", Value::text("order")),
            ("weather", Value::text("rain")),
            ("topics", Value::List([Value::text("price"), Value::text("returns")].into())),
            ("on_day", date("2026-11-23")),
            ("arrived", Value::DateTime(instant("2026-11-23T06:30:00Z"))),
            ("open_from", Value::Time("08:30:00".parse().unwrap())),
            ("shelves", Value::Integer(12)),
            ("length_m", decimal("3.250")),
            ("budget", decimal("12345.5")),
            ("share", decimal("0.125")),
            ("paid", Value::Boolean(true)),
            ("mail", Value::text("a@example.com")),
            ("phone", Value::text("+86 138 0013 8000")),
            ("web", Value::text("javascript:alert(1)")),
            ("place", json(r#"{"lat":31.2304,"lng":121.4737}"#)),
            ("note", Value::text("First line\nSecond line </textarea>")),
            ("extra", json(r#"{"a":[1,2]}"#)),
            ("report", Value::text("<h3>Seen</h3><p>All <b>good</b> &amp; full</p><script>alert(1)</script>")),
            ("plan", Value::text("# Next\n- call [shop](https://example.com)\n- <b>x</b>")),
            ("took", Value::Integer(5_415)),
            ("words", json(r#"["new","<b>"]"#)),
            ("unit", Value::Id(id(31))),
            ("address", json(r#"{"country":"CN","city":"上海","street":"人民路 18 号 <A>"}"#)),
            ("district", Value::text("310104")),
            ("code", Value::text("4006381333931")),
            ("shade", Value::text("#2255cc")),
            ("mood", Value::Integer(4)),
            ("shelf", Value::Id(id(41))),
            ("quote", Value::Id(id(42))),
            ("signed", Value::Id(id(43))),
            ("total", decimal("30.5")),
        ],
    );
    row.values.insert(system_field::OWNER_ID, Value::Id(id(21)));
    row.values.insert(system_field::CREATED_AT, Value::DateTime(instant("2026-11-20T01:00:00Z")));
    row.values.insert(system_field::CREATED_BY, Value::Id(id(21)));
    row
}

pub fn lines(snapshot: &Snapshot) -> Vec<RowView> {
    let object = snapshot.object_by_name("visit_line").unwrap();
    let line = |n, product: &str, quantity, amount: &str| {
        let cells =
            [("product", Value::text(product)), ("quantity", Value::Integer(quantity)), ("amount", decimal(amount))];
        row(object, n, &cells)
    };
    vec![line(101, "Tea", 2, "10.25"), line(102, "Juice", 1, "20.25")]
}

pub fn labels() -> Labels {
    HashMap::from([
        (id(11), "Sunrise <Grocery>".to_owned()),
        (id(21), "Li Wei".to_owned()),
        (id(31), "East".to_owned()),
        (id(41), "shelf <1>.jpg".to_owned()),
        (id(42), "quote.pdf".to_owned()),
    ])
}

pub fn lookups(snapshot: &Snapshot, complete: bool) -> Lookups {
    let shop = snapshot.object_by_name("shop").unwrap().index;
    let shops = vec![(id(11), "Sunrise <Grocery>".to_owned()), (id(12), "Jade".to_owned())];
    let people = vec![(id(21), "Li Wei".to_owned())];
    HashMap::from([
        (shop, LookupOptions { options: shops, complete }),
        (platform_object::USER, LookupOptions { options: people, complete: true }),
    ])
}

/// Decides conditions of the sample form: `true`, and equality of a choice with a code.
pub fn holds(expression: &Expression, values: &BTreeMap<FieldIndex, Value>) -> bool {
    match &expression.root {
        Expr::Literal(Value::Boolean(yes)) => *yes,
        Expr::Compare(_, left, right) => match (&**left, &**right) {
            (Expr::Field(Root::Record, path), Expr::Literal(code)) => values.get(&path.steps[0]) == Some(code),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}
