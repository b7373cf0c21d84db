//! The command line: exit codes, and one JSON value on standard output with `--json`.

use std::fs;

use serde_json::{Value, json};
use trellis_tests::server::{Server, trellis};
use trellis_tests::site::{Place, folder};

/// Runs with `--json`: exactly one JSON value, whatever happens.
#[track_caller]
pub fn run(place: Option<&Place>, expected: i32, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = std::iter::once("--json").chain(arguments.iter().copied()).collect();
    let (code, out) = match place {
        Some(place) => place.run(&arguments),
        None => {
            let (code, out, _) = trellis(&arguments);
            (code, out)
        }
    };
    assert_eq!(code, expected, "{arguments:?}: {out}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?} ({error}): {out:?}"))
}

#[test]
fn folders_are_checked_formatted_and_started() {
    let good = folder("fixtures/workshop").display().to_string();
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name).display().to_string();
    run(None, 0, &["version"]);
    assert_eq!(run(None, 0, &["validate", &good]), json!({ "diagnostics": [] }));
    assert_eq!(run(None, 0, &["fmt", "--check", &good])["changed"], json!([]));
    run(None, 1, &["validate", &path("nowhere")]);
    run(None, 0, &["init", &path("new")]);
    run(None, 1, &["init", &path("new")]);
    run(None, 0, &["validate", &path("new")]);
    run(None, 0, &["fmt", "--check", &path("new")]);
    assert!(fs::read_to_string(temporary.path().join("new/package.json")).unwrap().contains("\"name\": \"new\""));
    run(None, 1, &["init", &path("9 lives")]);
    run(None, 0, &["schema"]);
    run(None, 0, &["schema", "--out", &path("schemas")]);
    let rough = temporary.path().join("rough");
    fs::create_dir(&rough).unwrap();
    fs::write(
        rough.join("package.json"),
        "{\"name\":\"rough\",  \"kind\":\"package\",\"version\":\"1.0.0\",\"label\":\"R\"}",
    )
    .unwrap();
    run(None, 2, &["fmt", "--check", &path("rough")]);
    run(None, 0, &["fmt", &path("rough")]);
    run(None, 0, &["fmt", "--check", &path("rough")]);
}

#[test]
fn failing_documents_are_refused_with_findings() {
    let root = folder("../metadata/tests/failing");
    let mut checked = 0;
    for area in fs::read_dir(root).unwrap() {
        for case in fs::read_dir(area.unwrap().path()).unwrap() {
            let case = case.unwrap().path();
            let expected = fs::read_to_string(case.join("diagnostics.txt")).unwrap_or_default();
            let found = run(None, i32::from(expected.contains(" error ")), &["validate", &case.display().to_string()]);
            let findings = found["diagnostics"].as_array().unwrap();
            assert!(!findings.is_empty(), "{}", case.display());
            checked += 1;
        }
    }
    assert!(checked > 10);
}

#[test]
fn plans_are_saved_applied_and_then_empty() {
    for place in Place::each() {
        let here = Some(&place);
        let package = folder("fixtures/workshop").display().to_string();
        let temporary = tempfile::tempdir().unwrap();
        let saved = temporary.path().join("plan.json").display().to_string();
        run(here, 1, &["plan", &package, "--tenant", "inside"]);
        run(here, 0, &["tenant", "create", "inside"]);
        run(here, 1, &["tenant", "create", "inside"]);
        run(here, 1, &["tenant", "create", "Not a name"]);
        assert_eq!(run(here, 0, &["tenant", "list"])["tenants"][0]["name"], "inside");
        let plan = run(here, 2, &["plan", &package, "--tenant", "inside", "-o", &saved]);
        assert!(!plan["steps"].as_array().unwrap().is_empty());
        run(here, 0, &["apply", &saved, "--tenant", "inside"]);
        run(here, 0, &["plan", &package, "--tenant", "inside"]);
        assert_eq!(run(here, 0, &["apply", &package, "--tenant", "inside"])["steps"], json!([]));
        let own = place.backend.arguments();
        let mut spoken = vec!["apply", &package, "--tenant", "inside"];
        spoken.extend(own.iter().map(String::as_str));
        assert_eq!(trellis(&spoken).1.trim(), "no changes");

        // Something risky needs its hash: a field that holds values goes.
        place.user("inside", "keeper", &["keeper"]);
        {
            let server = Server::serve(&place.backend);
            let keeper = server.log_in("inside", "keeper");
            let site =
                keeper.create("/t/inside/api/v1/site", &json!({ "code": "N", "name": "North" })).expect(201).json();
            keeper.create("/t/inside/api/v1/sticker", &json!({ "text": "x", "site": site["id"] })).expect(201);
        }
        let smaller = temporary.path().join("smaller");
        fs::create_dir(&smaller).unwrap();
        let text = fs::read_to_string(folder("fixtures/workshop/objects/sticker.json")).unwrap();
        let mut sticker: Value = serde_json::from_str(&text).unwrap();
        sticker["fields"].as_object_mut().unwrap().remove("site");
        fs::write(smaller.join("sticker.json"), sticker.to_string()).unwrap();
        let smaller = smaller.display().to_string();
        assert_eq!(run(here, 2, &["apply", &smaller, "--tenant", "inside"])["level"], "risky");
        let plan = run(here, 2, &["plan", &smaller, "--tenant", "inside"]);
        run(here, 1, &["apply", &smaller, "--tenant", "inside", "--accept", "0000"]);
        run(here, 0, &["apply", &smaller, "--tenant", "inside", "--accept", plan["hash"].as_str().unwrap()]);
        run(here, 0, &["plan", &smaller, "--tenant", "inside"]);

        // Members, and why they may.
        let create =
            ["user", "create", "a@inside.test", "--tenant", "inside", "--password", "correct-horse-9", "--role"];
        run(here, 0, &[&create[..], &["clerk"]].concat());
        run(here, 1, &[&create[..], &["clerk"]].concat());
        run(
            here,
            1,
            &[
                "user",
                "create",
                "b@inside.test",
                "--tenant",
                "inside",
                "--password",
                "correct-horse-9",
                "--role",
                "king",
            ],
        );
        run(here, 1, &["user", "create", "c@inside.test", "--tenant", "inside", "--password", "x"]);
        let why = ["explain", "access", "--tenant", "inside", "--object", "machine", "--user"];
        run(here, 0, &[&why[..], &["a@inside.test", "--verb", "update", "--field", "title"]].concat());
        run(here, 1, &[&why[..], &["nobody@inside.test"]].concat());
    }
}

#[test]
fn a_running_server_is_changed_through_its_address() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    place.user("inside", "admin", &["tenant_admin"]);
    let server = Server::serve(&place.backend);
    let login = json!({ "tenant": "inside", "email": "admin@inside.test", "password": "correct-horse-9" });
    let anybody = trellis_tests::client::Client::new(&server.url);
    let token = anybody.post("/auth/v1/token", &login).expect(200).json()["access_token"].as_str().unwrap().to_owned();
    let loans = folder("fixtures/equipment_loan").display().to_string();
    let at = ["--tenant", "inside", "--url", &server.url, "--token", &token];
    run(None, 2, &[&["plan", &loans[..]][..], &at].concat());
    run(None, 0, &[&["apply", &loans[..]][..], &at].concat());
    run(None, 0, &[&["plan", &loans[..]][..], &at].concat());
    run(None, 1, &["plan", &loans, "--tenant", "inside", "--url", &server.url, "--token", "garbage"]);
    run(None, 1, &["plan", &loans, "--tenant", "inside", "--url", "http://127.0.0.1:9", "--token", &token]);
}

#[test]
fn bytes_that_are_no_text_hide_no_other_finding() {
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("a.json"), b"{\n  \"kind\": \"role\", \"name\": \"\xe9\"\n}").unwrap();
    fs::write(temporary.path().join("b.json"), r#"{ "kind": "rolle", "name": "b" }"#).unwrap();
    let found = run(None, 1, &["validate", &temporary.path().display().to_string()]);
    let found: Vec<String> = found["diagnostics"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(found, ["a.json:2:28 invalid_json", "b.json:1:11 unknown_kind"]);
}

fn place(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    format!("{}:{}:{} {}", text("file"), finding["line"], finding["column"], text("code"))
}

#[test]
fn a_package_without_what_it_requires_is_one_finding() {
    let place = Place::sqlite();
    run(Some(&place), 0, &["tenant", "create", "bare"]);
    let pricing = folder("../metadata/templates/product_pricing").display().to_string();
    let found = run(Some(&place), 1, &["plan", &pricing, "--tenant", "bare"]);
    let codes: Vec<&Value> = found["diagnostics"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    assert_eq!(codes, ["missing_package"]);
}

#[test]
fn the_last_administrator_is_kept() {
    let place = Place::sqlite();
    let here = Some(&place);
    run(here, 0, &["tenant", "create", "inside"]);
    for name in ["first", "second"] {
        place.user("inside", name, &["tenant_admin"]);
    }
    run(here, 0, &["user", "disable", "first@inside.test", "--tenant", "inside"]);
    let refused = run(here, 1, &["user", "disable", "second@inside.test", "--tenant", "inside"]);
    assert!(refused["error"].as_str().unwrap().contains("last active administrator"), "{refused}");
    run(here, 0, &["user", "disable", "second@inside.test", "--tenant", "inside", "--force"]);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let command = format!("{} schema | head -c 1", trellis_tests::server::binary().display());
    let run = std::process::Command::new("bash").args(["-o", "pipefail", "-c", &command]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&run.stderr), "");
    assert!(run.status.success());
}
