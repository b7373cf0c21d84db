//! Processes that die while workflows run: no effect is lost and none is doubled.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use trellis_storage::RunState;
use trellis_tests::server::Server;

use crate::place::{api, on_each, rows};

const KILLS: usize = 10;
/// Tickets sent between two kills; the kill comes after a part of them.
const TICKETS: usize = 30;

#[test]
fn every_event_has_its_effects_exactly_once() {
    on_each(|place| {
        place.apply("workflow-package");
        place.add_user("cleo@acme", "caller");
        let acknowledged = AtomicUsize::new(0);
        for round in 0..KILLS {
            let mut server = Server::serve(&place.backend);
            let cleo = place.log_in(&server, "cleo@acme");
            // Differs from round to round, within what a round takes.
            let kill_after = (round * 7 + 3) % TICKETS;
            let sent = AtomicUsize::new(0);
            thread::scope(|scope| {
                let send = scope.spawn(|| {
                    for number in 0..TICKETS {
                        let body = json!({ "title": format!("{round}/{number}") });
                        let Some(answer) = cleo.try_post(&api("ticket"), &body) else { break };
                        assert_eq!(answer.status, 201, "{}", answer.text);
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                        sent.fetch_add(1, Ordering::SeqCst);
                    }
                });
                while sent.load(Ordering::SeqCst) <= kill_after && !send.is_finished() {
                    thread::yield_now();
                }
                // Some kills come while the worker is at it, some a little later.
                thread::sleep(Duration::from_millis((round as u64 * 5) % 23));
                server.kill();
            });
        }
        let server = Server::serve(&place.backend);
        let cleo = place.log_in(&server, "cleo@acme");
        let tickets = rows(&cleo, "ticket?select=id,count&limit=1000");
        assert!(tickets.len() >= acknowledged.load(Ordering::SeqCst), "an acknowledged ticket is lost");
        let runs = place.settled(tickets.len());
        assert!(runs.iter().all(|run| run.state == RunState::Done), "{runs:#?}");
        let mut notes: BTreeMap<String, usize> = BTreeMap::new();
        for note in rows(&cleo, "note?select=ticket&limit=1000") {
            *notes.entry(note["ticket"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        for ticket in rows(&cleo, "ticket?select=id,count&limit=1000") {
            assert_eq!(notes.remove(ticket["id"].as_str().unwrap()), Some(1), "one note for {ticket}");
            assert_eq!(ticket["count"], Value::from(11), "each update once: {ticket}");
        }
        assert_eq!(notes, BTreeMap::new(), "notes about nothing");
    });
}
