//! Documents published by the command line beside a running server: the very next request answers by them, whether it
//! reads or writes, over the API or on a page.

use serde_json::{Value, json};
use trellis_tests::browser::Browser;
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const API: &str = "/t/inside/api/v1/memo";
const PAGE: &str = "/t/inside/app/memo";

fn memo(fields: &Value) -> Value {
    json!({ "kind": "object", "name": "memo", "label": "Memo", "fields": fields })
}

/// Applied by another process, whatever it costs.
fn publish(place: &Place, document: &Value) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("memo.json"), document.to_string()).unwrap();
    let path = folder.path().display().to_string();
    let (_, plan) = place.run(&["--json", "plan", &path, "--tenant", "inside"]);
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let (code, out) = place.run(&["apply", &path, "--tenant", "inside", "--accept", plan["hash"].as_str().unwrap()]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn the_next_request_answers_by_what_was_published_beside_the_server() {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "admin", &["tenant_admin"]);
        publish(&place, &memo(&json!({ "text": { "type": "text", "required": true } })));
        let server = Server::serve(&place.backend);
        let (admin, browser) = (server.log_in("inside", "admin"), Browser::log_in(&server, "inside", "admin"));
        admin.create(API, &json!({ "text": "first" })).expect(201);
        let (text, tone, late) = (
            json!({ "type": "text", "required": true }),
            json!({ "type": "text", "label": "Tone" }),
            json!({ "type": "date", "label": "Until" }),
        );

        publish(&place, &memo(&json!({ "text": text, "tone": tone })));
        let second = admin.create(API, &json!({ "text": "second", "tone": "calm" })).expect(201).json();
        assert_eq!(second["tone"], "calm");

        publish(&place, &memo(&json!({ "text": text })));
        let all = admin.get(&format!("{API}?select=*")).expect(200);
        assert!(!all.text.contains("calm") && all.text.contains("second"), "{}", all.text);
        publish(&place, &memo(&json!({ "text": text, "tone": tone })));
        publish(&place, &memo(&json!({ "text": text, "until": late })));
        let refused = admin.get(&format!("{API}?select=tone")).expect(400);
        assert_eq!(refused.json()["errors"][0]["code"], "unknown_field", "{}", refused.text);

        publish(&place, &memo(&json!({ "text": text })));
        let list = browser.get(PAGE).expect(200).text;
        assert!(list.contains("second") && !list.contains("Until"), "{list}");
        publish(&place, &memo(&json!({ "text": text, "until": late })));
        browser.submit(PAGE, b"_action=save&f.text=third&f.until=2026-01-31").unwrap().expect(303);
        let third = admin.get(&format!("{API}?text=eq.third&select=until")).expect(200).json();
        assert_eq!(third, json!([{ "until": "2026-01-31" }]));
    }
}
