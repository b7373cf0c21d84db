//! What each step does, as whom, and where a run stands afterwards.

use serde_json::json;
use trellis_storage::{Run, RunState};
use trellis_tests::server::Server;

use crate::place::{Place, api, create, on_each, rows};

/// Codes of the runs' errors by workflow, and their states.
fn outcome(runs: &[Run]) -> Vec<(&str, RunState, &str)> {
    let code = |run: &'_ Run| run.error.as_deref().map_or(0, |error| error.find(':').unwrap_or(error.len()));
    let mut told: Vec<_> = runs
        .iter()
        .map(|run| (run.workflow.as_str(), run.state, &run.error.as_deref().unwrap_or_default()[..code(run)]))
        .collect();
    told.sort_by_key(|(workflow, state, _)| (*workflow, state.as_str()));
    told
}

#[test]
fn a_submitted_loan_is_told_to_storekeepers_who_may_read_it_once() {
    on_each(|place| {
        place.apply("example-package");
        place.add_user("admin@acme", "tenant_admin");
        let anna = place.add_user("anna@acme", "borrower");
        let near = place.add_user("near@acme", "storekeeper");
        let far = place.add_user("far@acme", "storekeeper");
        let server = Server::serve(&place.backend);
        let admin = place.log_in(&server, "admin@acme");
        let unit = |code: &str| create(&admin, "org_unit", json!({ "code": code, "name": code }))["id"].clone();
        let (here, there) = (unit("here"), unit("there"));
        for (user, unit) in [(anna, &here), (near, &here), (far, &there)] {
            let locale = if user == near { "zh-CN" } else { "en" };
            let body = json!({ "org_unit": unit, "locale": locale });
            admin.patch(&api(&format!("user/{user}")), &[], &body).expect(204);
        }
        let equipment = create(&admin, "equipment", json!({ "code": "D-1", "title": "Drill", "day_price": "12.50" }));

        let anna = place.log_in(&server, "anna@acme");
        let lend = |price_days: &str| {
            let lines = json!([{ "equipment": equipment["id"], "quantity": 1 }]);
            create(&anna, "loan", json!({ "from_on": "2026-03-01", "to_on": price_days, "lines": lines }))
        };
        let loan = lend("2026-03-02");
        let path = api(&format!("loan/{}", loan["id"].as_str().unwrap()));
        anna.patch(&path, &[], &json!({ "status": "submitted" })).expect(204);
        assert_eq!(outcome(&place.settled(1)), [("loan_submitted", RunState::Done, "")]);

        let told = place.notifications(near);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!(told[0].title, format!("Loan {}", loan["loan_no"].as_str().unwrap()));
        assert_eq!(told[0].body, "anna: 2 d, 25.00");
        assert_eq!(told[0].link, Some(format!("/t/acme/app/loan/{}", loan["id"].as_str().unwrap())));
        assert_eq!(place.notifications(far), [], "another unit's storekeeper may not read it");

        // A change that is no submission starts nothing; the same submission is not told again.
        let admin_patch = admin.patch(&path, &[], &json!({ "to_on": "2026-03-03" }));
        assert!(admin_patch.status < 300, "{}", admin_patch.text);

        // A large loan waits for an approval that nobody can give yet, and says so.
        let large = lend("2026-09-01");
        let path = api(&format!("loan/{}", large["id"].as_str().unwrap()));
        anna.patch(&path, &[], &json!({ "status": "submitted" })).expect(204);
        let runs = place.settled(2);
        assert_eq!(
            outcome(&runs),
            [("loan_submitted", RunState::Done, ""), ("loan_submitted", RunState::Waiting, "approval_not_available")]
        );
        let told = place.notifications(near);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert_eq!(told[0].title, "待审批：通知库管");
        assert_eq!(told[0].body, large["loan_no"].as_str().unwrap());
    });
}

fn tickets(place: &Place) -> (Server, trellis_tests::client::Client) {
    place.apply("workflow-package");
    place.add_user("cleo@acme", "caller");
    let server = Server::serve(&place.backend);
    let cleo = place.log_in(&server, "cleo@acme");
    (server, cleo)
}

#[test]
fn steps_create_and_update_as_the_named_role() {
    on_each(|place| {
        let (_server, cleo) = tickets(place);
        let plain = create(&cleo, "ticket", json!({ "title": "plain" }));
        place.settled(1);
        let linked = json!({ "title": "linked", "kind": "linked", "parent": plain["id"] });
        create(&cleo, "ticket", linked);
        let orphan = json!({ "title": "orphan", "kind": "linked" });
        create(&cleo, "ticket", orphan);
        let runs = place.settled(3);
        assert!(runs.iter().all(|run| run.state == RunState::Done && run.error.is_none()), "{runs:#?}");
        let found = rows(&cleo, "ticket?select=title,count&order=title");
        let expected = [
            json!({ "title": "linked", "count": 1 }),
            json!({ "title": "orphan", "count": 1 }),
            json!({ "title": "plain", "count": 12 }),
        ];
        assert_eq!(found, expected);
        let found = rows(&cleo, "note?select=text,ticket(title)&order=text");
        let expected = ["linked", "orphan", "plain"]
            .map(|title| json!({ "text": format!("about {title}"), "ticket": { "title": title } }));
        assert_eq!(found, expected);

        let path = api(&format!("ticket/{}", plain["id"].as_str().unwrap()));
        assert_ne!(cleo.delete(&path).status, 204, "a ticket that is referred to stays");
        let lonely = create(&cleo, "ticket", json!({ "title": "lonely", "kind": "approval" }));
        place.settled(4);
        cleo.delete(&api(&format!("ticket/{}", lonely["id"].as_str().unwrap()))).expect(204);
        place.settled(5);
        assert_eq!(rows(&cleo, "note?text=eq.gone:%20lonely").len(), 1);
    });
}

#[test]
fn runs_that_cannot_go_on_say_why() {
    on_each(|place| {
        let (server, cleo) = tickets(place);
        create(&cleo, "ticket", json!({ "title": "refused", "kind": "refused" }));
        create(&cleo, "ticket", json!({ "title": "asks", "kind": "approval" }));
        let runs = place.settled(2);
        let expected = [
            ("ticket_approval", RunState::Waiting, "approval_not_available"),
            ("ticket_created", RunState::Parked, "refused"),
        ];
        assert_eq!(outcome(&runs), expected, "{runs:#?}");
        assert_eq!(rows(&cleo, "note?select=text"), [json!({ "text": "about refused" })], "nothing after the refusal");
        let refused = runs.iter().find(|run| run.state == RunState::Parked).unwrap();
        assert!(refused.error.as_deref().unwrap().contains("text is not accepted (too_long)"), "{refused:#?}");

        // A rule that starts itself ends: the person's change, then sixteen effects of it.
        create(&cleo, "echo", json!({ "depth": 0 }));
        let runs = place.settled(2 + 17);
        let echoes: Vec<_> = runs.iter().filter(|run| run.workflow == "echo_again").collect();
        assert_eq!(echoes.iter().filter(|run| run.state == RunState::Done).count(), 16);
        let stopped = echoes.iter().find(|run| run.state == RunState::Parked).unwrap();
        assert!(stopped.error.as_deref().unwrap().starts_with("too_deep"), "{stopped:#?}");
        let found = rows(&cleo, "echo?select=depth&order=depth.desc&limit=1");
        assert_eq!(found, [json!({ "depth": 16 })]);

        let metrics = cleo.send("GET", "/metrics", &[], None).text;
        assert!(metrics.contains("trellis_workflow_runs_total{outcome=\"done\"} 16\n"), "{metrics}");
        assert!(metrics.contains("trellis_workflow_runs_total{outcome=\"parked\"} 2\n"), "{metrics}");
        drop(server);
    });
}

#[test]
fn a_run_keeps_to_the_workflow_it_started_with() {
    on_each(|place| {
        let (mut server, cleo) = tickets(place);
        create(&cleo, "ticket", json!({ "title": "first" }));
        let runs = place.settled(1);
        server.kill();
        place.start_over(&runs[0]);
        let workflow = |text: &str| {
            json!({
                "kind": "workflow", "name": "ticket_created", "label": "A ticket came in",
                "trigger": { "on": "after_commit", "object": "ticket", "events": ["create"] },
                "run_as": "role('clerk')",
                "steps": [{ "create": { "object": "note", "set": { "text": text, "ticket": "record.id" } } }],
            })
        };
        place.apply_document(&workflow("concat('now ', record.title)"));
        let server = Server::serve(&place.backend);
        let cleo = place.log_in(&server, "cleo@acme");
        place.settled(1);
        create(&cleo, "ticket", json!({ "title": "second" }));
        let runs = place.settled(2);
        assert!(runs.iter().all(|run| run.state == RunState::Done), "{runs:#?}");
        let texts = rows(&cleo, "note?select=text&order=text");
        assert_eq!(texts, ["about first", "about first", "now second"].map(|text| json!({ "text": text })));
    });
}
