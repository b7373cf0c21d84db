//! The server is killed while clients write: all it acknowledged is there afterwards, and nothing by halves.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use trellis_tests::client::Client;
use trellis_tests::site::Place;

use crate::ledger::{Ledger, below};
use crate::short_or_long;
use crate::workshop::{PATIENCE, Workshop};

const CLIENTS: usize = 6;
/// Answers after which the server is killed, at most.
const ANSWERS: u64 = 80;

#[test]
fn a_killed_server_on_sqlite_loses_nothing_it_acknowledged() {
    survives(Place::sqlite());
}

#[test]
fn a_killed_server_on_postgres_loses_nothing_it_acknowledged() {
    if let Some(place) = Place::postgres() {
        survives(place);
    }
}

fn survives(place: Place) {
    let workshop = Workshop::new(place);
    let mut ledgers: Vec<Ledger> = (0..CLIENTS).map(|client| Ledger::new(client, &workshop.sites)).collect();
    let mut server = workshop.serve();
    let mut keeper = workshop.open(&server);
    for _ in 0..short_or_long(8, 200) {
        let (told, answers) = channel();
        thread::scope(|scope| {
            for ledger in &mut ledgers {
                let (keeper, told) = (&keeper, told.clone());
                scope.spawn(move || write_on(ledger, keeper, &told));
            }
            drop(told);
            for _ in 0..=below(ANSWERS) {
                answers.recv_timeout(PATIENCE).expect("the server goes on answering");
            }
            // Not always right after an answer, but in the midst of what comes next.
            thread::sleep(Duration::from_micros(below(15_000)));
            server.kill();
        });
        workshop.settled();
        server = workshop.serve();
        keeper = keeper.at(&server.url);
        workshop.check(&keeper, &mut ledgers);
    }
}

/// Writes until the server is gone.
fn write_on(ledger: &mut Ledger, keeper: &Client, told: &Sender<()>) {
    loop {
        let write = ledger.draw();
        let request = write.request();
        let headers: Vec<(&str, &str)> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let Some(answer) = keeper.try_send(request.method, &request.path, &headers, &request.body) else {
            return ledger.leave_open(write);
        };
        match answer.status {
            status if status == request.status => ledger.acknowledge(&write),
            // "Not now" promises that nothing was done.
            503 => {}
            _ => panic!("{write:?}: {} {}", answer.status, answer.text),
        }
        // Nobody listens any more once the kill is near.
        let _ = told.send(());
    }
}
