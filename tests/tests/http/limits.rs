//! Limits on requests a second: who asks too often is told when to come back, and nobody else notices.

use serde_json::json;
use trellis_tests::browser::Browser;
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const LIST: &str = "/t/inside/api/v1/machine";

/// The first refusal among more requests than a burst allows.
fn flood(ask: impl Fn() -> Answer) -> Answer {
    let refused = (0..200).map(|_| ask()).find(|answer| answer.status != 200);
    refused.expect("200 requests are more than a limit of 1 a second").expect(429)
}

/// A server over `place` under these limits.
fn limited(place: &Place, limits: &[&str]) -> Server {
    Server::serve_with(&place.backend, limits)
}

#[test]
fn each_limit_counts_for_itself() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    place.tenant("other", "workshop");
    place.user("inside", "admin", &["tenant_admin"]);
    place.user("inside", "keeper", &["keeper"]);
    place.user("other", "keeper", &["keeper"]);

    let server = limited(&place, &["--limit-member", "1"]);
    let (admin, keeper) = (server.log_in("inside", "admin"), server.log_in("inside", "keeper"));
    let refused = flood(|| keeper.get(LIST));
    assert_eq!(refused.code(), "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"member\";q=1;w=1"));
    assert_eq!(refused.header("ratelimit"), Some("\"member\";r=0;t=1"));
    // The member is counted, not the token; his colleague is not him.
    server.log_in("inside", "keeper").post(LIST, &json!({ "tag": "T", "title": "t" })).expect(429);
    admin.get(&format!("{LIST}?select=tag")).expect(200);
    let metrics = Client::new(&server.url).get("/metrics").expect(200).text;
    assert!(metrics.contains("trellis_limited_requests_total{limit=\"tenant\"} 0"), "{metrics}");
    assert!(!metrics.contains("trellis_limited_requests_total{limit=\"member\"} 0"), "{metrics}");
    drop(server);

    let server = limited(&place, &["--limit-tenant", "1"]);
    let (admin, keeper) = (server.log_in("inside", "admin"), server.log_in("inside", "keeper"));
    let stranger = server.log_in("other", "keeper");
    flood(|| keeper.get(LIST));
    assert_eq!(admin.get(LIST).expect(429).header("ratelimit-policy"), Some("\"tenant\";q=1;w=1"));
    stranger.get("/t/other/api/v1/machine").expect(200);
    drop(server);

    let server = limited(&place, &["--limit-address", "1"]);
    let anybody = Client::new(&server.url);
    let refused = flood(|| anybody.get("/t/inside/login"));
    assert_eq!(refused.header("content-type"), Some("application/problem+json; charset=utf-8"));
    assert!(refused.header("content-security-policy").is_some());
    let page = anybody.send("GET", "/t/inside/login", &[("accept", "text/html")], None).expect(429);
    assert!(page.text.contains("<html") && page.header("retry-after") == Some("1"), "{}", page.text);
    anybody.get("/healthz").expect(200);
}

#[test]
fn a_page_tells_of_the_limit_and_does_not_ask_to_log_in() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    place.user("inside", "keeper", &["keeper"]);
    let server = limited(&place, &["--limit-member", "1"]);
    let browser = Browser::log_in(&server, "inside", "keeper");
    let refused = flood(|| browser.get("/t/inside/app/machine"));
    assert!(refused.text.contains("Too many requests"), "{}", refused.text);
}
