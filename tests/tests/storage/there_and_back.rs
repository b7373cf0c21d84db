//! Random documents published one after the other over rows: each publish settles, and going back to the documents
//! before finds every row as it was. The same chains on each database.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use std::sync::Arc;

use trellis_engine::publish::{Confirmation, DocumentChanges, Extent, apply, plan};
use trellis_engine::{Caller, Runtime, Tenant};
use trellis_plan::tables::{Column, Level, Step, Table};
use trellis_plan::{Arguments, ColumnKind, Value};
use trellis_storage::{TenantHandle, state};
use uuid::Uuid;

use crate::place::{Place, on_each, statement, values};

const CHAINS: u64 = 6;
const LINKS: usize = 12;
/// Of [`CHAINS`] × [`LINKS`] ways there and back, those that must have been possible.
const ENOUGH: usize = 15;

#[test]
fn what_was_published_can_be_taken_back() {
    on_each(|place| {
        let returned: usize = (1..=CHAINS).map(|seed| chain(place, seed)).sum();
        assert!(returned >= ENOUGH, "only {returned} ways back were possible");
    });
}

/// How often the way back was possible.
fn chain(place: &Place, seed: u64) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let runtime = Runtime::open(place.options()).unwrap();
    let tenant = runtime.create_tenant(&format!("chain{seed}")).unwrap();
    let (mut rows, mut returned) = (Rows::default(), 0);
    let mut here = documents(&mut random);
    assert!(publish(&tenant, &here).is_ok());
    for link in 0..LINKS {
        rows.insert(&tenant.handle, &mut random);
        let before = stored(&tenant.handle);
        let there = documents(&mut random);
        if publish(&tenant, &there).is_err() {
            continue;
        }
        match publish(&tenant, &here) {
            Ok(()) => {
                assert_eq!(
                    stored(&tenant.handle),
                    before,
                    "chain {seed}, link {link}: {here:#?}\nand back from {there:#?}"
                );
                returned += 1;
                // On from there, with what lies in quarantine by now.
                if random.random_ratio(1, 2) && publish(&tenant, &there).is_ok() {
                    here = there;
                }
            }
            Err(steps) => {
                let rewrites = |step: &Step| matches!(step, Step::ConvertColumn { .. } | Step::ReplaceColumn { .. });
                assert!(steps.iter().any(rewrites), "chain {seed}, link {link}: no way back: {steps:#?}");
                here = there;
            }
        }
    }
    returned
}

/// Publishes whatever is risked, unless it is impossible; afterwards there is nothing left to do.
fn publish(tenant: &Arc<Tenant>, documents: &[Json]) -> Result<(), Vec<Step>> {
    let changes = || {
        let texts: Vec<String> = documents.iter().map(ToString::to_string).collect();
        DocumentChanges { extent: Extent::Tenant, ..DocumentChanges::from_texts(texts.iter().map(String::as_str)) }
    };
    let planned = plan(tenant, changes()).unwrap();
    assert!(!planned.has_errors(), "{:#?} in {documents:#?}", planned.diagnostics);
    if planned.level == Level::Impossible {
        return Err(planned.steps);
    }
    let author = Caller::system(&tenant.pin());
    apply(tenant, changes(), &Confirmation::Hash(planned.hash), &author, "m").unwrap();
    assert!(plan(tenant, changes()).unwrap().is_empty());
    Ok(())
}

/// Every value that was not computed, by table.
fn stored(tenant: &TenantHandle) -> Vec<(String, Vec<Vec<Value>>)> {
    let layout = tenant.read(state).unwrap().layout;
    let mut tables: Vec<_> = layout.tables.iter().filter(|table| is_ours(table)).collect();
    tables.sort_by_key(|table| table.name.as_str());
    let rows = |table: &Table| {
        let mut columns: Vec<&Column> = table.columns.iter().filter(|column| !column.is_derived()).collect();
        columns.sort_by_key(|column| column.name.as_str());
        let kinds: Vec<ColumnKind> = columns.iter().map(|column| column.kind).collect();
        let sql = format!("SELECT {} FROM \"{}\" ORDER BY id", names(&columns), table.name);
        let read = |session: &mut dyn trellis_storage::Session| {
            let select = statement(session.dialect(), &sql, &[], &kinds);
            values(session, &select, &[])
        };
        tenant.read(read).unwrap()
    };
    tables.into_iter().map(|table| (table.name.to_string(), rows(table))).collect()
}

fn names(columns: &[&Column]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    quoted.join(", ")
}

fn is_ours(table: &Table) -> bool {
    OBJECTS.contains(&table.name.as_str())
}

/// What was inserted so far.
#[derive(Default)]
struct Rows {
    count: u32,
    ids: Vec<(String, Uuid)>,
}

impl Rows {
    /// Two more into each table.
    fn insert(&mut self, tenant: &TenantHandle, random: &mut StdRng) {
        let layout = tenant.read(state).unwrap().layout;
        for table in layout.tables.iter().filter(|table| is_ours(table)) {
            for _ in 0..2 {
                self.insert_into(tenant, table, random);
            }
        }
    }

    fn insert_into(&mut self, tenant: &TenantHandle, table: &Table, random: &mut StdRng) {
        self.count += 1;
        let columns: Vec<&Column> = table.columns.iter().filter(|column| !column.is_derived()).collect();
        let slots: Vec<Value> = columns.iter().map(|column| self.value(column, random)).collect();
        let kinds: Vec<ColumnKind> = columns.iter().map(|column| column.kind).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({places})", table.name, names(&columns));
        let insert = move |session: &mut dyn trellis_storage::Session| {
            let insert = statement(session.dialect(), &sql, &kinds, &[]);
            session.execute(&insert, &Arguments::slots(&slots))
        };
        tenant.write(insert).wait().unwrap();
        self.ids.push((table.name.to_string(), Uuid::from_u128(self.count.into())));
    }

    fn value(&self, column: &Column, random: &mut StdRng) -> Value {
        let number = i64::from(self.count);
        match column.name.as_str() {
            "id" => return Value::Id(Uuid::from_u128(self.count.into())),
            "version" => return Value::Integer(1),
            "created_at" | "updated_at" => return Value::DateTime(chrono::DateTime::UNIX_EPOCH),
            "created_by" | "updated_by" | "owner_id" | "org_unit_id" | "deleted_at" => return Value::Null,
            _ if random.random_ratio(1, 4) => return Value::Null,
            _ => {}
        }
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1 + self.count % 28).unwrap();
        match column.type_name() {
            "rich_text" => return Value::text(format!("<p>t{number} &amp; <b>more</b></p>")),
            "tags" | "multi_choice" => return Value::Json(json!(["a"]).into()),
            "rating" | "integer" if column.limits.is_some() => return Value::Integer(number % 3),
            "text" if column.limits.is_some() => return Value::text((number % 3).to_string()),
            _ => {}
        }
        match column.kind {
            ColumnKind::Text if !column.codes.is_empty() => {
                Value::text(&column.codes[random.random_range(0..column.codes.len())])
            }
            ColumnKind::Text => Value::text(format!("t{number}")),
            ColumnKind::Integer | ColumnKind::Duration => Value::Integer(number),
            ColumnKind::Decimal { scale } => Value::Decimal(Decimal::new(number, scale.into())),
            ColumnKind::Boolean => Value::Boolean(random.random_ratio(1, 2)),
            ColumnKind::Date => Value::Date(day),
            ColumnKind::DateTime => Value::DateTime(day.and_time(chrono::NaiveTime::MIN).and_utc()),
            ColumnKind::Time => Value::Time(chrono::NaiveTime::from_hms_opt(7, self.count % 60, 0).unwrap()),
            ColumnKind::Json => Value::Json(json!({ "n": number }).into()),
            ColumnKind::Id => {
                let is_target =
                    |(table, _): &&(String, Uuid)| column.target.as_ref().is_some_and(|t| t.as_str() == table);
                let targets: Vec<_> = self.ids.iter().filter(is_target).collect();
                if targets.is_empty() {
                    return Value::Null;
                }
                Value::Id(targets[random.random_range(0..targets.len())].1)
            }
        }
    }
}

const OBJECTS: [&str; 3] = ["item", "line", "note"];

/// Of each name, what it may be; mostly the first.
const FIELDS: [(&str, &[&str]); 12] = [
    ("title", &[r#"{"type":"text"}"#, r#"{"type":"long_text"}"#, r#"{"type":"rich_text"}"#, r#"{"type":"email"}"#]),
    ("count", &[r#"{"type":"integer"}"#, r#"{"type":"decimal","scale":2}"#, r#"{"type":"text"}"#]),
    ("price", &[r#"{"type":"decimal","scale":2}"#, r#"{"type":"decimal","scale":4}"#, r#"{"type":"markdown"}"#]),
    ("is_new", &[r#"{"type":"boolean"}"#, r#"{"type":"integer"}"#, r#"{"type":"text"}"#]),
    ("day", &[r#"{"type":"date"}"#, r#"{"type":"formula","result":"integer","expression":"1 + 1"}"#]),
    ("seen", &[r#"{"type":"datetime"}"#, r#"{"type":"date"}"#, r#"{"type":"text"}"#]),
    ("opens", &[r#"{"type":"time"}"#, r#"{"type":"duration"}"#, r#"{"type":"long_text"}"#]),
    ("extra", &[r#"{"type":"json"}"#, r#"{"type":"text"}"#, r#"{"type":"integer"}"#]),
    ("body", &[r#"{"type":"rich_text"}"#, r#"{"type":"text"}"#, r#"{"type":"boolean"}"#]),
    ("words", &[r#"{"type":"tags"}"#, r#"{"type":"text"}"#, ONE_OR_TWO, r#"{"type":"json"}"#]),
    ("stars", &[r#"{"type":"rating"}"#, r#"{"type":"integer","max":2}"#, r#"{"type":"text","pattern":"[0-2]"}"#]),
    (
        "grade",
        &[
            r#"{"type":"choice","options":[{"code":"a","label":"a"},{"code":"b","label":"b"}]}"#,
            r#"{"type":"choice","options":[{"code":"a","label":"a"}]}"#,
            ONE_OR_TWO,
        ],
    ),
];

const ONE_OR_TWO: &str = r#"{"type":"multi_choice","options":[{"code":"a","label":"a"},{"code":"b","label":"b"}]}"#;

fn documents(random: &mut StdRng) -> Vec<Json> {
    let objects: Vec<&str> = OBJECTS.into_iter().filter(|_| !random.random_ratio(1, 4)).collect();
    objects.iter().map(|name| object(random, name, &objects)).collect()
}

fn object(random: &mut StdRng, name: &str, objects: &[&str]) -> Json {
    let mut fields = serde_json::Map::from_iter([("code".to_owned(), json!({ "type": "text" }))]);
    for (field, forms) in FIELDS {
        if random.random_ratio(1, 3) {
            continue;
        }
        let form = if random.random_ratio(1, 5) { random.random_range(0..forms.len()) } else { 0 };
        let mut form: Json = serde_json::from_str(forms[form]).unwrap();
        // What these hold is not to be compared.
        let is_compared = form["type"] != "formula" && form["type"] != "rich_text";
        for attribute in ["required", "indexed", "unique"] {
            let takes = is_compared && ["title", "count"].contains(&field);
            if takes && random.random_ratio(1, 4) {
                form[attribute] = json!(true);
            }
        }
        fields.insert(field.to_owned(), form);
    }
    if random.random_ratio(2, 3) {
        let target = objects[random.random_range(0..objects.len())];
        let parent = json!({ "type": "lookup", "target": target, "collection": format!("{name}_children") });
        fields.insert("parent".to_owned(), parent);
    }
    json!({ "kind": "object", "name": name, "label": name, "fields": fields })
}
