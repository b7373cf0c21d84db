//! Thousands of callers go away in the midst of their requests: no transaction stays open, no acknowledged write is
//! lost, and the others are there wholly or not at all.

use std::thread;
use std::time::Duration;

use serde_json::json;
use trellis_tests::site::Place;

use crate::hasty::{End, Hasty};
use crate::ledger::{Ledger, below};
use crate::machine::SELECT;
use crate::short_or_long;
use crate::workshop::{PATIENCE, Workshop, api};
use crate::write::Request;

/// Connections at a time.
const CALLERS: usize = 64;
/// One request in so many is waited for, so that there are acknowledged writes among the others.
const PATIENT: u64 = 12;
/// Milliseconds until a caller goes away, at most.
const HASTE: u64 = 50;

#[test]
fn callers_that_go_away_leave_sqlite_whole() {
    storm(Place::sqlite(), short_or_long(4_000, 20_000));
}

#[test]
fn callers_that_go_away_leave_postgres_whole() {
    if let Some(place) = Place::postgres() {
        storm(place, short_or_long(10_000, 100_000));
    }
}

/// `requests` are those whose callers go away.
fn storm(place: Place, requests: usize) {
    let workshop = Workshop::new(place);
    let mut ledgers: Vec<Ledger> = (0..CALLERS).map(|client| Ledger::new(client, &workshop.sites)).collect();
    let mut server = workshop.serve();
    let keeper = workshop.open(&server);
    let address = server.url.trim_start_matches("http://").to_owned();
    let hasty = Hasty { address, token: keeper.token().to_owned() };
    let ends: Vec<Ends> = thread::scope(|scope| {
        let call = |ledger| scope.spawn(|| call(ledger, &hasty, requests.div_ceil(CALLERS)));
        let callers: Vec<_> = ledgers.iter_mut().map(call).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let dropped: usize = ends.iter().map(|ends| ends.dropped).sum();
    let answered: usize = ends.iter().map(|ends| ends.answered).sum();
    assert!(dropped > requests / 2 && answered > requests / 20, "{dropped} dropped, {answered} answered");
    // Whoever comes now is served like anyone.
    let path = api("vault");
    keeper.post(&path, &json!({ "word": "afterwards" })).expect(201);
    assert_eq!(keeper.get(&format!("{path}?select=word")).expect(200).json(), json!([{ "word": "afterwards" }]));
    workshop.no_transaction_open();
    // A write that gave way may still be waiting for its next turn, in no transaction: none is left after this.
    server.kill();
    workshop.settled();
    server = workshop.serve();
    workshop.check(&keeper.at(&server.url), &mut ledgers);
}

#[derive(Default)]
struct Ends {
    dropped: usize,
    answered: usize,
}

/// Goes away from so many requests, and is patient with some in between.
fn call(ledger: &mut Ledger, hasty: &Hasty, requests: usize) -> Ends {
    let mut ends = Ends::default();
    let mut left = requests;
    while left > 0 {
        let is_patient = below(PATIENT) == 0;
        left -= usize::from(!is_patient);
        let patience = if is_patient { PATIENCE } else { Duration::from_micros(below(HASTE * 1_000)) };
        // Some do not even finish asking.
        let part = if is_patient || below(4) > 0 { usize::MAX } else { below(900) as usize };
        let answered = if below(3) > 0 {
            let path = api(&format!("machine?{SELECT}&tag=like.C{}-*&limit=5", ledger.client));
            matches!(hasty.send(&Request::read(path), part, patience), End::Status(_))
        } else {
            write(ledger, hasty, part, patience)
        };
        assert!(answered || !is_patient, "no answer to a patient caller");
        if answered { ends.answered += 1 } else { ends.dropped += 1 }
    }
    ends
}

/// True when it was answered.
fn write(ledger: &mut Ledger, hasty: &Hasty, part: usize, patience: Duration) -> bool {
    let write = ledger.draw();
    let request = write.request();
    match hasty.send(&request, part, patience) {
        End::Dropped => {
            ledger.leave_open(write);
            return false;
        }
        End::Status(status) if status == request.status => ledger.acknowledge(&write),
        // "Not now" promises that nothing was done.
        End::Status(503) => {}
        End::Status(status) => panic!("{write:?}: {status}"),
    }
    true
}
