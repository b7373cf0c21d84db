//! Who is let in: every route for nobody, for a stranger, for garbage; and nothing forbidden in any answer.

use serde_json::json;
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const ID: &str = "01890000-0000-7000-8000-00000000ffff";

/// Method, path below the tenant, body.
const ROUTES: [(&str, &str, Option<&str>); 29] = [
    ("GET", "/api/v1/machine", None),
    ("HEAD", "/api/v1/machine", None),
    ("POST", "/api/v1/machine", Some("{}")),
    ("PATCH", "/api/v1/machine?tag=eq.A", Some("{}")),
    ("DELETE", "/api/v1/machine?tag=eq.A", None),
    ("GET", "/api/v1/machine/{id}", None),
    ("HEAD", "/api/v1/machine/{id}", None),
    ("PATCH", "/api/v1/machine/{id}", Some("{}")),
    ("DELETE", "/api/v1/machine/{id}", None),
    ("PUT", "/api/v1/machine/{id}", Some("{}")),
    ("POST", "/api/v1/machine/query", Some("")),
    ("GET", "/api/v1/machine/deleted", None),
    ("POST", "/api/v1/machine/{id}/restore", None),
    ("DELETE", "/api/v1/machine/{id}?purge=true", None),
    ("GET", "/api/v1/machine/{id}/history", None),
    ("GET", "/api/v1/machine/{id}/history/1", None),
    ("POST", "/api/v1/machine/{id}/history/1/revert", Some("{}")),
    ("OPTIONS", "/api/v1/machine", None),
    ("GET", "/api/v1/nothing", None),
    ("GET", "/api/v1/user", None),
    ("GET", "/api/v1/openapi.json", None),
    ("POST", "/meta/v1/validate", Some("{\"documents\":[]}")),
    ("POST", "/meta/v1/plan", Some("{\"documents\":[]}")),
    ("POST", "/meta/v1/apply", Some("{\"documents\":[]}")),
    ("GET", "/meta/v1/documents", None),
    ("GET", "/meta/v1/revisions", None),
    ("GET", "/meta/v1/schemas/object", None),
    ("GET", "/meta/v1/nothing", None),
    ("POST", "/api/v1/rpc/anything", Some("{}")),
];

#[test]
fn every_route_is_shut_to_those_without_a_key() {
    for place in Place::each() {
        for tenant in ["inside", "outside"] {
            place.tenant(tenant, "workshop");
            place.user(tenant, "keeper", &["keeper", "tenant_admin"]);
        }
        let server = Server::serve(&place.backend);
        let stranger = server.log_in("outside", "keeper");
        let login = json!({ "tenant": "inside", "email": "keeper@inside.test", "password": "correct-horse-9" });
        let anybody = Client::new(&server.url);
        let refresh =
            anybody.post("/auth/v1/token", &login).expect(200).json()["refresh_token"].as_str().unwrap().to_owned();
        let keys = [
            ("no key", anybody.clone()),
            ("another tenant's", stranger),
            ("garbage", anybody.clone().with_token("garbage")),
            ("empty", anybody.clone().with_token("")),
            ("a refresh token", anybody.clone().with_token(&refresh)),
            ("huge", anybody.clone().with_token(&"x".repeat(20_000))),
        ];
        for (key, client) in &keys {
            for (method, path, body) in ROUTES {
                for tenant in ["inside", "nowhere", "..%2finside", "inside%00"] {
                    let path = format!("/t/{tenant}{}", path.replace("{id}", ID));
                    let answer = client.send_text(method, &path, &[], body);
                    let shut = matches!(answer.status, 401 | 404 | 405 | 431 | 400);
                    assert!(shut, "{key}: {method} {path}: {} {}", answer.status, answer.text);
                    if method != "HEAD" && key != &"huge" {
                        assert!(
                            answer
                                .header("content-type")
                                .is_some_and(|media| media.starts_with("application/problem+json")),
                            "{key}: {method} {path}"
                        );
                    }
                }
            }
        }
        for body in [
            "",
            "{}",
            "[]",
            "{\"tenant\":1}",
            "{\"tenant\":\"inside\",\"email\":\"keeper@inside.test\",\"password\":\"wrong\"}",
        ] {
            for path in ["/auth/v1/token", "/auth/v1/refresh", "/auth/v1/logout", "/auth/v1/password"] {
                let answer = anybody.send_text("POST", path, &[], Some(body));
                assert!((400..500).contains(&answer.status), "{path} {body}: {}", answer.status);
            }
        }
        logins_tell_nothing(&anybody);
    }
}

/// Wrong password, unknown address, unknown tenant, member of another tenant: one answer.
fn logins_tell_nothing(anybody: &Client) {
    let rows = [
        ("inside", "keeper@inside.test", "wrong-password"),
        ("inside", "nobody@inside.test", "correct-horse-9"),
        ("nowhere", "keeper@inside.test", "correct-horse-9"),
        ("inside", "keeper@outside.test", "correct-horse-9"),
    ];
    let answers = rows.map(|(tenant, email, password)| {
        let body = json!({ "tenant": tenant, "email": email, "password": password });
        let mut answer = anybody.post("/auth/v1/token", &body).expect(401).json();
        answer["trace_id"] = json!(null);
        answer
    });
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
}

#[test]
fn a_refresh_token_works_once_and_a_logout_ends_the_family() {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        let anybody = Client::new(&server.url);
        let login = json!({ "tenant": "inside", "email": "keeper@inside.test", "password": "correct-horse-9" });
        let first = anybody.post("/auth/v1/token", &login).expect(200).json();
        let trade = |token: &serde_json::Value| anybody.post("/auth/v1/refresh", &json!({ "refresh_token": token }));
        let second = trade(&first["refresh_token"]).expect(200).json();
        let keeper = anybody.clone().with_token(second["access_token"].as_str().unwrap());
        keeper.get("/t/inside/api/v1/machine").expect(200);
        trade(&first["refresh_token"]).expect(401);
        // A second use is a theft: the whole family ends.
        trade(&second["refresh_token"]).expect(401);
        let third = anybody.post("/auth/v1/token", &login).expect(200).json();
        anybody.post("/auth/v1/logout", &json!({ "refresh_token": third["refresh_token"] })).expect(204);
        trade(&third["refresh_token"]).expect(401);
    }
}

#[test]
fn a_forbidden_value_is_in_no_answer() {
    const CANARY: &str = "CANARY-7f3a";
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "keeper", &["keeper"]);
        place.user("inside", "clerk", &["clerk"]);
        let server = Server::serve(&place.backend);
        let keeper = server.log_in("inside", "keeper");
        let clerk = server.log_in("inside", "clerk");
        let api = "/t/inside/api/v1";
        let body = json!({ "tag": "M-1", "title": "Mill", "secret": CANARY, "notes": CANARY, "contact": format!("{CANARY}@example.org"), "extra": { "k": CANARY } });
        let id = keeper.create(&format!("{api}/machine"), &body).expect(201).json()["id"].as_str().unwrap().to_owned();
        let hidden =
            json!({ "tag": "C-1", "title": CANARY, "grade": "c", "parts": [{ "position": 1, "name": CANARY }] });
        let other =
            keeper.create(&format!("{api}/machine"), &hidden).expect(201).json()["id"].as_str().unwrap().to_owned();
        let vault =
            keeper.create(&format!("{api}/vault"), &json!({ "word": CANARY, "machine": id })).expect(201).json();
        let vault = vault["id"].as_str().unwrap().to_owned();
        let mut answers: Vec<Answer> = Vec::new();
        for path in [
            "/machine",
            "/machine?select=*",
            "/machine?select=*,parts(*),site(*)",
            "/part",
            "/part?select=*,machine(*)",
            "/machine?order=secret",
            "/machine?select=secret",
            "/machine?select=x:secret",
            "/machine?select=secret.max()",
            "/machine?select=title.max(),least:title.min()",
            "/machine/aggregate?group=secret",
            "/machine/aggregate?group=title&order=title.desc",
            "/machine/aggregate?select=notes.min()",
            "/part/aggregate?group=machine.secret,machine.title",
            "/site?select=machines(secret.max())",
            "/machine?secret=like.*",
            "/machine?or=(secret.like.*,tag.eq.M-1)",
            "/machine?select=tag,vaults(*)",
            "/vault",
            "/site?select=*,machines(*)",
            "/machine?extra-%3E%3Ek=eq.1",
            "/openapi.json",
            "/machine?limit=1",
        ] {
            for accept in ["application/json", "text/csv", "application/vnd.pgrst.object+json"] {
                answers.push(clerk.send(
                    "GET",
                    &format!("{api}{path}"),
                    &[("accept", accept), ("prefer", "count=exact")],
                    None,
                ));
            }
        }
        let whole = ("prefer", "return=representation");
        for (path, body) in [
            (format!("{api}/machine/{id}"), json!({ "title": "New" })),
            (
                format!("{api}/machine/{id}?select=*,parts(*)"),
                json!({ "power": 3, "parts": [{ "position": 1, "name": "n" }] }),
            ),
            (format!("{api}/machine/{id}"), json!({ "secret": "x" })),
            (format!("{api}/machine/{other}"), json!({ "title": "x" })),
            (format!("{api}/vault/{vault}"), json!({ "word": "x" })),
            (format!("{api}/machine?tag=like.*"), json!({ "power": 4 })),
        ] {
            answers.push(clerk.patch(&path, &[whole], &body));
            answers.push(clerk.patch(&path, &[whole, ("if-match", "\"99\"")], &body));
            answers.push(clerk.send("GET", &path, &[], None));
            answers.push(clerk.send("DELETE", &path, &[whole], None));
        }
        for body in [json!({ "word": CANARY.to_lowercase() }), json!({ "word": "y" })] {
            answers.push(clerk.create(&format!("{api}/vault"), &body));
        }
        answers.push(clerk.create(&format!("{api}/machine"), &json!({ "tag": "C-1", "title": "taken" })));
        answers.push(clerk.create(&format!("{api}/machine"), &json!({ "id": other, "tag": "C-2", "title": "taken" })));
        let merge = [whole, ("prefer", "resolution=merge-duplicates")];
        for body in [json!({ "tag": "C-1", "title": "taken" }), json!({ "tag": "M-1", "title": "Old", "power": 5 })] {
            answers.push(clerk.send("POST", &format!("{api}/machine?on_conflict=tag"), &merge, Some(&body)));
        }
        for id in [&id, &other] {
            for path in ["history", "history/1", "history/2"] {
                answers.push(clerk.get(&format!("{api}/machine/{id}/{path}")));
            }
            answers.push(clerk.send("POST", &format!("{api}/machine/{id}/history/1/revert"), &[whole], None));
            answers.push(clerk.send("PUT", &format!("{api}/machine/{id}"), &[whole], Some(&json!({ "title": "y" }))));
            let operation = json!({ "method": "PATCH", "object": "machine", "id": id, "body": { "power": 6 } });
            let batch = json!({ "operations": [operation] });
            answers.push(clerk.send("POST", &format!("{api}/batch"), &[whole], Some(&batch)));
        }
        for answer in answers {
            assert!(answer.status < 500, "{}", answer.text);
            assert!(!answer.text.contains(CANARY), "{} {}", answer.status, answer.text);
            assert!(!answer.holds_in_a_header(CANARY), "{} {}", answer.status, answer.text);
        }
        // It is there for those who may see it, unchanged.
        let seen = keeper.get(&format!("{api}/machine/{id}?select=secret,notes")).expect(200).json();
        assert_eq!(seen, json!({ "secret": CANARY, "notes": CANARY }));
    }
}

/// Whoever guesses waits; what a body claims of itself makes no difference.
#[test]
fn guessing_passwords_ends_in_waiting() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    place.user("inside", "keeper", &["keeper"]);
    let server = Server::serve(&place.backend);
    let anybody = Client::new(&server.url);
    let attempt = |email: &str, password: &str| {
        anybody.post("/auth/v1/token", &json!({ "tenant": "inside", "email": email, "password": password }))
    };
    for round in 0..20 {
        attempt(&format!("{round}@inside.test"), "wrong").expect(401);
    }
    let answer = attempt("keeper@inside.test", "correct-horse-9").expect(429);
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(answer.json()["code"], "too_many_requests");
}
