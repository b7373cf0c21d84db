//! What is dropped comes back with its values: by rollback over HTTP, and by the command line.

use serde_json::{Value, json};
use trellis_tests::client::Client;
use trellis_tests::server::Server;
use trellis_tests::site::Place;

use super::commands::run;

const META: &str = "/t/inside/meta/v1";
const API: &str = "/t/inside/api/v1";

/// Publishes whatever it risks; the plan.
fn publish(admin: &Client, mut changes: Value) -> Value {
    let plan = admin.post(&format!("{META}/plan"), &changes).expect(200).json();
    changes["hash"] = plan["hash"].clone();
    admin.post(&format!("{META}/apply"), &changes).expect(200).json()
}

fn go_back(admin: &Client, revision: &Value) -> Value {
    admin.post(&format!("{META}/rollback"), &json!({ "revision": revision })).expect(200).json()
}

fn machine(admin: &Client) -> Value {
    let all = admin.get(&format!("{META}/documents?kind=object")).expect(200).json();
    all["documents"].as_array().unwrap().iter().find(|document| document["name"] == "machine").unwrap().clone()
}

fn kept(place: &Place) -> Vec<String> {
    let found = run(Some(place), 0, &["doctor", "--tenant", "inside"]);
    let findings = found["findings"].as_array().unwrap().iter();
    let kept = findings.filter(|finding| finding["check"] == "quarantine");
    kept.map(|finding| finding["cause"].as_str().unwrap().split(" are kept as ").next().unwrap().to_owned()).collect()
}

#[test]
fn a_rollback_brings_back_what_was_dropped() {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "admin", &["tenant_admin"]);
        place.user("inside", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        let (admin, keeper) = (server.log_in("inside", "admin"), server.log_in("inside", "keeper"));
        let remark = json!({ "kind": "object", "name": "remark", "label": "Remark", "fields": {
            "no": { "type": "auto_number", "sequence": "remark_no" },
            "text": { "type": "text", "required": true, "unique": true },
            "machine": { "type": "lookup", "target": "machine", "collection": "remarks" },
            "loud": { "type": "formula", "result": "boolean", "expression": "record.text == 'loud'" } } });
        let numbers = json!({ "kind": "sequence", "name": "remark_no", "pattern": "R-{seq:3}", "reset": "never", "gapless": false });
        let role = json!({ "kind": "role", "name": "remarks", "label": "Remarks", "included_in": ["keeper"],
            "grants": [{ "object": "remark", "verbs": ["read", "create", "update", "delete"], "rows": "all", "fields": "*" }] });
        let base = publish(&admin, json!({ "documents": [remark, numbers, role] }))["revision"].clone();
        let first = json!({ "tag": "M-1", "title": "Mill", "notes": "kept" });
        let first = keeper.create(&format!("{API}/machine"), &first).expect(201).json()["id"].clone();
        for text in ["loud", "quiet"] {
            keeper.create(&format!("{API}/remark"), &json!({ "text": text, "machine": first })).expect(201);
        }
        let remarks = keeper.get(&format!("{API}/remark?order=text")).expect(200).json();
        assert_eq!(remarks[0]["loud"], json!(true));

        let mut less = machine(&admin);
        less["fields"].as_object_mut().unwrap().remove("notes");
        let gone = json!([{ "kind": "object", "id": "remark" }, { "kind": "sequence", "id": "remark_no" },
                          { "kind": "role", "id": "remarks" }]);
        publish(&admin, json!({ "documents": [less], "remove": gone }));
        keeper.get(&format!("{API}/remark")).expect(404);
        keeper.get(&format!("{API}/machine?select=notes")).expect(400);
        assert_eq!(kept(&place), ["the values of field machine.notes", "the records of object remark"]);
        keeper.create(&format!("{API}/machine"), &json!({ "tag": "M-2", "title": "Made meanwhile" })).expect(201);

        let back = go_back(&admin, &base);
        assert!(!back.to_string().contains("add_column") && !back.to_string().contains("create_table"), "{back}");
        let notes = keeper.get(&format!("{API}/machine?select=tag,notes&order=tag")).expect(200).json();
        assert_eq!(notes, json!([{ "tag": "M-1", "notes": "kept" }, { "tag": "M-2", "notes": null }]));
        assert_eq!(keeper.get(&format!("{API}/remark?order=text")).expect(200).json(), remarks);
        keeper.create(&format!("{API}/remark"), &json!({ "text": "quiet" })).expect(409);
        let next = keeper.create(&format!("{API}/remark?select=no"), &json!({ "text": "more" })).expect(201).json();
        assert_eq!(next, json!({ "no": "R-003" }));
        assert_eq!(kept(&place), [""; 0]);
        assert_eq!(go_back(&admin, &base)["steps"], json!([]), "nothing is left to do");

        // Once more, by the command line; and with the field wanted as another type in between.
        let mut other = machine(&admin);
        other["fields"]["notes"] = json!({ "type": "boolean" });
        let mut less = machine(&admin);
        less["fields"].as_object_mut().unwrap().remove("notes");
        publish(&admin, json!({ "documents": [less] }));
        let plan = publish(&admin, json!({ "documents": [other] }));
        assert!(plan["summary"][0].as_str().unwrap().ends_with("stays in quarantine."), "{plan}");
        assert_eq!(kept(&place).len(), 1);
        publish(&admin, json!({ "documents": [less] }));
        drop(server);
        let arguments = ["rollback", &base.to_string(), "--tenant", "inside"];
        let (code, out) = place.run(&arguments);
        assert_eq!(code, 0, "{out}");
        let server = Server::serve(&place.backend);
        let keeper = server.log_in("inside", "keeper");
        let notes = keeper.get(&format!("{API}/machine?select=notes&tag=eq.M-1")).expect(200).json();
        assert_eq!(notes, json!([{ "notes": "kept" }]));
    }
}

#[test]
fn a_field_takes_another_type_and_back() {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "admin", &["tenant_admin"]);
        place.user("inside", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        let (admin, keeper) = (server.log_in("inside", "admin"), server.log_in("inside", "keeper"));
        let base = publish(&admin, json!({ "documents": [machine(&admin)] }))["revision"].clone();
        let markup = "<img src=x onerror=alert(1)>";
        let add = |tag: &str, notes: &str| {
            let body = json!({ "tag": tag, "title": tag, "notes": notes });
            keeper.create(&format!("{API}/machine"), &body).expect(201).json()["id"].clone()
        };
        let first = add("M-1", "12");
        let unread = [add("M-2", "about 3"), add("M-3", markup)];
        let notes = || {
            let all = keeper.get(&format!("{API}/machine?select=notes&order=tag")).expect(200).json();
            all.as_array().unwrap().iter().map(|one| one["notes"].clone()).collect::<Vec<_>>()
        };
        let with = |kind: &str| {
            let mut other = machine(&admin);
            other["fields"]["notes"] = json!({ "type": kind });
            json!({ "documents": [other] })
        };

        let plan = admin.post(&format!("{META}/plan"), &with("integer")).expect(200).json();
        let verdict = &plan["verdicts"][0];
        assert_eq!((&plan["level"], &verdict["rows"]), (&json!("risky"), &json!(2)), "{plan}");
        assert_eq!(verdict["samples"], json!(unread));
        admin.post(&format!("{META}/apply"), &with("integer")).expect(409);
        assert_eq!(notes(), [json!("12"), json!("about 3"), json!(markup)], "a refused plan changes nothing");
        publish(&admin, with("integer"));
        assert_eq!(notes(), [json!(12), json!(null), json!(null)]);
        keeper.patch(&format!("{API}/machine/{}", first.as_str().unwrap()), &[], &json!({ "notes": 13 })).expect(204);
        go_back(&admin, &base);
        assert_eq!(notes(), [json!("13"), json!("about 3"), json!(markup)], "changed since, or as it was");

        // What was text is no markup.
        let plan = publish(&admin, with("rich_text"));
        assert_eq!(plan["level"], "safe", "{plan}");
        assert!(notes().iter().all(|text| text.as_str().unwrap().starts_with("<p>")));
        assert_eq!(notes()[2], json!("<p>&lt;img src=x onerror=alert(1)&gt;</p>"));
        go_back(&admin, &base);
        assert_eq!(notes(), [json!("13"), json!("about 3"), json!(markup)]);

        // Nothing is guessed.
        let plan = admin.post(&format!("{META}/plan"), &with("geolocation")).expect(200).json();
        assert_eq!((&plan["level"], &plan["verdicts"][0]["rows"]), (&json!("risky"), &json!(3)), "{plan}");
        let mut lookup = machine(&admin);
        lookup["fields"]["notes"] = json!({ "type": "lookup", "target": "machine", "collection": "noted" });
        let plan = admin.post(&format!("{META}/plan"), &json!({ "documents": [lookup] })).expect(200).json();
        assert_eq!(plan["level"], "impossible", "{plan}");
    }
}
