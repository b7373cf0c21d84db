//! The server is killed again and again while it imports a file, and while it takes the import back: every row is
//! written once, and everything goes again.

use std::fmt::Write;

use serde_json::json;
use trellis_tests::client::Client;
use trellis_tests::site::Place;

use crate::short_or_long;
use crate::workshop::{PATIENCE, Workshop, api};

#[test]
fn an_import_is_whole_on_sqlite_however_often_the_server_is_killed() {
    survives(Place::sqlite());
}

#[test]
fn an_import_is_whole_on_postgres_however_often_the_server_is_killed() {
    if let Some(place) = Place::postgres() {
        survives(place);
    }
}

fn survives(place: Place) {
    let rows = short_or_long(4_000, 100_000);
    let workshop = Workshop::new(place);
    let mut server = workshop.serve();
    let mut keeper = workshop.open(&server);
    let text = file(rows, &workshop);
    let headers = [("content-type", "text/csv")];
    let job = keeper.send_text("POST", &api("machine/import"), &headers, Some(&text)).expect(202).json();
    let address = api(&format!("machine/import/{}", job["id"].as_str().unwrap()));
    let mut kills = 0;
    for (verb, counted) in [("import", "created"), ("undo", "undone")] {
        if verb == "undo" {
            keeper.send("POST", &format!("{address}/undo"), &[], None).expect(202);
        }
        let mut seen = 0;
        while let Some(done) = moved(&keeper, &address, counted, seen) {
            seen = done;
            server.kill();
            kills += 1;
            workshop.settled();
            server = workshop.serve();
            keeper = keeper.at(&server.url);
        }
        let job = keeper.get(&address).expect(200).json();
        let expected = json!({ "refused": 0, "kept": 0, counted: rows });
        for (name, count) in expected.as_object().unwrap() {
            assert_eq!(&job[name], count, "{verb}: {job}");
        }
        let there = if verb == "import" { rows } else { 0 };
        let machines = keeper.get(&api("machine?select=count(),price.sum()")).expect(200).json();
        assert_eq!(machines[0]["count"], there, "{verb}");
        let sites = keeper.get(&api("site?select=machines:machine_count.sum(),worth:worth.sum()")).expect(200).json();
        assert_eq!(sites[0]["machines"].as_u64().unwrap_or_default(), there as u64, "{verb}: {sites}");
    }
    assert!(kills > 2, "killed {kills} times only");
}

/// How much is done once it is more than before; none when all of it is.
fn moved(keeper: &Client, address: &str, counted: &str, seen: u64) -> Option<u64> {
    let started = std::time::Instant::now();
    loop {
        let job = keeper.get(address).expect(200).json();
        let done = job[counted].as_u64().unwrap();
        match job["state"].as_str().unwrap() {
            "running" | "undoing" if done > seen => return Some(done),
            "running" | "undoing" => assert!(started.elapsed() < PATIENCE, "{job}"),
            "done" | "undone" => return None,
            _ => panic!("{job}"),
        }
    }
}

fn file(rows: usize, workshop: &Workshop) -> String {
    let mut text = String::from("tag,title,price,site.code\n");
    for row in 0..rows {
        let site = workshop.sites[row % workshop.sites.len()].code();
        writeln!(text, "R-{row},\"Row, the {row}th\",{}.5,{site}", row % 100).unwrap();
    }
    text
}
