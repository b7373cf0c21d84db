//! What is too long for an address is asked for in a body; the sizes are those of `docs/records.md`.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::Place;
use uuid::Uuid;

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const MACHINES: &str = "/t/inside/api/v1/machine";

#[test]
fn a_body_holds_what_an_address_does_not() {
    for place in Place::each() {
        place.tenant("inside", "workshop");
        place.user("inside", "keeper", &["keeper"]);
        let server = Server::serve(&place.backend);
        let keeper = server.log_in("inside", "keeper");
        let made = keeper.create(MACHINES, &json!({ "tag": "M-1", "title": "Mill" })).expect(201).json();
        let id = made["id"].as_str().unwrap();

        let found = ask(&keeper, &among(id, 3_000)).expect(200).json();
        assert_eq!(found, json!([{ "tag": "M-1" }]));
        let full = ask(&keeper, &among(id, 10_000)).expect(200).json();
        assert_eq!(full, json!([{ "tag": "M-1" }]));

        refused(&ask(&keeper, &among(id, 10_001)), "10000 values in lists");
        refused(&ask(&keeper, &format!("title=eq.{}", "x".repeat(600_000))), "524288 bytes");
        refused(&keeper.get(&format!("{MACHINES}?{}", among(id, 300))), "8192 bytes");
        refused(&keeper.get(&format!("{MACHINES}?{}", among(id, 1_700))), "8192 bytes");
        for no_http in [among(id, 2_000), "tag=eq.\"A\"".to_owned(), "tag=eq.A B".to_owned()] {
            let answer = spoken(&server, &format!("GET {MACHINES}?{no_http} HTTP/1.1\r\nHost: x\r\n\r\n"));
            assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("\r\n\r\n"), "{answer}");
        }
    }
}

/// What is answered to bytes that no client would send, until the server hangs up.
fn spoken(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The end may come as a reset, with the rest of the request unread.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn ask(client: &Client, query: &str) -> Answer {
    client.send_text("POST", &format!("{MACHINES}/query"), &FORM, Some(query))
}

/// The record of that id among `count` ids.
fn among(id: &str, count: usize) -> String {
    let others = (1..count).map(|at| Uuid::from_u128(at as u128).to_string());
    let ids: Vec<String> = std::iter::once(id.to_owned()).chain(others).collect();
    format!("select=tag&id=in.({})", ids.join(","))
}

fn refused(answer: &Answer, limit: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"));
    assert_eq!(answer.json()["code"], "query_too_large");
    assert_eq!(answer.json()["detail"], format!("At most {limit} are allowed."));
}
