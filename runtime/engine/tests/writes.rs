//! What a hostile or unlucky request may do to records, and what it may learn from the answer.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "writes/lifecycle.rs"]
mod lifecycle;
#[path = "support/world.rs"]
mod world;

use serde_json::{Value as Json, json};
use world::{Ask, World, told};

fn text(label: &str, order: u32) -> Json {
    json!({ "type": "text", "order": order, "label": { "en": label } })
}

fn object(name: &str, fields: &Json) -> Json {
    json!({ "kind": "object", "name": name, "label": { "en": name }, "record_name": "name", "sharing_default": "private", "fields": fields })
}

fn lookup(target: &str, order: u32, collection: &str, on_delete: &str) -> Json {
    json!({ "type": "lookup", "order": order, "label": { "en": collection }, "target": target, "collection": collection, "on_delete": on_delete })
}

fn world() -> World {
    let account = object("account", &json!({ "name": text("Name", 10), "secret": text("Secret", 20) }));
    let deal = object(
        "deal",
        &json!({
            "name": text("Name", 10),
            "seller": lookup("account", 20, "sold", "set_null"),
            "buyer": lookup("account", 30, "bought", "set_null"),
            "bank": lookup("account", 40, "financed", "restrict"),
            "total": { "type": "rollup", "order": 50, "label": { "en": "Total" }, "collection": "lines", "function": "sum", "field": "amount" },
            "seen": { "type": "integer", "order": 60, "label": { "en": "Seen" }, "default": 0 }
        }),
    );
    let line = object(
        "line",
        &json!({
            "deal": { "type": "master_detail", "order": 10, "label": { "en": "Deal" }, "target": "deal", "collection": "lines" },
            "name": text("Name", 20),
            "amount": { "type": "integer", "order": 30, "label": { "en": "Amount" } },
            "instead_of": lookup("line", 40, "replaced_by", "restrict")
        }),
    );
    let note = object("note", &json!({ "name": text("Name", 10), "line": lookup("line", 20, "notes", "cascade") }));
    let folder =
        object("folder", &json!({ "name": text("Name", 10), "above": lookup("folder", 20, "below", "restrict") }));
    let touch = json!({
        "kind": "workflow", "name": "count_saves", "label": { "en": "Count" }, "run_as": "starter",
        "trigger": { "on": "before_save", "object": "deal", "events": ["update"] },
        "steps": [ { "set": { "seen": "record.seen + 1" } } ]
    });
    let seller = json!({
        "kind": "role", "name": "seller", "label": { "en": "Seller" },
        "grants": [
            { "object": "account", "verbs": ["read"], "rows": "all", "fields": ["name"] },
            { "object": "account", "verbs": ["read", "update", "delete"], "rows": "own", "fields": ["name", "secret"] },
            { "object": "deal", "verbs": ["read", "create", "update", "delete", "transfer"], "rows": "own", "rows_after": "all", "fields": "*" },
            { "object": "line", "verbs": ["read"], "rows": "parent", "fields": "*" },
            { "object": "line", "verbs": ["create", "update", "delete"], "rows": "all", "fields": ["name", "amount"] }
        ]
    });
    let reader = json!({
        "kind": "role", "name": "reader", "label": { "en": "Reader" },
        "grants": [ { "object": "deal", "verbs": ["read"], "rows": "all", "fields": "*" },
                    { "object": "deal", "verbs": ["update"], "rows": "own", "fields": "*" } ]
    });
    World::new(vec![account, deal, line, note, folder, touch, seller, reader])
}

#[test]
fn a_hidden_value_cannot_be_guessed_by_sending_it() {
    let world = world();
    let (ann, bob) = (world.member("ann", &["seller"]), world.member("bob", &["seller"]));
    let account = world.create(
        &world.system,
        "account",
        json!({ "name": "A", "secret": "42", "owner_id": ann.actor.user.to_string() }),
    );
    let guess =
        |secret: &str| told(world.ask(&bob, vec![Ask::Update("account", account, json!({ "secret": secret }))]));
    assert_eq!(guess("42"), guess("41"));
    assert_eq!(guess("42"), "/0 Forbidden");
    assert_eq!(told(world.ask(&ann, vec![Ask::Update("account", account, json!({ "secret": "42" }))])), "done");
    assert_eq!(
        told(world.ask(&bob, vec![Ask::Update("account", account, json!({ "name": "A" }))])),
        "done",
        "he sees it"
    );
}

#[test]
fn a_record_out_of_sight_tells_nothing() {
    let world = world();
    let (ann, bob) = (world.member("ann", &["seller"]), world.member("bob", &["seller"]));
    let deal = world.create(&ann, "deal", json!({ "name": "D" }));
    for ask in [
        Ask::Update("deal", deal, json!({})),
        Ask::Update("deal", deal, json!({ "name": "D" })),
        Ask::Stale("deal", deal),
        Ask::Delete("deal", deal),
    ] {
        assert_eq!(told(world.ask(&bob, vec![ask])), "/0 UnknownRecord");
    }
}

#[test]
fn who_may_not_delete_does_not_learn_what_refers_to_it() {
    let world = world();
    let (ann, bob) = (world.member("ann", &["seller"]), world.member("bob", &["seller"]));
    let account =
        world.create(&world.system, "account", json!({ "name": "A", "owner_id": ann.actor.user.to_string() }));
    world.create(&world.system, "deal", json!({ "name": "D", "bank": account.to_string() }));
    let delete = |caller| told(world.ask(caller, vec![Ask::Delete("account", account)]));
    assert_eq!(delete(&bob), "/0 Forbidden");
    assert_eq!(delete(&ann), "/0 InUse { object: \"deal\" }");
}

#[test]
fn an_idle_save_changes_nothing_for_who_may_not_change_it() {
    let world = world();
    let (ann, eve) = (world.member("ann", &["seller"]), world.member("eve", &["reader"]));
    let deal = world.create(&ann, "deal", json!({ "name": "D" }));
    assert_eq!(told(world.ask(&eve, vec![Ask::Update("deal", deal, json!({}))])), "done");
    assert_eq!(world.read("deal", deal)["seen"], 0);
    world.ask(&ann, vec![Ask::Update("deal", deal, json!({ "name": "E" }))]).unwrap();
    assert_eq!(world.read("deal", deal)["seen"], 1);
}

#[test]
fn every_lookup_at_a_deleted_record_is_let_go() {
    let world = world();
    let account = world.create(&world.system, "account", json!({ "name": "A" }));
    let id = account.to_string();
    let deal = world.create(&world.system, "deal", json!({ "name": "D", "seller": id, "buyer": id }));
    world.ask(&world.system, vec![Ask::Delete("account", account)]).unwrap();
    let deal = world.read("deal", deal);
    assert_eq!((&deal["seller"], &deal["buyer"]), (&Json::Null, &Json::Null));
}

#[test]
fn a_refusing_lookup_is_heard_beside_one_that_lets_go() {
    let world = world();
    let account = world.create(&world.system, "account", json!({ "name": "A" }));
    let id = account.to_string();
    world.create(&world.system, "deal", json!({ "name": "D", "seller": id, "bank": id }));
    assert_eq!(told(world.ask(&world.system, vec![Ask::Delete("account", account)])), "/0 InUse { object: \"deal\" }");
}

#[test]
fn a_nested_delete_takes_its_referrers_along() {
    let world = world();
    let deal = world.create(
        &world.system,
        "deal",
        json!({ "name": "D", "lines": [{ "id": "01900000-0000-7000-8000-000000000001", "amount": 5 }] }),
    );
    let line = "01900000-0000-7000-8000-000000000001";
    let note = world.create(&world.system, "note", json!({ "name": "N", "line": line }));
    assert_eq!(world.read("deal", deal)["total"], 5);
    let lines = json!({ "lines": [{ "id": line, "_delete": true }] });
    world.ask(&world.system, vec![Ask::Update("deal", deal, lines)]).unwrap();
    assert_eq!(world.read("note", note), Json::Null);
    assert_eq!(world.read("deal", deal)["total"], 0);
}

#[test]
fn nothing_comes_to_refer_to_what_the_same_request_deletes() {
    let world = world();
    let (one, two) = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002");
    let deal = world.create(&world.system, "deal", json!({ "name": "D", "lines": [{ "id": one }, { "id": two }] }));
    let lines = json!({ "lines": [{ "id": one, "_delete": true }, { "id": two, "instead_of": one }] });
    assert_eq!(
        told(world.ask(&world.system, vec![Ask::Update("deal", deal, lines)])),
        "/0/lines/1/instead_of UnknownReference"
    );
}

#[test]
fn a_tree_is_deleted_in_any_order() {
    for order in [[0, 1], [1, 0]] {
        let world = world();
        let top = world.create(&world.system, "folder", json!({ "name": "T" }));
        let below = world.create(&world.system, "folder", json!({ "name": "B", "above": top.to_string() }));
        let asks = order.map(|at| Ask::Delete("folder", [top, below][at]));
        assert_eq!(told(world.ask(&world.system, asks.to_vec())), "done");
        assert_eq!(told(world.ask(&world.system, vec![Ask::Delete("folder", top)])), "/0 UnknownRecord");
    }
}

#[test]
fn details_follow_their_master_to_its_new_owner() {
    let world = world();
    let (ann, bob) = (world.member("ann", &["seller"]), world.member("bob", &["seller"]));
    let line = "01900000-0000-7000-8000-000000000001";
    let deal = world.create(&ann, "deal", json!({ "name": "D", "lines": [{ "id": line }] }));
    let bobs = bob.actor.user.to_string();
    let give = Ask::Update("deal", deal, json!({ "owner_id": bobs }));
    assert_eq!(told(world.ask(&bob, vec![give.clone()])), "/0 UnknownRecord");
    assert_eq!(told(world.ask(&ann, vec![give])), "done");
    assert_eq!(world.read("deal", deal)["owner_id"], Json::String(bobs.clone()));
    assert_eq!(world.read("line", line.parse().unwrap())["owner_id"], Json::String(bobs));
}

#[test]
fn a_line_moves_to_another_master_only_by_right() {
    let world = world();
    let ann = world.member("ann", &["seller"]);
    let line = "01900000-0000-7000-8000-000000000001";
    world.create(&ann, "deal", json!({ "name": "D", "lines": [{ "id": line, "amount": 1 }] }));
    let other = world.create(&ann, "deal", json!({ "name": "E" }));
    let r#move = Ask::Update("line", line.parse().unwrap(), json!({ "deal": other.to_string() }));
    assert_eq!(told(world.ask(&ann, vec![r#move])), "/0/deal ForbiddenField");
}

#[test]
fn a_tree_of_people_may_arrive_in_any_order() {
    let world = world();
    let (one, two) = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002");
    let person = |id: &str, manager: &str| {
        Ask::Create("user", json!({ "id": id, "name": id, "email": format!("{id}@acme.example"), "manager": manager }))
    };
    let looped = world.ask(&world.system, vec![person(one, two), person(two, one)]);
    assert_eq!(told(looped), "/1/manager Loop");
    let himself = world.ask(&world.system, vec![person(one, one)]);
    assert_eq!(told(himself), "/0/manager Loop");
}
