//! Streams of events: what comes into a list, changes and leaves it, for each reader what he may see.

use serde_json::{Value, json};
use trellis_tests::client::{Client, Events};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const API: &str = "/t/inside/api/v1";

/// A server with one member of each role of the workshop, over each database.
fn each(run: impl Fn(&Place, &Server)) {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        for (name, roles) in [("admin", ["tenant_admin"]), ("keeper", ["keeper"]), ("auditor", ["auditor"])] {
            place.user("inside", name, &roles);
        }
        run(&place, &Server::serve(&place.backend));
    }
}

/// A stream that has told all there was.
fn follow(client: &Client, query: &str) -> Events {
    let events = client.follow(&format!("{API}/events?{query}"), None);
    events.expect("ready");
    events
}

fn create(client: &Client, object: &str, body: &Value) -> String {
    let created = client.create(&format!("{API}/{object}?select=id"), body).expect(201).json();
    created["id"].as_str().unwrap().to_owned()
}

fn patch(client: &Client, object: &str, id: &str, body: &Value) {
    client.patch(&format!("{API}/{object}/{id}"), &[], body).expect(204);
}

#[test]
fn what_enters_changes_and_leaves_is_told_to_each_as_he_may_see_it() {
    each(|_, server| {
        let (keeper, auditor) = (server.log_in("inside", "keeper"), server.log_in("inside", "auditor"));
        let strong = follow(&keeper, "object=machine&select=tag,power,secret&power=gte.100");
        let audited = follow(&auditor, "object=machine&select=tag,title,grade,site(code)");
        let weak = create(&keeper, "machine", &json!({ "tag": "W", "title": "Weak", "power": 1, "grade": "b" }));
        let mill =
            create(&keeper, "machine", &json!({ "tag": "M", "title": "Mill", "power": 100, "secret": "CANARY" }));
        let told = strong.expect("enter");
        let record = json!({ "tag": "M", "power": 100, "secret": "CANARY" });
        assert_eq!(told.data, json!({ "id": mill, "record": record }));
        let told = audited.expect("enter");
        assert_eq!(told.data["record"]["title"], "Mill");
        assert!(!told.data.to_string().contains("CANARY"), "{told:?}");

        patch(&keeper, "machine", &weak, &json!({ "power": 200 }));
        assert_eq!(strong.expect("enter").data["id"], weak);
        patch(&keeper, "machine", &weak, &json!({ "power": 300 }));
        assert_eq!(strong.expect("update").data["record"]["power"], 300);
        // What he may not read does not change for him; nor does the stream of what was not asked for.
        patch(&keeper, "machine", &mill, &json!({ "secret": "CANARY-2" }));
        assert_eq!(strong.expect("update").data["record"]["secret"], "CANARY-2");
        patch(&keeper, "machine", &mill, &json!({ "title": "Big mill" }));
        assert_eq!(audited.expect("update").data["record"]["title"], "Big mill");
        patch(&keeper, "machine", &weak, &json!({ "grade": "a" }));
        assert_eq!(audited.expect("enter").data["record"]["tag"], "W");
        patch(&keeper, "machine", &weak, &json!({ "grade": "b", "power": 99 }));
        assert_eq!(audited.expect("leave").data, json!({ "id": weak }));
        assert_eq!(strong.expect("leave").data, json!({ "id": weak }));

        keeper.delete(&format!("{API}/machine/{mill}")).expect(204);
        for events in [&strong, &audited] {
            assert_eq!(events.expect("leave").data, json!({ "id": mill }));
        }
        keeper.post(&format!("{API}/machine/{mill}/restore"), &json!({})).expect(204);
        for events in [&strong, &audited] {
            assert_eq!(events.expect("enter").data["id"], mill);
        }
        let metrics = Client::new(&server.url).get("/metrics").expect(200).text;
        assert!(metrics.contains("trellis_event_streams 2"), "{metrics}");
    });
}

#[test]
fn a_change_of_a_related_record_is_a_change_of_the_list() {
    each(|_, server| {
        let keeper = server.log_in("inside", "keeper");
        let site = create(&keeper, "site", &json!({ "code": "N", "name": "North" }));
        let mill = create(&keeper, "machine", &json!({ "tag": "M", "title": "Mill", "site": site }));
        let embedded = follow(&keeper, "object=machine&select=tag,site(name)");
        let filtered = follow(&keeper, "object=machine&select=tag,site!inner(code)&site.code=eq.N");
        let counted = follow(&keeper, "object=site&select=machine_count,worth");
        patch(&keeper, "site", &site, &json!({ "name": "Far north" }));
        assert_eq!(embedded.expect("update").data["record"]["site"]["name"], "Far north");
        patch(&keeper, "site", &site, &json!({ "code": "S" }));
        assert_eq!(filtered.expect("leave").data, json!({ "id": mill }));
        patch(&keeper, "machine", &mill, &json!({ "price": "5.00" }));
        assert_eq!(counted.expect("update").data["record"], json!({ "machine_count": 1, "worth": "5.00" }));
    });
}

#[test]
fn who_comes_back_gets_what_he_missed_and_nobody_else_does() {
    each(|_, server| {
        let (keeper, auditor) = (server.log_in("inside", "keeper"), server.log_in("inside", "auditor"));
        let events = keeper.follow(&format!("{API}/events?object=site&since=start&select=code"), None);
        let first = events.expect("ready").id;
        create(&keeper, "site", &json!({ "code": "A", "name": "a" }));
        let entered = events.expect("enter");
        let path = format!("{API}/events?object=site&since=start&select=code");
        // Taken up behind the first event, it tells the second again; the connection before is cut off.
        let again = keeper.follow(&path, Some(&first));
        assert_eq!(again.expect("enter"), entered);
        let last = again.expect("ready").id;
        assert!(events.next().is_none(), "only one reads a stream");
        drop(again);
        create(&keeper, "site", &json!({ "code": "B", "name": "b" }));
        let again = keeper.follow(&path, Some(&last));
        assert_eq!(again.expect("enter").data["record"]["code"], "B");
        let last = again.expect("ready");
        assert_eq!(last.data["records"], 2);

        // Another member, another question, an event nobody knows: all of it anew.
        let other = path.replace("select=code", "select=code,name");
        for (client, path, last) in
            [(&auditor, &path, &*last.id), (&keeper, &other, &*last.id), (&keeper, &path, "nonsense")]
        {
            let anew = client.follow(path, Some(last));
            let codes: Vec<Value> = std::iter::once(anew.expect("reset"))
                .chain((0..2).map(|_| anew.expect("enter")))
                .map(|told| told.data["record"]["code"].clone())
                .collect();
            assert!(codes[0].is_null() && codes.contains(&json!("A")) && codes.contains(&json!("B")), "{codes:?}");
            anew.expect("ready");
        }
    });
}

#[test]
fn a_right_that_is_taken_away_ends_what_is_told() {
    each(|place, server| {
        let keeper = server.log_in("inside", "keeper");
        for name in ["leaver", "changer"] {
            place.user("inside", name, &["auditor"]);
        }
        let [leaver, changer] = ["leaver", "changer"].map(|name| server.log_in("inside", name));
        let mill = create(&keeper, "machine", &json!({ "tag": "M", "title": "Mill" }));
        let path = "object=machine&select=*";
        let (left, changed, kept) = (follow(&leaver, path), follow(&changer, path), follow(&keeper, path));
        let run = |arguments: &[&str]| assert_eq!(place.run(arguments).0, 0, "{arguments:?}");
        run(&["user", "disable", "leaver@inside.test", "--tenant", "inside"]);
        run(&["user", "roles", "changer@inside.test", "--tenant", "inside", "--role", "outsider"]);
        assert_eq!(left.expect("end").data["code"], "unauthenticated");
        assert_eq!(changed.expect("end").data["code"], "unknown_object");
        patch(&keeper, "machine", &mill, &json!({ "title": "CANARY" }));
        assert_eq!(kept.expect("update").data["record"]["title"], "CANARY");
        assert!(left.next().is_none() && changed.next().is_none());
    });
}

#[test]
fn writes_of_other_processes_and_new_documents_are_told_too() {
    each(|place, server| {
        let keeper = server.log_in("inside", "keeper");
        let events = follow(&keeper, "object=site&select=code");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sites.csv");
        std::fs::write(&file, "code,name\nN,North\n").unwrap();
        let arguments = ["import", &file.display().to_string(), "--object", "site", "--tenant", "inside"];
        assert_eq!(place.run(&arguments).0, 0);
        assert_eq!(events.expect("enter").data["record"]["code"], "N");

        let admin = server.log_in("inside", "admin");
        let memo = |fields: Value| json!({ "kind": "object", "name": "memo", "label": "Memo", "fields": fields });
        let publish = |document: Value| {
            let body = json!({ "documents": [document] });
            admin.post("/t/inside/meta/v1/apply", &body).expect(200);
        };
        publish(memo(json!({ "text": { "id": "text", "type": "text" } })));
        create(&admin, "memo", &json!({ "text": "one" }));
        let memos = follow(&admin, "object=memo&select=*");
        publish(memo(json!({ "text": { "id": "text", "type": "text" }, "more": { "type": "text" } })));
        let told = memos.expect("update").data;
        assert_eq!((&told["record"]["text"], &told["record"]["more"]), (&json!("one"), &Value::Null), "{told}");
    });
}

#[test]
fn a_member_holds_ten_streams_and_a_closed_one_counts_no_more() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    place.user("inside", "keeper", &["keeper"]);
    let server = Server::serve(&place.backend);
    let keeper = server.log_in("inside", "keeper");
    let held: Vec<Events> = (0..10).map(|_| follow(&keeper, "object=site")).collect();
    let refused = keeper.get(&format!("{API}/events?object=site")).expect(429);
    assert_eq!(refused.code(), "too_many_streams");
    drop(held);
}
