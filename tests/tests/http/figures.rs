//! Computed fields after random programmes of writes: every stored figure equals one worked out here from nothing but
//! what people wrote, by rules spelt out in this file once more.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const API: &str = "/t/figures/api/v1";
/// Parents before children; a lookup is called like the object it points at.
const OBJECTS: [(&str, &[&str]); 8] = [
    ("country", &[]),
    ("zone", &["country"]),
    ("region", &["zone"]),
    ("shop", &["region"]),
    ("family", &[]),
    ("brand", &["family"]),
    ("item", &["shop", "brand"]),
    ("piece", &["item"]),
];
const PROGRAMMES: usize = 12;
const STEPS: usize = 40;

type Row = Map<String, Value>;

#[test]
fn figures_are_what_a_full_recompute_gives() {
    for place in Place::each() {
        place.tenant("figures", "figures");
        place.user("figures", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        let mut writer = Writer::new(server.log_in("figures", "keeper"));
        for programme in 1..=PROGRAMMES {
            for _ in 0..STEPS {
                writer.step();
            }
            let kept = Books::read(&writer.keeper);
            let different = kept.differences(&kept.recomputed());
            assert!(different.is_empty(), "after programme {programme}:\n{}", different.join("\n"));
        }
        let done: Vec<_> = writer.done.iter().filter(|(_, count)| **count > 0).map(|(step, _)| *step).collect();
        assert_eq!(done, ["bulk", "create", "delete", "list", "nested", "restore", "update"]);
    }
}

struct Writer {
    keeper: Client,
    dice: Dice,
    /// All that were ever made, by object.
    made: BTreeMap<&'static str, Vec<String>>,
    done: BTreeMap<&'static str, usize>,
}

impl Writer {
    fn new(keeper: Client) -> Self {
        Self { keeper, dice: Dice(7), made: BTreeMap::new(), done: BTreeMap::new() }
    }

    /// One request. It may be refused, where what it names is gone, and is then as good as not made.
    fn step(&mut self) {
        let (object, _) = OBJECTS[self.dice.below(OBJECTS.len())];
        let (step, answer) = match self.dice.below(16) {
            0..=4 => ("create", self.create(object)),
            5..=8 => {
                let (id, body) = (self.any(object), self.values(object, 60));
                ("update", self.keeper.patch(&format!("{API}/{object}/{id}"), &[], &body))
            }
            9 => {
                let path = format!("{API}/{object}/{}", self.any(object));
                ("delete", self.keeper.delete(&path))
            }
            10..=11 => {
                let path = format!("{API}/{object}/{}/restore", self.any(object));
                ("restore", self.keeper.post(&path, &json!({})))
            }
            12..=13 => ("nested", self.nested()),
            14 => ("list", self.list(object)),
            _ => {
                let path = format!("{API}/item?quantity=gt.{}", self.dice.below(6));
                let body = json!({ "price": self.price(), "brand": self.reference("brand") });
                ("bulk", self.keeper.patch(&path, &[], &body))
            }
        };
        assert!(answer.status < 500, "{step} of {object}: {} {}", answer.status, answer.text);
        *self.done.entry(step).or_default() += usize::from(answer.status < 300);
    }

    fn create(&mut self, object: &'static str) -> Answer {
        let body = self.values(object, 100);
        let answer = self.keeper.create(&format!("{API}/{object}"), &body);
        self.keep(object, &answer);
        answer
    }

    fn list(&mut self, object: &'static str) -> Answer {
        let rows: Vec<Value> = (0..3).map(|_| self.values(object, 100)).collect();
        let prefer = [("prefer", "return=representation")];
        let answer = self.keeper.send("POST", &format!("{API}/{object}"), &prefer, Some(&json!(rows)));
        self.keep(object, &answer);
        answer
    }

    /// A shop with its items: one added, and of those there may be, one changed and one taken away.
    fn nested(&mut self) -> Answer {
        let shop = self.any("shop");
        let mut items = vec![self.values("item", 100)];
        let there = self.keeper.get(&format!("{API}/item?select=id&shop=eq.{shop}&limit=2")).json();
        for (position, item) in there.as_array().into_iter().flatten().enumerate() {
            let quantity = self.dice.below(9);
            items.push(match position {
                0 => json!({ "id": item["id"], "quantity": quantity }),
                _ => json!({ "id": item["id"], "_delete": true }),
            });
        }
        for item in &mut items {
            item.as_object_mut().unwrap().remove("shop");
        }
        let body = json!({ "open": self.dice.below(2) == 0, "items": items });
        self.keeper.patch(&format!("{API}/shop/{shop}"), &[], &body)
    }

    fn keep(&mut self, object: &'static str, answer: &Answer) {
        if answer.status < 300 {
            let rows = answer.json();
            let rows = if rows.is_array() { rows.as_array().cloned().unwrap() } else { vec![rows] };
            let ids = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned());
            self.made.entry(object).or_default().extend(ids);
        }
    }

    fn any(&mut self, object: &str) -> String {
        let made = self.made.get(object).map(Vec::as_slice).unwrap_or_default();
        if made.is_empty() {
            return "01890000-0000-7000-8000-000000000000".into();
        }
        made[self.dice.below(made.len())].clone()
    }

    fn reference(&mut self, object: &str) -> Value {
        if self.dice.below(8) == 0 { Value::Null } else { json!(self.any(object)) }
    }

    fn price(&mut self) -> Value {
        if self.dice.below(6) == 0 {
            return Value::Null;
        }
        json!(Decimal::new(self.dice.below(200_000) as i64 - 50_000, 2).to_string())
    }

    /// Each value with a chance of so many in a hundred.
    fn values(&mut self, object: &str, percent: usize) -> Value {
        let mut row = Row::new();
        let (_, lookups) = OBJECTS.iter().find(|(name, _)| *name == object).unwrap();
        for lookup in *lookups {
            let mut target = self.reference(lookup);
            // What belongs to nothing is not taken.
            while object == "item" && *lookup == "shop" && target.is_null() {
                target = self.reference(lookup);
            }
            row.insert((*lookup).into(), target);
        }
        let whole = |dice: &mut Dice, end| json!(dice.below(end));
        match object {
            "country" => {
                let rate = Decimal::new(self.dice.below(2_000) as i64, 3).to_string();
                row.insert("rate".into(), if self.dice.below(5) == 0 { Value::Null } else { json!(rate) });
            }
            "region" => {
                let factor = Decimal::new(self.dice.below(300) as i64, 2).to_string();
                row.insert("factor".into(), if self.dice.below(3) == 0 { Value::Null } else { json!(factor) });
            }
            "zone" => drop(row.insert("name".into(), json!(format!("Z{}", self.dice.below(50))))),
            "shop" => drop(row.insert("open".into(), json!([Some(true), Some(false), None][self.dice.below(3)]))),
            "family" => drop(row.insert("active".into(), json!([Some(true), Some(false), None][self.dice.below(3)]))),
            "item" => {
                row.insert("quantity".into(), whole(&mut self.dice, 9));
                row.insert("price".into(), self.price());
                row.insert("made_on".into(), json!(format!("2026-01-{:02}", self.dice.below(28) + 1)));
            }
            "piece" => drop(row.insert("weight".into(), whole(&mut self.dice, 100))),
            _ => {}
        }
        row.retain(|_, _| self.dice.below(100) < percent);
        Value::Object(row)
    }
}

/// Numbers from a seed, the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// All live records, by object and id.
#[derive(Clone, Default)]
struct Books(BTreeMap<&'static str, BTreeMap<String, Row>>);

type Keeps = fn(&Books, &Row) -> bool;

/// How a field is worked out; of children, the object, whose lookup is called like the parent.
enum Figure {
    Count(&'static str, Keeps),
    /// With the digits of the field.
    Sum(&'static str, &'static str, u32, Keeps),
    Mean(&'static str, &'static str, u32),
    /// Texts are compared as numbers where they are some.
    Least(&'static str, &'static str, Keeps),
    Most(&'static str, &'static str, Keeps),
    /// The value at the end of a way of lookups.
    Far(&'static [&'static str], &'static str),
    /// Two values multiplied, the second up a way of lookups, with so many digits.
    Product(&'static str, &'static [&'static str], &'static str, u32),
    Weighted,
}

const ALL: Keeps = |_, _| true;

/// What each field is made of stands above it.
const FIGURES: [(&str, &str, Figure); 29] = [
    ("item", "amount", Figure::Product("quantity", &[], "price", 2)),
    ("item", "piece_weight", Figure::Sum("piece", "weight", 0, ALL)),
    ("brand", "worth", Figure::Sum("item", "amount", 2, ALL)),
    ("family", "brand_count", Figure::Count("brand", ALL)),
    ("family", "worth", Figure::Sum("brand", "worth", 2, ALL)),
    ("shop", "item_count", Figure::Count("item", ALL)),
    ("shop", "stock", Figure::Sum("item", "amount", 2, ALL)),
    ("shop", "cheapest", Figure::Least("item", "amount", ALL)),
    ("shop", "dearest", Figure::Most("item", "price", ALL)),
    ("shop", "mean_quantity", Figure::Mean("item", "quantity", 2)),
    ("shop", "big_count", Figure::Count("item", |_, item| item["quantity"].as_i64() > Some(3))),
    ("shop", "first_on", Figure::Least("item", "made_on", ALL)),
    ("shop", "last_on", Figure::Most("item", "made_on", |_, item| !item["price"].is_null())),
    (
        "shop",
        "hot",
        Figure::Sum("item", "amount", 2, |books, item| books.up(item, &["brand", "family"], "active") == true),
    ),
    ("shop", "weighted", Figure::Weighted),
    ("shop", "tax", Figure::Product("stock", &["region", "zone", "country"], "rate", 2)),
    ("region", "stock", Figure::Sum("shop", "stock", 2, ALL)),
    ("region", "mean", Figure::Mean("shop", "stock", 3)),
    ("region", "tax", Figure::Sum("shop", "tax", 2, ALL)),
    ("region", "open_count", Figure::Count("shop", |_, shop| shop["open"] == true)),
    ("zone", "worth", Figure::Sum("region", "stock", 2, ALL)),
    ("zone", "tax", Figure::Sum("region", "tax", 2, ALL)),
    ("zone", "best", Figure::Most("region", "mean", ALL)),
    ("country", "zone_worth", Figure::Sum("zone", "worth", 2, ALL)),
    ("country", "zone_mean", Figure::Mean("zone", "worth", 4)),
    ("country", "tax", Figure::Sum("zone", "tax", 2, ALL)),
    ("piece", "rate", Figure::Far(&["item", "shop", "region", "zone", "country"], "rate")),
    ("piece", "share", Figure::Product("weight", &["item", "shop", "region"], "mean", 3)),
    ("piece", "place", Figure::Far(&["item", "shop", "region", "zone"], "name")),
];

impl Books {
    fn read(keeper: &Client) -> Self {
        let rows = |object| {
            let rows = keeper.get(&format!("{API}/{object}?limit=1000")).expect(200).json();
            let rows = rows.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone());
            rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
        };
        Self(OBJECTS.iter().map(|(object, _)| (*object, rows(object))).collect())
    }

    fn recomputed(&self) -> Self {
        let mut books = self.clone();
        for (object, field, figure) in &FIGURES {
            let worked: Vec<(String, Value)> =
                books.0[object].iter().map(|(id, row)| (id.clone(), books.figure(object, row, figure))).collect();
            for (id, value) in worked {
                books.0.get_mut(object).unwrap().get_mut(&id).unwrap().insert((*field).into(), value);
            }
        }
        books
    }

    fn figure(&self, object: &str, row: &Row, figure: &Figure) -> Value {
        match figure {
            Figure::Count(child, keeps) => json!(self.children(object, row, child, *keeps).len()),
            Figure::Sum(child, of, digits, keeps) => {
                let sum = self.numbers(object, row, child, of, *keeps).into_iter().sum::<Decimal>();
                if *digits == 0 { json!(sum.mantissa() as i64) } else { written(sum, *digits) }
            }
            Figure::Mean(child, of, digits) => {
                let numbers = self.numbers(object, row, child, of, ALL);
                let sum = numbers.iter().sum::<Decimal>();
                if numbers.is_empty() { Value::Null } else { written(sum / Decimal::from(numbers.len()), *digits) }
            }
            Figure::Least(child, of, keeps) => {
                self.sorted(object, row, child, of, *keeps).first().cloned().unwrap_or_default()
            }
            Figure::Most(child, of, keeps) => {
                self.sorted(object, row, child, of, *keeps).last().cloned().unwrap_or_default()
            }
            Figure::Far(way, of) => self.up(row, way, of),
            Figure::Product(own, way, of, digits) => {
                let product = number(&row[*own]).zip(number(&self.up(row, way, of))).map(|(a, b)| a * b);
                product.map_or(Value::Null, |product| written(product, *digits))
            }
            Figure::Weighted => {
                let factor = number(&self.up(row, &["region"], "factor")).unwrap_or(Decimal::ONE);
                number(&row["stock"]).map_or(Value::Null, |stock| written(factor * stock, 2))
            }
        }
    }

    fn up(&self, row: &Row, way: &[&str], of: &str) -> Value {
        let Some((lookup, rest)) = way.split_first() else { return row[of].clone() };
        let target = row[*lookup].as_str().and_then(|id| self.0[lookup].get(id));
        target.map_or(Value::Null, |target| self.up(target, rest, of))
    }

    fn children(&self, object: &str, row: &Row, child: &str, keeps: Keeps) -> Vec<&Row> {
        self.0[child].values().filter(|child| child[object] == row["id"] && keeps(self, child)).collect()
    }

    fn numbers(&self, object: &str, row: &Row, child: &str, of: &str, keeps: Keeps) -> Vec<Decimal> {
        self.children(object, row, child, keeps).iter().filter_map(|child| number(&child[of])).collect()
    }

    fn sorted(&self, object: &str, row: &Row, child: &str, of: &str, keeps: Keeps) -> Vec<Value> {
        let children = self.children(object, row, child, keeps);
        let mut values: Vec<Value> =
            children.iter().map(|child| child[of].clone()).filter(|value| !value.is_null()).collect();
        values.sort_by(|a, b| number(a).cmp(&number(b)).then_with(|| a.as_str().cmp(&b.as_str())));
        values
    }

    fn differences(&self, expected: &Self) -> Vec<String> {
        let mut different = Vec::new();
        for (object, rows) in &self.0 {
            for (id, row) in rows {
                for (field, value) in row.iter().filter(|(field, value)| expected.0[object][id][*field] != **value) {
                    let expected = &expected.0[object][id][field];
                    different.push(format!("{object} {id}: {field} is {value}, comes to {expected}"));
                }
            }
        }
        different
    }
}

fn number(value: &Value) -> Option<Decimal> {
    value.as_i64().map(Decimal::from).or_else(|| value.as_str()?.parse().ok())
}

/// Half away from zero, with all its digits.
fn written(number: Decimal, digits: u32) -> Value {
    let mut number = number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    number.rescale(digits);
    json!(number.to_string())
}
