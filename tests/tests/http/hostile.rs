//! Requests meant to hurt: sizes, depths, crowds. Each is answered, and the server goes on.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::thread;

use serde_json::{Value, json};
use trellis_tests::client::Client;
use trellis_tests::server::Server;
use trellis_tests::site::Place;

fn each(tenant: &str, run: impl Fn(&Server, &Client)) {
    for place in Place::each() {
        place.tenant(tenant, "workshop");
        place.user(tenant, "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        let keeper = server.log_in(tenant, "keeper");
        run(&server, &keeper);
        Client::new(&server.url).get("/healthz").expect(200);
    }
}

#[test]
fn fifty_at_once_get_fifty_numbers() {
    each("crowd", |_, keeper| {
        let create = |_| {
            let keeper = keeper.clone();
            thread::spawn(move || {
                let created = keeper.create("/t/crowd/api/v1/visit?select=ticket_no", &json!({})).expect(201).json();
                created["ticket_no"].as_str().unwrap().to_owned()
            })
        };
        let numbers: Vec<String> =
            (0..50).map(create).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), 50, "{numbers:?}");
        // One of equal tags wins.
        let tag = |_| {
            let keeper = keeper.clone();
            thread::spawn(move || keeper.post("/t/crowd/api/v1/machine", &json!({ "tag": "ONE", "title": "x" })).status)
        };
        let mut answers: Vec<u16> =
            (0..10).map(tag).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [201, 409, 409, 409, 409, 409, 409, 409, 409, 409]);
        // Of writers with the same version one wins.
        let one = keeper.get("/t/crowd/api/v1/machine?select=id,power").json()[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/t/crowd/api/v1/machine/{one}");
        let write = |power: i32| {
            let (keeper, path) = (keeper.clone(), path.clone());
            thread::spawn(move || keeper.patch(&path, &[("if-match", "\"1\"")], &json!({ "power": power })).status)
        };
        let mut answers: Vec<u16> =
            (1..=8).map(write).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [204, 412, 412, 412, 412, 412, 412, 412]);
    });
}

#[test]
fn large_and_deep_bodies_are_refused_and_the_server_lives() {
    each("large", |_, keeper| {
        let machines = "/t/large/api/v1/machine";
        let deep = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let long = "x".repeat(1 << 20);
        let lines: Vec<Value> = (1..=1001).map(|at| json!({ "position": at, "name": "p" })).collect();
        let many: Vec<Value> = (0..1001).map(|at| json!({ "tag": format!("T-{at}"), "title": "x" })).collect();
        let wide = (0..20_000).fold(String::from("{"), |mut text, at| {
            let _ = write!(text, "\"k{at}\":1,");
            text
        });
        let rows = [
            format!("{{\"tag\":\"A\",\"title\":\"a\",\"extra\":{}}}", deep("[", "]", 200)),
            format!("{{\"tag\":\"A\",\"title\":\"a\",\"extra\":{}}}", deep("{\"a\":", "}", 100_000)),
            deep("[", "]", 500_000),
            format!("{{\"tag\":\"A\",\"title\":\"{long}\"}}"),
            format!("{{\"tag\":\"A\",\"title\":\"a\",\"notes\":\"{long}\"}}"),
            format!("{{\"tag\":\"A\",\"title\":\"a\",\"power\":{}}}", "9".repeat(1 << 20)),
            format!("{{\"{long}\":1}}"),
            format!("{wide}\"tag\":\"A\"}}"),
            json!({ "tag": "A", "title": "a", "parts": lines }).to_string(),
            Value::from(many).to_string(),
            " ".repeat(17 << 20),
            "[".repeat(1 << 20),
            String::new(),
        ];
        for body in rows {
            let start: String = body.chars().take(40).collect();
            let answer = keeper.send_text("POST", machines, &[("content-type", "application/json")], Some(&body));
            assert!((400..500).contains(&answer.status), "{start}: {} {}", answer.status, answer.text);
            assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"), "{start}");
            assert!(answer.text.len() < 100_000, "{start}: an answer of {} bytes", answer.text.len());
        }
        let queries = [
            format!("?or={}a.eq.1{}", "(".repeat(3000), ")".repeat(3000)),
            format!("?select={}tag{}", "parts(machine(".repeat(500), "))".repeat(500)),
            format!("?tag=eq.{}", "x".repeat(9000)),
            format!("?title=like.{}", "*a".repeat(500)),
            "?".to_owned() + &vec!["power=gt.1"; 201].join("&"),
        ];
        for query in queries {
            let answer = keeper.get(&format!("{machines}{query}"));
            assert!((400..500).contains(&answer.status), "{}: {}", &query[..30], answer.status);
        }
        assert_eq!(keeper.get(machines).expect(200).json(), json!([]));
    });
}
