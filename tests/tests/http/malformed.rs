//! Every kind of endpoint against every kind of nonsense: each request is answered, none with a server error, and the
//! server is there afterwards.

use serde_json::json;
use trellis_tests::browser::Browser;
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;

const ID: &str = "01890000-0000-7000-8000-00000000ffff";

/// Method and path of what reads JSON.
const JSON: [(&str, &str); 14] = [
    ("POST", "/t/odd/api/v1/machine"),
    ("POST", "/t/odd/api/v1/machine?columns=tag,title"),
    ("PATCH", "/t/odd/api/v1/machine/{id}"),
    ("PATCH", "/t/odd/api/v1/machine?tag=eq.A"),
    ("POST", "/t/odd/api/v1/machine/{id}/restore"),
    ("POST", "/t/odd/api/v1/machine/{id}/history/1/revert"),
    ("POST", "/t/odd/meta/v1/validate"),
    ("POST", "/t/odd/meta/v1/plan"),
    ("POST", "/t/odd/meta/v1/apply"),
    ("POST", "/t/odd/meta/v1/rollback"),
    ("POST", "/auth/v1/token"),
    ("POST", "/auth/v1/refresh"),
    ("POST", "/auth/v1/logout"),
    ("POST", "/auth/v1/password"),
];

/// Paths of what reads a form.
const FORMS: [&str; 9] = [
    "/setup",
    "/t/odd/login",
    "/t/odd/app/locale",
    "/t/odd/app/notifications/read",
    "/t/odd/app/machine",
    "/t/odd/app/machine/{id}",
    "/t/odd/app/machine/{id}/transition",
    "/t/odd/app/machine/{id}/history/1/revert",
    "/t/odd/app/machine/{id}/delete",
];

/// Paths of what reads a query.
const QUERIES: [&str; 22] = [
    "/",
    "/setup",
    "/healthz",
    "/readyz",
    "/metrics",
    "/assets/x",
    "/t/odd/api/v1/machine",
    "/t/odd/api/v1/machine/{id}",
    "/t/odd/api/v1/machine/deleted",
    "/t/odd/api/v1/machine/{id}/history",
    "/t/odd/api/v1/machine/{id}/history/1",
    "/t/odd/api/v1/openapi.json",
    "/t/odd/meta/v1/documents",
    "/t/odd/meta/v1/revisions",
    "/t/odd/meta/v1/schemas/object",
    "/t/odd/login",
    "/t/odd/app",
    "/t/odd/app/notifications",
    "/t/odd/app/machine",
    "/t/odd/app/machine/new",
    "/t/odd/app/machine/{id}",
    "/t/odd/app/machine/{id}/edit",
];

/// Bodies that are no JSON, or JSON nobody asked for.
fn json_bodies() -> Vec<Vec<u8>> {
    let nested = |open: &str, levels: usize, close: &str| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    let document = |inside: &str| format!("{{\"documents\":[{inside}]}}");
    let machine = |more: &str| format!("{{\"tag\":\"A\",\"title\":\"a\",{more}}}");
    let key = "k".repeat(1 << 20);
    let many = (0..50_000).map(|at| format!("\"k{at}\":{at}")).collect::<Vec<_>>().join(",");
    let texts = [
        nested("[", 200, "]"),
        nested("[", 100_000, "]"),
        nested("{\"a\":", 200, "}"),
        nested("{\"a\":", 100_000, "}"),
        document(&nested("[", 200, "]")),
        document(&nested("{\"fields\":", 100_000, "}")),
        document(&format!("{{\"kind\":\"object\",\"name\":\"a\",\"label\":{}}}", nested("{\"en\":", 100_000, "}"))),
        document(&format!("{{\"kind\":\"{key}\"}}")),
        document("{\"kind\":\"object\",\"kind\":\"view\",\"name\":\"a\",\"name\":\"b\"}"),
        document(
            "{\"kind\":\"object\",\"name\":\"a\",\"label\":\"a\",\"fields\":{\"b\":{\"type\":\"text\",\"max_length\":1e999999}}}",
        ),
        document("null,null,1,\"x\",[]"),
        format!("{{\"documents\":[],\"message\":\"{key}\"}}"),
        format!("{{\"documents\":[],\"remove\":[{{\"kind\":\"object\",\"id\":\"{key}\"}}]}}"),
        machine(&format!("\"extra\":{}", nested("[", 100_000, "]"))),
        machine("\"power\":1e999999"),
        machine("\"power\":-1e999999"),
        machine("\"price\":1e-999999"),
        machine("\"price\":\"1e999999\""),
        machine("\"price\":0.00000000000000000000000000000000000000000000000000000001"),
        machine("\"weight\":99999999999999999999999999999999999999999999999999999999"),
        machine("\"power\":NaN"),
        machine("\"power\":Infinity"),
        machine("\"extra\":1e999999"),
        machine("\"extra\":{\"a\":1,\"a\":2}"),
        machine("\"tag\":\"B\""),
        machine("\"notes\":\"\\u0000\""),
        machine("\"notes\":\"\\ud800\""),
        machine("\"bought_on\":\"+999999-12-31\""),
        machine("\"seen_at\":\"9999-12-31T23:59:60.999999999999+23:59\""),
        machine("\"opens_at\":\"24:00:00\""),
        machine("\"place\":{\"lat\":1e308,\"lng\":-1e308}"),
        machine("\"skills\":[[[[]]]]"),
        machine("\"parts\":{\"0\":{}}"),
        machine(&format!("\"parts\":[{}]", "{},".repeat(5_000) + "{}")),
        machine(&many),
        format!("{{\"{key}\":1,\"{key}\":2}}"),
        "{\"revision\":18446744073709551615}".to_owned(),
        "{\"revision\":9223372036854775808}".to_owned(),
        "{\"revision\":1e999999}".to_owned(),
        "{\"revision\":-1}".to_owned(),
        format!("{{\"refresh_token\":\"{key}\"}}"),
        "{\"refresh_token\":\"\\u0000\"}".to_owned(),
        format!("{{\"tenant\":\"odd\",\"email\":\"keeper@odd.test\",\"password\":\"{key}\"}}"),
        format!("{{\"tenant\":\"{key}\",\"email\":\"{key}\",\"password\":\"x\"}}"),
        "{\"tenant\":\"\\u0000\",\"email\":\"\\u0000\",\"password\":\"\\u0000\"}".to_owned(),
        "{\"tenant\":\"odd\",\"tenant\":\"odd\",\"email\":\"a\",\"password\":\"b\"}".to_owned(),
        "\"".to_owned() + &key,
        "\u{feff}{}".to_owned(),
        "9".repeat(1 << 20),
        "1e999999".to_owned(),
        " ".repeat((16 << 20) + 1),
    ];
    let bytes: [&[u8]; 5] =
        [b"\xff\xfe\x00{", b"{\"tag\":\"\xc3\x28\"}", b"\x00", b"{\"\xf0\x28\x8c\x28\":1}", b"\x1f\x8b\x08"];
    texts.into_iter().map(String::into_bytes).chain(bytes.map(<[u8]>::to_vec)).collect()
}

/// Bodies that are no form, or a form nobody showed.
fn form_bodies() -> Vec<Vec<u8>> {
    let long = "x".repeat(1 << 20);
    let texts = [
        String::new(),
        "&".repeat(100_000),
        "=".repeat(100_000),
        "f.tag=A&".repeat(20_000),
        (0..20_000).map(|at| format!("f.k{at}=1&")).collect(),
        (0..2_000).map(|at| format!("c.parts.{at}.name=x&")).collect(),
        "c.parts.18446744073709551615.name=x&_action=add_rows:parts".to_owned(),
        "c.parts.18446744073709551616.name=x&_action=add_rows:nothing".to_owned(),
        "_action=transition:nothing&_version=99999999999999999999".to_owned(),
        "_version=-9223372036854775808&f.title=x".to_owned(),
        "f.power=1e999999&f.price=1e-999999&f.weight=9e99&f.discount=NaN".to_owned(),
        "f.bought_on=%2B999999-12-31&f.seen_at=9999-12-31T23:59:60&f.opens_at=99:99".to_owned(),
        "f.title=%00&f.tag=%ff%fe&f.notes=%ed%a0%80&f.site._id=%00".to_owned(),
        "f.site=x&f.site._id=not-an-id&f.site._was=y".to_owned(),
        format!("f.extra={}", "[".repeat(100_000)),
        format!("f.title={long}"),
        format!("email={long}&password={long}&next={long}&tenant={long}&name={long}&token={long}&locale={long}"),
        format!("{long}={long}"),
        "return_to=/t/odd/%0d%0aset-cookie:a&locale=zh-TW".to_owned(),
        "next=/t/odd/%0d%0aset-cookie:a&email=%00&password=%00".to_owned(),
        "x".repeat((16 << 20) + 1),
    ];
    let bytes: [&[u8]; 3] = [b"\xff=\xfe&f.title=\xc3\x28", b"\x00\x01\x02", b"%&%%&%g=%zz&f.title=%e"];
    texts.into_iter().map(String::into_bytes).chain(bytes.map(<[u8]>::to_vec)).collect()
}

fn queries() -> Vec<String> {
    vec![
        "x".repeat(9_000),
        "x".repeat(60_000),
        "&".repeat(9_000),
        "a=1&".repeat(2_000),
        (0..5_000).map(|at| format!("k{at}=eq.1&")).collect(),
        "power=gt.1&".repeat(700),
        "order=tag&".repeat(700),
        "select=tag&select=*&limit=1&limit=2".to_owned(),
        format!("select={}", "site(".repeat(1_500)),
        format!("or={}", "(".repeat(7_000)),
        format!("or={}power.eq.1{}", "or(".repeat(1_000), ")".repeat(1_000)),
        format!("and=({})", vec!["power.eq.1"; 600].join(",")),
        format!("tag=in.({})", vec!["x"; 3_000].join(",")),
        format!("title=like.{}", "*a".repeat(3_000)),
        format!("order={}", vec!["tag"; 1_500].join(",")),
        "power=eq.1e999999".to_owned(),
        "price=gt.1e999999&weight=lt.-1e999999".to_owned(),
        "price=eq.0.0000000000000000000000000000000000000000000001".to_owned(),
        "limit=1e999999&offset=99999999999999999999".to_owned(),
        "limit=-1&offset=-1".to_owned(),
        "offset=9223372036854775807".to_owned(),
        "bought_on=eq.%2B999999-12-31".to_owned(),
        "id=eq.not-an-id".to_owned(),
        "extra=cs.%7B%7B".to_owned(),
        "extra-%3Ea-%3E%3Eb=eq.1".to_owned(),
        "tag=eq.%ff%fe".to_owned(),
        "tag=eq.%00".to_owned(),
        "%ff=%fe&%00=%00".to_owned(),
        "%".to_owned(),
        "tag=eq.%zz".to_owned(),
        "tag=eq.%ed%a0%80".to_owned(),
        "cursor=%00%ff&after=x".to_owned(),
        "next=/t/odd/%0d%0aset-cookie:a&locale=%ff&token=%00&kind=%ff".to_owned(),
        "view=nothing&q=%00&page=99999999999999999999&sort=%00".to_owned(),
        format!("q={}", "%F0%9F%92%A5".repeat(600)),
        "site=%00&tag=%ff&power=1e999999".to_owned(),
    ]
}

#[test]
fn nonsense_is_answered_and_never_with_a_server_error() {
    for place in Place::each() {
        place.tenant("odd", "workshop");
        place.user("odd", "keeper", &["keeper", "tenant_admin"]);
        let server = Server::serve(&place.backend);
        let keeper = server.log_in("odd", "keeper");
        let machine =
            keeper.create("/t/odd/api/v1/machine", &json!({ "tag": "REAL", "title": "real" })).expect(201).json();
        // A record that is there, and one that is not.
        let ids = [machine["id"].as_str().unwrap(), ID];
        let browser = Browser::log_in(&server, "odd", "keeper");
        let mut wrong = Vec::new();
        for body in json_bodies() {
            for (method, path) in JSON {
                for path in with_ids(path, ids) {
                    let headers = [("content-type", "application/json")];
                    let answer = keeper.try_send_bytes(method, &path, &headers, Some(&body));
                    wrong.extend(complaint(&format!("{method} {path}"), &body, answer));
                }
            }
        }
        for query in queries() {
            for path in QUERIES.iter().flat_map(|path| with_ids(path, ids)) {
                let path = format!("{path}?{query}");
                // The API looks at the token, pages at the cookie.
                let answer = keeper.try_send_bytes("GET", &path, &[("cookie", &browser.session)], None);
                wrong.extend(complaint(&path, &[], answer));
            }
        }
        // Last, because the last of them deletes.
        let bodies = form_bodies();
        for path in FORMS.iter().flat_map(|path| with_ids(path, ids)) {
            wrong.extend(bodies.iter().filter_map(|body| complaint(&path, body, browser.submit(&path, body))));
        }
        assert!(wrong.is_empty(), "{} of them\n{}", wrong.len(), wrong.join("\n"));
        Client::new(&server.url).get("/readyz").expect(200);
        keeper.post("/t/odd/api/v1/machine", &json!({ "tag": "AFTER", "title": "after" })).expect(201);
    }
}

fn with_ids(path: &str, ids: [&str; 2]) -> Vec<String> {
    let filled = |id| path.replace("{id}", id);
    if path.contains("{id}") { ids.map(filled).to_vec() } else { vec![path.to_owned()] }
}

/// What is wrong with the answer to a request that should have been refused or ignored.
fn complaint(request: &str, body: &[u8], answer: Option<Answer>) -> Option<String> {
    let start = |text: &str| text.chars().take(150).collect::<String>();
    let about = format!("{}: {}", start(request), start(&String::from_utf8_lossy(&body[..body.len().min(150)])));
    match answer {
        // Hanging up on what is far too long is an answer too; that the server lives is asked at the end.
        None if body.len() > 1 << 24 => None,
        None => Some(format!("{about}: no answer")),
        Some(answer) if answer.status >= 500 => Some(format!("{about}: {} {}", answer.status, start(&answer.text))),
        // Pages give back what was typed into them.
        Some(answer) if answer.text.len() > 100_000 && is_problem(&answer) => {
            Some(format!("{about}: {} with {} bytes", answer.status, answer.text.len()))
        }
        Some(_) => None,
    }
}

fn is_problem(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|media| media.starts_with("application/problem+json"))
}
