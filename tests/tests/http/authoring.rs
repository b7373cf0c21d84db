//! Authoring with the command line: scenarios, and documents between tenants and folders.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use trellis_tests::postgres::Postgres;
use trellis_tests::server::{Server, trellis};
use trellis_tests::site::{Place, folder};

use super::commands::run;

/// Folders whose scenarios hold.
const PACKAGES: [&str; 3] = ["../metadata/templates", "fixtures/equipment_loan", "fixtures/example-package"];

#[test]
fn scenarios_of_packages_hold_on_each_database() {
    for package in PACKAGES {
        let dir = folder(package).display().to_string();
        let told = run(None, 0, &["test", &dir]);
        assert!(told["passed"].as_u64().unwrap() > 0, "{package}: {told}");
        assert_eq!(told["failed"], 0);
        if let Some(postgres) = Postgres::shared() {
            let url = postgres.url();
            assert_eq!(run(None, 0, &["test", &dir, "--database-url", &url])["passed"], told["passed"]);
            // Nothing of it stays.
            let left = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 't\\_%'";
            assert_eq!(postgres.psql(&url, left), "0");
        }
    }
}

#[test]
fn a_scenario_that_does_not_hold_tells_what_differs() {
    let temporary = tempfile::tempdir().unwrap();
    copy(&folder("fixtures/equipment_loan"), temporary.path());
    let path = temporary.path().join("scenarios/loan_total.json");
    let mut scenario: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    scenario["then"][0]["expect"]["amount"] = json!("100.0");
    scenario["when"][0]["refused"] = json!(["forbidden"]);
    fs::write(&path, scenario.to_string()).unwrap();
    let dir = temporary.path().display().to_string();
    let told = run(None, 1, &["test", &dir]);
    assert_eq!(
        told["scenarios"][0]["differences"],
        json!([{ "pointer": "/when/0", "expected": "refused: forbidden", "found": "done" }])
    );
    scenario["when"][0].as_object_mut().unwrap().remove("refused");
    fs::write(&path, scenario.to_string()).unwrap();
    let (code, out, _) = trellis(&["test", &dir]);
    assert_eq!(code, 1);
    assert!(out.contains("/then/0/expect/amount: expected \"100.0\", found \"100.00\""), "{out}");
    assert!(out.ends_with("0 passed, 1 failed\n"), "{out}");
    run(None, 1, &["test", &dir, "--only", "nothing"]);
    scenario["then"][0]["expect"]["amont"] = json!("1");
    fs::write(&path, scenario.to_string()).unwrap();
    let told = run(None, 1, &["test", &dir]);
    assert_eq!(told["diagnostics"][0]["code"], "unknown_field");
}

#[test]
fn documents_go_from_a_tenant_to_a_folder_and_back_unchanged() {
    for place in Place::each() {
        let here = Some(&place);
        let temporary = tempfile::tempdir().unwrap();
        let dir = |name: &str| temporary.path().join(name).display().to_string();
        place.tenant("first", "equipment_loan");
        run(here, 0, &["pull", &dir("a"), "--tenant", "first"]);
        run(here, 0, &["diff", &dir("a"), "tenant:first"]);
        run(here, 0, &["diff", &folder("fixtures/equipment_loan").display().to_string(), &dir("a")]);
        run(None, 0, &["fmt", "--check", &dir("a")]);
        run(here, 0, &["tenant", "create", "second"]);
        run(here, 0, &["apply", &dir("a"), "--tenant", "second"]);
        run(here, 0, &["pull", &dir("b"), "--tenant", "second"]);
        assert_eq!(listing(&temporary.path().join("a")), listing(&temporary.path().join("b")));
        run(here, 0, &["diff", "tenant:first", "tenant:second"]);
        assert_eq!(run(here, 0, &["pull", &dir("b"), "--tenant", "second"])["written"], json!([]));

        // A change, seen from the revision before and taken back.
        let path = temporary.path().join("b/objects/equipment.json");
        let changed = fs::read_to_string(&path).unwrap().replace("\"day_price\"", "\"price_per_day\"");
        fs::write(&path, &changed).unwrap();
        run(here, 2, &["diff", &dir("a"), &dir("b")]);
        let extra = json!({ "kind": "role", "name": "guest", "label": "Guest", "grants": [] });
        fs::write(temporary.path().join("a/roles/guest.json"), extra.to_string()).unwrap();
        run(here, 0, &["apply", &dir("a"), "--tenant", "first"]);
        let found = run(here, 2, &["diff", "tenant:first@2", "tenant:first"]);
        assert_eq!(found["differences"][0]["change"], "add");
        assert_eq!(found["differences"][0]["id"], "guest");
        run(here, 1, &["diff", "tenant:first@99", "tenant:first"]);
        run(here, 1, &["rollback", "99", "--tenant", "first"]);
        run(here, 0, &["rollback", "2", "--tenant", "first"]);
        run(here, 0, &["diff", "tenant:first@2", "tenant:first"]);
        let left = run(here, 0, &["pull", &dir("a"), "--tenant", "first"]);
        assert_eq!(left["left"], json!(["roles/guest.json"]));
        let pruned = run(here, 0, &["pull", &dir("a"), "--tenant", "first", "--prune"]);
        assert_eq!(pruned["removed"], json!(["roles/guest.json"]));
        run(here, 0, &["diff", &dir("a"), "tenant:first"]);
    }
}

#[test]
fn a_rollback_that_loses_values_asks_first() {
    for place in Place::each() {
        let here = Some(&place);
        let temporary = tempfile::tempdir().unwrap();
        place.tenant("inside", "workshop");
        let text = fs::read_to_string(folder("fixtures/workshop/objects/sticker.json")).unwrap();
        let mut sticker: Value = serde_json::from_str(&text).unwrap();
        sticker["fields"]["shade"] = json!({ "type": "text", "label": "Shade", "order": 900 });
        fs::write(temporary.path().join("sticker.json"), sticker.to_string()).unwrap();
        run(here, 0, &["apply", &temporary.path().display().to_string(), "--tenant", "inside"]);
        place.user("inside", "admin", &["tenant_admin"]);
        {
            let server = Server::serve(&place.backend);
            let admin = server.log_in("inside", "admin");
            admin.create("/t/inside/api/v1/sticker", &json!({ "text": "x", "shade": "red" })).expect(201);
        }
        let plan = run(here, 2, &["rollback", "2", "--tenant", "inside"]);
        run(here, 0, &["rollback", "2", "--tenant", "inside", "--accept", plan["hash"].as_str().unwrap()]);
        run(here, 0, &["diff", "tenant:inside@2", "tenant:inside"]);
    }
}

#[test]
fn a_running_server_is_pulled_compared_and_rolled_back() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    place.user("inside", "admin", &["tenant_admin"]);
    let server = Server::serve(&place.backend);
    let login = json!({ "tenant": "inside", "email": "admin@inside.test", "password": "correct-horse-9" });
    let anybody = trellis_tests::client::Client::new(&server.url);
    let token = anybody.post("/auth/v1/token", &login).expect(200).json()["access_token"].as_str().unwrap().to_owned();
    let at = ["--url", &server.url, "--token", &token];
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().display().to_string();
    run(None, 0, &[&["pull", &dir, "--tenant", "inside"][..], &at].concat());
    run(None, 0, &[&["diff", &dir, &folder("fixtures/workshop").display().to_string()][..], &at].concat());
    let loans = folder("fixtures/equipment_loan").display().to_string();
    run(None, 0, &[&["apply", &loans, "--tenant", "inside"][..], &at].concat());
    run(None, 2, &[&["diff", &dir, "tenant:inside"][..], &at].concat());
    run(None, 0, &[&["diff", &dir, "tenant:inside@2"][..], &at].concat());
    run(None, 1, &[&["diff", &dir, "tenant:inside@99"][..], &at].concat());
    run(None, 0, &[&["rollback", "2", "--tenant", "inside"][..], &at].concat());
    run(None, 0, &[&["diff", &dir, "tenant:inside"][..], &at].concat());
}

#[test]
fn a_package_is_pruned_and_others_are_left_alone() {
    for place in Place::each() {
        let here = Some(&place);
        let temporary = tempfile::tempdir().unwrap();
        let mine = temporary.path().join("mine");
        copy(&folder("fixtures/workshop"), &mine);
        place.tenant("inside", "workshop");
        place.apply("inside", "equipment_loan");
        let dir = mine.display().to_string();
        let before = names(&run(here, 2, &["diff", &dir, "tenant:inside"]));
        fs::remove_file(mine.join("roles/outsider.json")).unwrap();
        let kept = run(here, 0, &["plan", &dir, "--tenant", "inside"]);
        assert_eq!(kept["strays"], json!([{ "kind": "role", "id": "outsider" }]));
        let plan = run(here, 2, &["plan", &dir, "--tenant", "inside", "--prune"]);
        assert_eq!(plan["documents"], json!([{ "change": "remove", "kind": "role", "id": "outsider" }]));
        run(here, 0, &["apply", &dir, "--tenant", "inside", "--prune"]);
        assert_eq!(run(here, 0, &["plan", &dir, "--tenant", "inside"])["strays"], json!([]));
        // All of the other package is there, and nothing but it.
        assert_eq!(names(&run(here, 2, &["diff", &dir, "tenant:inside"])), before);
        let loans = folder("fixtures/equipment_loan").display().to_string();
        run(here, 0, &["plan", &loans, "--tenant", "inside"]);

        // Pulled and applied elsewhere, each document is still in its package.
        let pulled = temporary.path().join("pulled").display().to_string();
        run(here, 0, &["pull", &pulled, "--tenant", "inside"]);
        run(here, 0, &["plan", &pulled, "--tenant", "inside"]);
        run(here, 0, &["tenant", "create", "copy"]);
        run(here, 0, &["apply", &pulled, "--tenant", "copy"]);
        run(here, 0, &["plan", &dir, "--tenant", "copy"]);
        run(here, 0, &["plan", &loans, "--tenant", "copy"]);
    }
}

fn names(diff: &Value) -> Vec<String> {
    let one = |one: &Value| format!("{} {}", one["kind"], one["id"]);
    diff["differences"].as_array().unwrap().iter().map(one).collect()
}

/// Every file below, with what it holds.
fn listing(dir: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    for (name, text) in listing(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
