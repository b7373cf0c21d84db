//! Operating with the command line: members, tokens, tenants.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trellis_tests::browser::Browser;
use trellis_tests::client::Client;
use trellis_tests::postgres::Postgres;
use trellis_tests::server::{Backend, Server};
use trellis_tests::site::{PASSWORD, Place, folder};

use super::commands::run;

#[test]
fn members_are_listed_kept_out_and_given_tokens() {
    for place in Place::each() {
        let here = Some(&place);
        place.tenant("inside", "workshop");
        place.user("inside", "ann", &["keeper"]);
        place.user("inside", "bob", &["clerk", "keeper"]);
        let emails = |listed: &Value, active: bool| -> Vec<String> {
            let users = listed["users"].as_array().unwrap().iter();
            users.filter(|user| user["active"] == active).map(|user| user["email"].as_str().unwrap().into()).collect()
        };
        let listed = run(here, 0, &["user", "list", "--tenant", "inside"]);
        assert_eq!(emails(&listed, true), ["ann@inside.test", "bob@inside.test"]);
        assert_eq!(listed["users"][1]["roles"], json!(["clerk", "keeper"]));

        let token = ["token", "create", "--tenant", "inside", "--user"];
        let made = run(here, 0, &[&token[..], &["ann@inside.test", "--days", "1"]].concat());
        run(here, 1, &[&token[..], &["nobody@inside.test"]].concat());
        run(here, 0, &["user", "disable", "bob@inside.test", "--tenant", "inside"]);
        run(here, 1, &["user", "disable", "nobody@inside.test", "--tenant", "inside"]);
        let listed = run(here, 0, &["user", "list", "--tenant", "inside"]);
        assert_eq!(emails(&listed, false), ["bob@inside.test"]);
        run(here, 1, &[&token[..], &["bob@inside.test"]].concat());

        let server = Server::serve(&place.backend);
        let ann = Client::new(&server.url).with_token(made["token"].as_str().unwrap());
        ann.get("/t/inside/api/v1/machine").expect(200);
        let garbage = Client::new(&server.url).with_token("trk_garbage");
        garbage.get("/t/inside/api/v1/machine").expect(401);
        run(here, 0, &["user", "enable", "bob@inside.test", "--tenant", "inside"]);
        server.log_in("inside", "bob").get("/t/inside/api/v1/machine").expect(200);
    }
}

const MACHINES: &str = "/t/inside/api/v1/machine";

/// Asks until the answer is so; who may is looked up again within a second.
fn becomes(client: &Client, status: u16) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while client.get(MACHINES).status != status {
        assert!(Instant::now() < deadline, "never {status}");
    }
}

#[test]
fn who_was_kept_out_has_to_log_in_anew() {
    for place in Place::each() {
        let here = Some(&place);
        place.tenant("inside", "workshop");
        place.user("inside", "ann", &["tenant_admin"]);
        place.user("inside", "bob", &["keeper"]);
        let made = run(here, 0, &["token", "create", "--tenant", "inside", "--user", "bob@inside.test"]);
        let server = Server::serve(&place.backend);
        let (ann, bob, browser) =
            (server.log_in("inside", "ann"), server.log_in("inside", "bob"), Browser::log_in(&server, "inside", "bob"));
        let program = Client::new(&server.url).with_token(made["token"].as_str().unwrap());
        let login = |password: &str| {
            let body = json!({ "tenant": "inside", "email": "bob@inside.test", "password": password });
            Client::new(&server.url).post("/auth/v1/token", &body)
        };
        let refresh = login(PASSWORD).expect(200).json()["refresh_token"].clone();
        let id =
            ann.get("/t/inside/api/v1/user?email=eq.bob@inside.test&select=id").expect(200).json()[0]["id"].clone();
        let user = format!("/t/inside/api/v1/user/{}", id.as_str().unwrap());

        // Out over the API, back by the command line: nothing of before is good for anything.
        ann.patch(&user, &[], &json!({ "is_active": false })).expect(204);
        for caller in [&bob, &program] {
            caller.get(MACHINES).expect(401);
        }
        assert_eq!(login(PASSWORD).expect(401).code(), login("wrong-password").expect(401).code());
        run(here, 0, &["user", "enable", "bob@inside.test", "--tenant", "inside"]);
        let again = login(PASSWORD).expect(200).json();
        let again = Client::new(&server.url).with_token(again["access_token"].as_str().unwrap());
        becomes(&again, 200);
        for caller in [&bob, &program] {
            caller.get(MACHINES).expect(401);
        }
        browser.get("/t/inside/app/machine").expect(303);
        Client::new(&server.url).post("/auth/v1/refresh", &json!({ "refresh_token": refresh })).expect(401);

        // Other roles count at the next look, another password ends what there is.
        run(here, 0, &["user", "roles", "bob@inside.test", "--tenant", "inside", "--role", "outsider"]);
        run(here, 1, &["user", "roles", "bob@inside.test", "--tenant", "inside", "--role", "king"]);
        run(here, 1, &["user", "roles", "ann@inside.test", "--tenant", "inside", "--role", "keeper"]);
        becomes(&again, 404);
        let change = |old: &str, new: &str| {
            let body = json!({ "tenant": "inside", "email": "bob@inside.test", "password": old, "new_password": new });
            Client::new(&server.url).post("/auth/v1/password", &body)
        };
        change("wrong-password", "another-word-7").expect(401);
        change(PASSWORD, "short").expect(422);
        change(PASSWORD, "another-word-7").expect(204);
        again.get(MACHINES).expect(401);
        login(PASSWORD).expect(401);
        login("another-word-7").expect(200);
        let reset = ["user", "password", "bob@inside.test", "--tenant", "inside", "--password"];
        run(here, 1, &[&reset[..], &["short"]].concat());
        run(here, 0, &[&reset[..], &["a-third-word-8"]].concat());
        login("another-word-7").expect(401);
        login("a-third-word-8").expect(200);
    }
}

#[test]
fn a_deleted_tenant_is_gone_and_its_name_is_free() {
    for place in Place::each() {
        let here = Some(&place);
        place.tenant("inside", "workshop");
        place.tenant("other", "workshop");
        place.user("inside", "ann", &["keeper"]);
        run(here, 1, &["tenant", "delete", "inside", "--confirm", "outside"]);
        run(here, 0, &["tenant", "delete", "inside", "--confirm", "inside"]);
        run(here, 1, &["tenant", "delete", "inside", "--confirm", "inside"]);
        let left = run(here, 0, &["tenant", "list"]);
        let names: Vec<&Value> = left["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["name"]).collect();
        assert_eq!(names, ["other"]);
        run(here, 0, &["plan", &folder("fixtures/workshop").display().to_string(), "--tenant", "other"]);
        place.tenant("inside", "equipment_loan");
        place.user("inside", "ann", &["tenant_admin"]);
    }
}

#[test]
fn what_programs_need_is_written_for_a_role() {
    let place = Place::sqlite();
    let here = Some(&place);
    place.tenant("inside", "workshop");
    let document = run(here, 0, &["gen", "openapi", "--tenant", "inside"]);
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["components"]["schemas"]["machine.create"].is_object());
    let types = run(here, 0, &["gen", "types", "--tenant", "inside"]);
    assert!(types["types"].as_str().unwrap().contains("export interface MachineInsert {"));
    run(here, 1, &["gen", "types", "--tenant", "inside", "--role", "king"]);
    let clerk = run(here, 0, &["gen", "openapi", "--tenant", "inside", "--role", "clerk"]);
    assert_ne!(clerk, document);
    let temporary = tempfile::tempdir().unwrap();
    let out = temporary.path().join("records.ts").display().to_string();
    run(here, 0, &["gen", "types", "--tenant", "inside", "--out", &out]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), types["types"].as_str().unwrap());
}

#[test]
fn a_copy_made_in_use_is_put_in_place_whole_or_by_tenant() {
    let place = Place::sqlite();
    let here = Some(&place);
    place.tenant("inside", "workshop");
    place.tenant("other", "equipment_loan");
    place.user("inside", "ann", &["keeper"]);
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name).display().to_string();
    let site = |client: &Client, code: &str| {
        client.create("/t/inside/api/v1/site", &json!({ "code": code, "name": code })).expect(201);
    };
    {
        let server = Server::serve(&place.backend);
        let ann = server.log_in("inside", "ann");
        site(&ann, "N");
        assert_eq!(run(here, 0, &["backup", "--out", &path("copy")])["tenants"], json!(["inside", "other"]));
        run(here, 1, &["backup", "--out", &path("copy")]);
        site(&ann, "S");
    }
    let codes = |client: &Client, tenant: &str| -> Vec<Value> {
        let rows = client.get(&format!("/t/{tenant}/api/v1/site?select=code&order=code")).expect(200).json();
        rows.as_array().unwrap().iter().map(|row| row["code"].clone()).collect()
    };

    // Whole, where nothing is yet.
    run(None, 1, &["restore", &path("nothing"), "--data", &path("data")]);
    assert_eq!(
        run(None, 0, &["restore", &path("copy"), "--data", &path("data")])["tenants"],
        json!(["inside", "other"])
    );
    run(None, 1, &["restore", &path("copy"), "--data", &path("data")]);
    run(None, 0, &["doctor", "--deep", "--data", &path("data")]);
    {
        let server = Server::serve(&Backend::Sqlite(temporary.path().join("data")));
        assert_eq!(codes(&server.log_in("inside", "ann"), "inside"), ["N"]);
    }

    // One tenant beside itself, with its people.
    run(here, 1, &["restore", &path("copy"), "--tenant", "nobody"]);
    run(here, 1, &["restore", &path("copy"), "--tenant", "inside"]);
    run(here, 0, &["restore", &path("copy"), "--tenant", "inside", "--as", "before"]);
    let server = Server::serve(&place.backend);
    assert_eq!(codes(&server.log_in("inside", "ann"), "inside"), ["N", "S"]);
    let before = Client::log_in(&server.url, "before", "ann@inside.test", "correct-horse-9");
    assert_eq!(codes(&before, "before"), ["N"]);
    if let Some(postgres) = Place::postgres() {
        let (code, out) = postgres.run(&["--json", "backup", "--out", &path("elsewhere")]);
        assert_eq!(code, 1);
        assert!(out.contains("pg_dump"), "{out}");
    }
}

#[test]
fn the_doctor_tells_what_is_wrong() {
    for place in Place::each() {
        let here = Some(&place);
        place.tenant("inside", "equipment_loan");
        place.user("inside", "ann", &["tenant_admin"]);
        {
            let server = Server::serve(&place.backend);
            let ann = server.log_in("inside", "ann");
            let drill = json!({ "code": "D1", "title": "Drill", "day_price": "12.50" });
            let drill = ann.create("/t/inside/api/v1/equipment", &drill).expect(201).json();
            let loan = json!({ "from_on": "2026-03-01", "to_on": "2026-03-04",
                               "lines": [{ "equipment": drill["id"], "quantity": 2 }] });
            ann.create("/t/inside/api/v1/loan", &loan).expect(201);
        }
        // The killed server may have left an event; nothing else is to be told.
        let well = run(here, 0, &["doctor", "--deep"]);
        assert_eq!(well["tenants"], json!(["inside"]));
        let found = well["findings"].as_array().unwrap();
        assert!(found.iter().all(|finding| finding["check"] == "outbox"), "{well}");
        run(here, 1, &["doctor", "--tenant", "nobody"]);
        if let (Backend::Postgres(url), Some(postgres)) = (&place.backend, Postgres::shared()) {
            let schema = postgres.psql(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'");
            postgres.psql(url, &format!("UPDATE {schema}.loan SET amount = 1"));
            postgres.psql(url, &format!("UPDATE {schema}.loan_line SET amount = 2"));
            let told = |arguments: &[&str], code| {
                let findings = run(here, code, arguments)["findings"].clone();
                let of =
                    |gravity| move |finding: &&Value| finding["check"] == "computed" && finding["gravity"] == gravity;
                ["error", "note"].map(|gravity| findings.as_array().unwrap().iter().filter(of(gravity)).count())
            };
            assert_eq!(told(&["doctor", "--deep"], 1), [2, 0]);
            assert_eq!(told(&["doctor", "--deep", "--fix"], 0), [0, 2]);
            assert_eq!(told(&["doctor", "--deep"], 0), [0, 0]);
            let drift = |arguments: &[&str], code| -> Vec<String> {
                let findings = run(here, code, arguments)["findings"].clone();
                let of = |finding: &&Value| finding["check"] == "drift";
                findings.as_array().unwrap().iter().filter(of).map(|finding| finding["cause"].to_string()).collect()
            };
            let indexes = format!(
                "SELECT indexname FROM pg_indexes WHERE schemaname = '{schema}' AND tablename = 'equipment' AND indexname LIKE 'ux%' LIMIT 1"
            );
            let index = postgres.psql(url, &indexes);
            let count =
                || postgres.psql(url, &format!("SELECT count(*) FROM pg_indexes WHERE schemaname = '{schema}'"));
            let whole = count();
            let by_hand =
                ["DROP INDEX {}.ux", "ALTER TABLE {}.loan ADD COLUMN mine text", "CREATE TABLE {}.mine (id bigint)"];
            for statement in by_hand {
                postgres.psql(url, &statement.replace("{}", &schema).replace("ux", &index));
            }
            let found = drift(&["doctor"], 1);
            assert_eq!(found.len(), 3, "{found:?}");
            for named in [format!("index `{index}` is gone"), "`mine` belongs".into(), "`loan.mine` belongs".into()] {
                assert!(found.iter().any(|cause| cause.contains(&named)), "{named}: {found:?}");
            }
            assert_eq!(drift(&["doctor", "--fix"], 0).len(), 3);
            assert_eq!((drift(&["doctor"], 0).len(), count()), (2, whole));
            postgres.psql(url, &format!("ALTER TABLE {schema}.loan ALTER COLUMN from_on TYPE text"));
            assert!(drift(&["doctor"], 1).iter().any(|cause| cause.contains("`loan.from_on` is text, not date")));
            postgres.psql(url, &format!("ALTER TABLE {schema}.loan DROP COLUMN from_on"));
            let ill = run(here, 1, &["doctor"]);
            assert!(ill["findings"].as_array().unwrap().iter().any(|finding| finding["check"] == "tables"), "{ill}");
        }
    }
    run(None, 1, &["doctor", "--data", "/nowhere/at/all"]);
}
