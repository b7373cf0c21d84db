//! What becomes of records: deleted and brought back as sets, gone for good, their histories.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use trellis_engine::records::{self, Authority};
use trellis_engine::{outbox, retention};
use uuid::Uuid;

use super::world::{Ask, World, told};

fn world() -> World {
    let object = |name: &str, fields: &Json| {
        json!({
            "kind": "object", "name": name, "label": name, "record_name": "name", "fields": fields,
            "history": true, "retention": { "deleted_days": 30, "history_days": 90 }
        })
    };
    let lookup = |target: &str, collection: &str, on_delete: &str| json!({ "type": "lookup", "target": target, "collection": collection, "on_delete": on_delete });
    let region = json!({
        "name": { "type": "text" },
        "shop_count": { "type": "rollup", "collection": "shops", "function": "count" },
        "worth": { "type": "rollup", "collection": "shops", "function": "sum", "field": "total" }
    });
    let shop = json!({
        "name": { "type": "text", "unique": true },
        "draft": { "type": "text", "history": false },
        "region": lookup("region", "shops", "restrict"),
        "guide": lookup("region", "guided", "set_null"),
        "total": { "type": "rollup", "collection": "lines", "function": "sum", "field": "amount" },
        "double": { "type": "formula", "expression": "record.total * 2", "result": "integer" }
    });
    let line = json!({
        "shop": { "type": "master_detail", "target": "shop", "collection": "lines" },
        "name": { "type": "text" },
        "amount": { "type": "integer" }
    });
    let note = json!({ "name": { "type": "text" }, "line": lookup("line", "notes", "cascade") });
    World::new(vec![object("region", &region), object("shop", &shop), object("line", &line), object("note", &note)])
}

fn miscounts(world: &World) -> Vec<records::Miscount> {
    world.tenant.write_blocking(world.system.clone(), Authority::System, records::recount).unwrap()
}

#[test]
fn a_deletion_comes_back_as_it_went() {
    let world = world();
    let system = &world.system;
    let region = world.create(system, "region", json!({ "name": "N" }));
    let line = "01900000-0000-7000-8000-000000000001";
    let lines = json!([{ "id": line, "amount": 5 }, { "amount": 2 }]);
    let shop = world.create(system, "shop", json!({ "name": "S", "region": region.to_string(), "lines": lines }));
    let note = world.create(system, "note", json!({ "name": "n", "line": line }));
    world.ask(system, vec![Ask::Delete("shop", shop)]).unwrap();
    assert_eq!(world.read("note", note), Json::Null);
    assert_eq!(world.read("region", region)["worth"], 0);
    assert_eq!(told(world.ask(system, vec![Ask::Delete("shop", shop)])), "/0 UnknownRecord");
    world.ask(system, vec![Ask::Restore("shop", shop)]).unwrap();
    assert_eq!((&world.read("shop", shop)["total"], &world.read("shop", shop)["double"]), (&json!(7), &json!(14)));
    assert_eq!(world.read("note", note)["name"], "n");
    assert_eq!(world.read("region", region)["worth"], 7);
    assert_eq!(told(world.ask(system, vec![Ask::Restore("shop", shop)])), "/0 UnknownRecord");
    assert_eq!(miscounts(&world), []);
}

#[test]
fn what_was_deleted_meanwhile_is_missed_or_let_go_of() {
    let world = world();
    let system = &world.system;
    let (region, guide) = (world.create(system, "region", json!({})), world.create(system, "region", json!({})));
    let values = json!({ "name": "S", "region": region.to_string(), "guide": guide.to_string() });
    let shop = world.create(system, "shop", values);
    world.ask(system, vec![Ask::Delete("shop", shop)]).unwrap();
    world.ask(system, vec![Ask::Delete("region", guide), Ask::Delete("region", region)]).unwrap();
    let restore = |asks: Vec<Ask>| told(world.ask(system, asks));
    assert_eq!(restore(vec![Ask::Restore("shop", shop)]), "/0/region UnknownReference");
    assert_eq!(restore(vec![Ask::Restore("region", region), Ask::Restore("shop", shop)]), "done");
    assert_eq!(world.read("shop", shop)["guide"], Json::Null);
    assert_eq!(world.read("region", region)["shop_count"], 1);
}

#[test]
fn what_is_kept_for_a_time_goes_with_it() {
    let world = world();
    let system = &world.system;
    let shop = world.create(system, "shop", json!({ "name": "S", "lines": [{ "amount": 1 }] }));
    let other = world.create(system, "shop", json!({ "name": "T" }));
    world.ask(system, vec![Ask::Delete("shop", shop)]).unwrap();
    let after = |days| retention::sweep(&world.tenant, system.now + TimeDelta::days(days)).unwrap();
    let entries = |id: Uuid| {
        world
            .tenant
            .handle
            .read(|session| Ok::<_, trellis_engine::Error>(trellis_engine::history(session, "shop", id, None, 9)?))
    };
    assert_eq!(after(29), 0);
    assert_eq!(entries(shop).unwrap().len(), 2);
    // The shop, and its line once more by itself.
    assert!(after(31) >= 1);
    assert_eq!(told(world.ask(system, vec![Ask::Restore("shop", shop)])), "/0 UnknownRecord");
    let kinds: Vec<String> = entries(shop).unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["purge"]);
    assert_eq!(entries(other).unwrap().len(), 1);
    after(91);
    assert!(entries(other).unwrap().is_empty());
    assert_eq!(world.read("shop", other)["name"], "T");
}

#[test]
fn that_something_was_written_is_known_for_a_month() {
    let world = world();
    let shop = world.create(&world.system, "shop", json!({ "name": "S" }));
    let known = || world.tenant.handle.read(|session| outbox::written(session, 0, &[], 9)).unwrap();
    assert_eq!(known().iter().map(|written| written.record).collect::<Vec<_>>(), [shop]);
    let after = |days| retention::forget_events(&world.tenant, world.system.now + TimeDelta::days(days)).unwrap();
    assert_eq!((after(29), known().len()), (0, 1));
    assert_eq!((after(31), known().len()), (1, 0));
}

#[test]
fn a_field_without_history_leaves_none() {
    let world = world();
    let system = &world.system;
    let shop = world.create(system, "shop", json!({ "name": "S", "draft": "first" }));
    world.ask(system, vec![Ask::Update("shop", shop, json!({ "draft": "second" }))]).unwrap();
    world.ask(system, vec![Ask::Update("shop", shop, json!({ "name": "T", "draft": "third" }))]).unwrap();
    let entries = world
        .tenant
        .handle
        .read(|session| Ok::<_, trellis_engine::Error>(trellis_engine::history(session, "shop", shop, None, 9)?))
        .unwrap();
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains("draft")));
}

#[test]
fn a_long_history_is_told_from_end_to_end() {
    let world = world();
    let system = &world.system;
    let shop = world.create(system, "shop", json!({ "name": "S0" }));
    for number in 1..=250 {
        world.ask(system, vec![Ask::Update("shop", shop, json!({ "name": format!("S{number}") }))]).unwrap();
    }
    let told = world.tenant.write_blocking(system.clone(), Authority::System, move |tx| {
        let object = tx.snapshot().object_by_name("shop").unwrap();
        let all = records::versions(tx, object, shop, None, 300)?;
        let old = records::versions(tx, object, shop, Some(3), 10)?;
        let name = object.field_by_name("name").unwrap().index;
        let image = records::image_at(tx, object, shop, 2)?;
        let numbers = |past: records::Past| past.versions.iter().map(|version| version.version).collect::<Vec<_>>();
        Ok((numbers(all), numbers(old), image.image.get(name).clone()))
    });
    let (all, old, name) = told.unwrap();
    assert_eq!(all, (1..=251).rev().collect::<Vec<_>>());
    assert_eq!(old, [2, 1]);
    assert_eq!(name, trellis_metadata::value::Value::text("S1"));
}

/// Numbers from a seed, the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn whatever_is_done_totals_are_what_is_there() {
    for seed in 1..=6 {
        let world = world();
        let system = &world.system;
        let mut dice = Dice(seed);
        let regions: Vec<Uuid> = (0..2).map(|_| world.create(system, "region", json!({}))).collect();
        let mut shops: Vec<Uuid> = Vec::new();
        let mut lines: Vec<Uuid> = Vec::new();
        let mut done = 0;
        for turn in 0..80 {
            let ask = match (dice.below(8), shops.is_empty(), lines.is_empty()) {
                (0, ..) | (_, true, _) => {
                    let (id, line) = (Uuid::now_v7(), Uuid::now_v7());
                    shops.push(id);
                    lines.push(line);
                    let region = regions[dice.below(2)].to_string();
                    let lines = json!([{ "id": line.to_string(), "amount": dice.below(9) }]);
                    let name = format!("S{}", dice.below(20));
                    Ask::Create("shop", json!({ "id": id.to_string(), "name": name, "region": region, "lines": lines }))
                }
                (1, ..) => {
                    let region = regions[dice.below(2)].to_string();
                    Ask::Update("shop", shops[dice.below(shops.len())], json!({ "region": region }))
                }
                (2, ..) => Ask::Delete("shop", shops[dice.below(shops.len())]),
                (3 | 4, ..) => Ask::Restore("shop", shops[dice.below(shops.len())]),
                (5, _, false) => {
                    let shop = shops[dice.below(shops.len())].to_string();
                    Ask::Update("line", lines[dice.below(lines.len())], json!({ "shop": shop, "amount": turn }))
                }
                (6, _, false) => Ask::Delete("line", lines[dice.below(lines.len())]),
                (_, _, false) => Ask::Restore("line", lines[dice.below(lines.len())]),
                (_, _, true) => Ask::Delete("region", regions[0]),
            };
            done += usize::from(world.ask(system, vec![ask]).is_ok());
            if turn % 8 == 7 {
                assert_eq!(miscounts(&world), [], "seed {seed}, turn {turn}");
            }
        }
        assert!(done > 20, "seed {seed}: {done} of 80");
    }
}
