//! Many who send the same at once: one effect, and everybody is answered.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const API: &str = "/t/crowd/api/v1";

fn each(run: impl Fn(&Client)) {
    for place in Place::each() {
        place.tenant("crowd", "workshop");
        place.user("crowd", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        run(&server.log_in("crowd", "keeper"));
    }
}

/// `send` by so many threads at once.
fn at_once(
    count: usize,
    keeper: &Client,
    send: impl Fn(&Client, usize) -> Answer + Send + Clone + 'static,
) -> Vec<Answer> {
    let start = |at| {
        let (keeper, send) = (keeper.clone(), send.clone());
        thread::spawn(move || send(&keeper, at))
    };
    (0..count).map(start).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn count(keeper: &Client, path: &str) -> usize {
    keeper.get(&format!("{API}/{path}")).expect(200).json().as_array().unwrap().len()
}

#[test]
fn a_hundred_with_one_key_are_one() {
    each(|keeper| {
        let headers = [("idempotency-key", "one"), ("prefer", "return=representation")];
        let create = move |keeper: &Client, _| {
            let body = json!({ "visited_on": "2019-01-01" });
            keeper.send("POST", &format!("{API}/visit?select=id,ticket_no"), &headers, Some(&body))
        };
        let answers = at_once(100, keeper, create);
        let given = |answer: &Answer| {
            let header = |name| answer.header(name).map(str::to_owned);
            (answer.status, answer.text.clone(), header("location"), header("etag"), header("content-type"))
        };
        let distinct: BTreeSet<_> = answers.iter().map(given).collect();
        assert_eq!(distinct.len(), 1, "{distinct:?}");
        assert_eq!(distinct.first().unwrap().0, 201, "{distinct:?}");
        let first = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none());
        assert_eq!(first.count(), 1, "one was the first");
        assert_eq!(count(keeper, "visit"), 1);
    });
}

#[test]
fn keys_of_different_requests_do_not_meet() {
    each(|keeper| {
        let create = |keeper: &Client, at: usize| {
            let key = format!("key-{at}");
            let body = json!({ "code": format!("S{at}"), "name": "x" });
            keeper.send("POST", &format!("{API}/site"), &[("idempotency-key", &key)], Some(&body))
        };
        let answers = at_once(40, keeper, create);
        assert!(answers.iter().all(|answer| answer.status == 201), "{:?}", answers.iter().map(|a| a.status).max());
        assert_eq!(count(keeper, "site"), 40);
    });
}

#[test]
fn lists_of_the_same_keys_in_opposite_order_all_pass() {
    each(|keeper| {
        let write = |keeper: &Client, at: usize| {
            let site = |key: usize| json!({ "code": format!("S{key}"), "name": format!("{at}") });
            let mut sites: Vec<Value> = (0..20).map(site).collect();
            if at % 2 == 1 {
                sites.reverse();
            }
            let merge = [("prefer", "resolution=merge-duplicates")];
            keeper.send("POST", &format!("{API}/site?on_conflict=code"), &merge, Some(&json!(sites)))
        };
        let answers = at_once(16, keeper, write);
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status >= 300).map(|answer| &answer.text).collect();
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(count(keeper, "site"), 20);
    });
}

#[test]
fn upserts_of_one_key_have_one_winner_and_no_losers() {
    each(|keeper| {
        let upsert = |keeper: &Client, at: usize| {
            let body = json!({ "tag": "ONE", "title": "x", "power": at });
            let merge = [("prefer", "resolution=merge-duplicates")];
            keeper.send("POST", &format!("{API}/machine?on_conflict=tag"), &merge, Some(&body))
        };
        let mut statuses: Vec<u16> = at_once(30, keeper, upsert).iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[28], statuses[29]), (200, 200, 201), "{statuses:?}");
        let machines = keeper.get(&format!("{API}/machine?select=tag,version")).expect(200).json();
        assert_eq!(machines[0]["tag"], "ONE");
        assert_eq!(machines.as_array().map(Vec::len), Some(1), "{machines}");

        // Plain creates among them are refused, never broken.
        let mixed = |keeper: &Client, at: usize| {
            let body = json!({ "tag": "TWO", "title": "x", "power": at });
            let headers: &[(&str, &str)] =
                if at.is_multiple_of(2) { &[("prefer", "resolution=merge-duplicates")] } else { &[] };
            let parameter = if at.is_multiple_of(2) { "?on_conflict=tag" } else { "" };
            keeper.send("POST", &format!("{API}/machine{parameter}"), headers, Some(&body))
        };
        let answers = at_once(30, keeper, mixed);
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let others: Vec<Value> =
            answers.iter().filter(|a| ![200, 201, 409].contains(&a.status)).map(Answer::json).collect();
        assert_eq!((created, others), (1, Vec::new()));
    });
}

#[test]
fn five_hundred_get_five_hundred_numbers() {
    each(|keeper| {
        let create = |keeper: &Client, at: usize| {
            let body = json!({ "visited_on": format!("2019-01-{:02}", 1 + at % 28) });
            keeper.send("POST", &format!("{API}/visit"), &[], Some(&body))
        };
        let refused: Vec<_> =
            at_once(500, keeper, create).into_iter().filter(|a| a.status != 201).map(|a| (a.status, a.text)).collect();
        assert!(refused.is_empty(), "{} of 500: {:?}", refused.len(), refused.first());
        let visits = keeper.get(&format!("{API}/visit?select=ticket_no&limit=1000")).expect(200).json();
        let numbers: BTreeSet<&str> =
            visits.as_array().unwrap().iter().filter_map(|visit| visit["ticket_no"].as_str()).collect();
        assert_eq!(numbers.len(), 500);
    });
}
