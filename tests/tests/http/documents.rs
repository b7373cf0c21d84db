//! Documents over HTTP and from the command line, on a running server: what is applied is in force at once, what is
//! refused changes nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const META: &str = "/t/inside/meta/v1";
const API: &str = "/t/inside/api/v1";

fn each(run: impl Fn(&Place, &Client, &Client)) {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "admin", &["tenant_admin"]);
        place.user("inside", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        run(&place, &server.log_in("inside", "admin"), &server.log_in("inside", "keeper"));
    }
}

fn apply(admin: &Client, documents: &[Value]) -> Answer {
    admin.post(&format!("{META}/apply"), &json!({ "documents": documents }))
}

fn revision(admin: &Client) -> Value {
    admin.get(&format!("{META}/documents?kind=role")).expect(200).json()["revision"].clone()
}

fn document(admin: &Client, kind: &str, name: &str) -> Value {
    let all = admin.get(&format!("{META}/documents?kind={kind}")).expect(200).json();
    let found = all["documents"].as_array().unwrap().iter().find(|document| document["name"] == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}")).clone()
}

#[test]
fn a_package_is_merged_and_pruned_where_that_is_asked() {
    each(|_, admin, _| {
        let package = json!({ "kind": "package", "name": "visits", "label": "Visits", "version": "1.0.0" });
        let role = |name: &str| json!({ "kind": "role", "name": name, "label": "R", "grants": [] });
        apply(admin, &[package.clone(), role("visitor"), role("guide")]).expect(200);
        apply(admin, &[role("own")]).expect(200);
        let before = names(admin);
        let prune = |documents: &[Value]| {
            admin.post(&format!("{META}/apply"), &json!({ "documents": documents, "prune": true })).expect(200).json()
        };
        let merged = apply(admin, &[package.clone(), role("guide")]).expect(200).json();
        assert_eq!(
            (&merged["documents"], &merged["strays"]),
            (&json!([]), &json!([{ "kind": "role", "id": "visitor" }]))
        );
        assert_eq!(names(admin), before);
        assert_eq!(prune(&[package.clone(), role("guide")])["documents"], removed("visitor"));
        let left: Vec<_> = before.iter().filter(|name| *name != "visitor").cloned().collect();
        assert_eq!(names(admin), left, "the workshop's and the tenant's own stay");
        apply(admin, std::slice::from_ref(&package)).expect(200);
        assert_eq!(names(admin), left);
        // Sent alone it stays in its package, and goes with it.
        let mut guide = role("guide");
        guide["label"] = json!("Guide");
        apply(admin, &[guide]).expect(200);
        assert_eq!(prune(&[package])["documents"], removed("guide"));
        let unequal = json!({ "documents": [role("own")], "files": [] });
        admin.post(&format!("{META}/apply"), &unequal).expect(400);
    });
}

fn removed(role: &str) -> Value {
    json!([{ "change": "remove", "kind": "role", "id": role }])
}

fn names(admin: &Client) -> Vec<String> {
    let all = admin.get(&format!("{META}/documents?kind=role")).expect(200).json();
    all["documents"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_tenant_changes_while_it_is_served() {
    each(|_, admin, keeper| {
        let machine = json!({ "tag": "M-1", "title": "Mill", "price": "10.00", "power": 7, "notes": "kept" });
        let id =
            keeper.create(&format!("{API}/machine"), &machine).expect(201).json()["id"].as_str().unwrap().to_owned();
        let machine = format!("{API}/machine/{id}");

        // A new object, and who may use it.
        let note = json!({ "kind": "object", "name": "note", "label": "Note", "fields": {
            "text": { "type": "text", "required": true }, "machine": { "type": "lookup", "target": "machine", "collection": "remarks" } } });
        let reader = json!({ "kind": "role", "name": "note_keeper", "label": "Notes", "included_in": ["keeper"],
            "grants": [{ "object": "note", "verbs": ["read", "create", "update", "delete"], "rows": "all", "fields": "*" }] });
        keeper.get(&format!("{API}/note")).expect(404);
        let before = revision(admin);
        let plan = admin.post(&format!("{META}/plan"), &json!({ "documents": [note, reader] })).expect(200).json();
        assert_eq!(plan["verdicts"].as_array().unwrap().len(), plan["steps"].as_array().unwrap().len(), "{plan}");
        assert_eq!(revision(admin), before, "a plan changes nothing");
        let done = apply(admin, &[note.clone(), reader.clone()]).expect(200).json();
        assert_eq!(done["revision"].as_u64().unwrap(), before.as_u64().unwrap() + 1);
        keeper.create(&format!("{API}/note"), &json!({ "text": "hello", "machine": id })).expect(201);
        let seen = keeper.get(&format!("{machine}?select=remarks(text)")).expect(200).json();
        assert_eq!(seen, json!({ "remarks": [{ "text": "hello" }] }));
        // The same again is nothing.
        let again = apply(admin, &[note, reader]).expect(200).json();
        assert_eq!((again["steps"].clone(), again["revision"].clone()), (json!([]), done["revision"].clone()));

        // A field with a default, and a formula over an existing one.
        let mut changed = document(admin, "object", "machine");
        changed["fields"]["colour"] = json!({ "type": "text", "default": "grey" });
        changed["fields"]["doubled"] =
            json!({ "type": "formula", "result": "integer", "expression": "record.power * 2" });
        apply(admin, &[changed.clone()]).expect(200);
        let seen = keeper.get(&format!("{machine}?select=doubled")).expect(200).json();
        assert_eq!(seen, json!({ "doubled": 14 }), "filled for the records there are");
        let fresh = keeper.create(&format!("{API}/machine?select=colour"), &json!({ "tag": "M-2", "title": "x" }));
        assert_eq!(fresh.expect(201).json(), json!({ "colour": "grey" }));

        // Renamed by id: data, formulas and rules follow; the old name is gone or an alias, never an error of ours.
        let power = changed["fields"].as_object_mut().unwrap().remove("power").unwrap();
        changed["fields"]["strength"] = power;
        changed["fields"]["strength"]["id"] = json!("power");
        changed["fields"]["doubled"]["expression"] = json!("record.strength * 2");
        let part = {
            let mut part = document(admin, "object", "part");
            part["fields"]["machine_power"]["expression"] = json!("record.machine.strength * record.quantity");
            part
        };
        let roles = {
            let mut clerk = document(admin, "role", "clerk");
            let text = clerk.to_string().replace("\"power\"", "\"strength\"");
            clerk = serde_json::from_str(&text).unwrap();
            clerk
        };
        let done = apply(admin, &[changed.clone(), part, roles]).expect(200).json();
        assert!(
            done["steps"].as_array().unwrap().iter().all(|step| !step.to_string().contains("quarantine")),
            "{done}"
        );
        let seen = keeper.get(&format!("{machine}?select=strength,doubled")).expect(200).json();
        assert_eq!(seen, json!({ "strength": 7, "doubled": 14 }));
        keeper.patch(&machine, &[], &json!({ "strength": 8 })).expect(204);
        assert_eq!(keeper.get(&format!("{machine}?select=doubled")).json(), json!({ "doubled": 16 }));

        // Widened.
        keeper.patch(&machine, &[], &json!({ "tag": "LONGER-THAN-TWELVE" })).expect(422);
        changed["fields"]["tag"]["max_length"] = json!(30);
        apply(admin, &[changed.clone()]).expect(200);
        keeper.patch(&machine, &[], &json!({ "tag": "LONGER-THAN-TWELVE" })).expect(204);

        // Dropped: only with the hash of the plan that was shown.
        changed["fields"].as_object_mut().unwrap().remove("notes");
        let refused = apply(admin, &[changed.clone()]);
        assert_eq!((refused.status, refused.code().as_str()), (409, "confirmation_required"), "{}", refused.text);
        assert_eq!(keeper.get(&format!("{machine}?select=notes")).json(), json!({ "notes": "kept" }));
        let plan = admin.post(&format!("{META}/plan"), &json!({ "documents": [changed] })).expect(200).json();
        let wrong = json!({ "documents": [changed], "hash": "0".repeat(64) });
        admin.post(&format!("{META}/apply"), &wrong).expect(409);
        let right = json!({ "documents": [changed], "hash": plan["hash"], "message": "no notes" });
        admin.post(&format!("{META}/apply"), &right).expect(200);
        assert_eq!(keeper.get(&format!("{machine}?select=notes")).expect(400).code(), "unknown_field");
        let revisions = admin.get(&format!("{META}/revisions")).expect(200).json();
        assert_eq!(revisions["revisions"][0]["message"], "no notes");
    });
}

#[test]
fn bad_documents_are_refused_with_every_finding_and_change_nothing() {
    each(|_, admin, keeper| {
        let before = (revision(admin), admin.get(&format!("{META}/documents")).text);
        let bad = [
            json!({ "kind": "object", "name": "bad", "label": "Bad", "fields": {
                "a": { "type": "txt" }, "b": { "type": "lookup", "target": "machne" }, "c": { "type": "text", "colour": 1 },
                "d": { "type": "formula", "result": "integer", "expression": "record.e + 1" },
                "e": { "type": "formula", "result": "integer", "expression": "record.d + 1" } } }),
            json!({ "kind": "objekt", "name": "worse" }),
            json!(5),
            json!({ "kind": "role", "name": "odd", "label": "Odd", "grants": [{ "object": "machin", "verbs": ["read"], "rows": "all", "fields": "*" }] }),
        ];
        for path in ["validate", "plan", "apply"] {
            let answer = admin.post(&format!("{META}/{path}"), &json!({ "documents": bad })).expect(422);
            let findings = answer.json()["diagnostics"].as_array().unwrap().len();
            assert!(findings >= 4, "{path}: {}", answer.text);
            for word in ["text", "object"] {
                assert!(answer.text.contains(word), "{path} suggests {word}: {}", answer.text);
            }
        }
        let deep = |levels: usize| format!("{{\"documents\":[{}1{}]}}", "[".repeat(levels), "]".repeat(levels));
        let rows = [
            "",
            "{",
            "[]",
            "{\"documents\":1}",
            "{\"documents\":[],\"hsah\":1}",
            &deep(100),
            &deep(200),
            &deep(100_000),
        ];
        for body in rows {
            for path in ["validate", "plan", "apply"] {
                let answer = admin.send_text("POST", &format!("{META}/{path}"), &[], Some(body));
                let start: String = body.chars().take(60).collect();
                assert!((400..500).contains(&answer.status), "{path} {start}: {} {}", answer.status, answer.text);
                answer.json();
            }
        }
        assert_eq!((revision(admin), admin.get(&format!("{META}/documents")).text), before);
        keeper.get(&format!("{API}/machine")).expect(200);
    });
}

#[test]
fn what_the_command_line_applies_is_followed() {
    each(|place, _, keeper| {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, document: Value| std::fs::write(folder.path().join(name), document.to_string()).unwrap();
        write(
            "object.json",
            json!({ "kind": "object", "name": "slip", "label": "Slip", "fields": { "text": { "type": "text" } } }),
        );
        write(
            "role.json",
            json!({ "kind": "role", "name": "slips", "label": "Slips", "included_in": ["keeper"],
            "grants": [{ "object": "slip", "verbs": ["read", "create"], "rows": "all", "fields": "*" }] }),
        );
        keeper.get(&format!("{API}/slip")).expect(404);
        let path = folder.path().display().to_string();
        let (code, out) = place.run(&["apply", &path, "--tenant", "inside"]);
        assert_eq!(code, 0, "{out}");
        let deadline = Instant::now() + Duration::from_secs(30);
        while keeper.get(&format!("{API}/slip")).status != 200 {
            assert!(Instant::now() < deadline, "the server does not follow");
            std::thread::yield_now();
        }
        keeper.create(&format!("{API}/slip"), &json!({ "text": "x" })).expect(201);
    });
}
