//! What one client was told, written down before it asks again.
//!
//! An acknowledged write is known to have happened. One without an answer stays open: it happened wholly or not at all,
//! and until that is settled nothing it touched is written to again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::machine::{Machine, Part, Site};
use crate::write::{Machines, Write};

pub struct Ledger {
    /// All tags of this client begin with it.
    pub client: usize,
    number: usize,
    sites: Vec<Site>,
    known: Machines,
    open: Vec<Write>,
    /// What the open writes touch.
    unsettled: BTreeSet<String>,
}

impl Ledger {
    pub fn new(client: usize, sites: &[Site]) -> Self {
        let sites = sites.to_vec();
        Self { client, number: 0, sites, known: Machines::new(), open: Vec::new(), unsettled: BTreeSet::new() }
    }

    /// Draws what to write next.
    pub fn draw(&mut self) -> Write {
        let drawn = below(100);
        match (drawn, self.any()) {
            (50..60, Some(machine)) => Write::Delete(machine),
            (60.., Some(machine)) => {
                let part = (drawn >= 80).then(part);
                let (power, cents) = ((machine.power + 1) % 1_000, machine.cents + 1 + below(100));
                Write::Update { machine, power, cents, part }
            }
            (0..15, _) => Write::Create((0..5).map(|index| self.machine(index % 2)).collect()),
            (15..32, _) => Write::Create(vec![self.machine(0)]),
            _ => Write::Create(vec![self.machine(4)]),
        }
    }

    fn machine(&mut self, parts: usize) -> Machine {
        self.number += 1;
        let tag = format!("C{}-{}", self.client, self.number);
        let parts = (0..parts).map(|_| part()).collect();
        let site = self.sites[below(self.sites.len() as u64) as usize];
        Machine { id: Uuid::now_v7(), version: 1, tag, site, power: below(900), cents: below(100_000), parts }
    }

    /// A machine that no open write touches.
    fn any(&self) -> Option<Machine> {
        let (tag, machine) = self.known.iter().nth(below(self.known.len().max(1) as u64) as usize)?;
        (!self.unsettled.contains(tag)).then(|| machine.clone())
    }

    pub fn acknowledge(&mut self, write: &Write) {
        write.apply(&mut self.known);
    }

    pub fn leave_open(&mut self, write: Write) {
        self.unsettled.extend(write.tags());
        self.open.push(write);
    }

    /// Decides for each open write whether it happened, and tells what is not as it must be.
    pub fn settle(&mut self, found: &BTreeMap<String, Value>) -> Vec<String> {
        let mut wrong = Vec::new();
        for write in std::mem::take(&mut self.open) {
            let tags = write.tags();
            let mut after: Machines = tags.iter().filter_map(|tag| self.known.get_key_value(tag)).map(owned).collect();
            let before = answers(&after);
            write.apply(&mut after);
            let there: BTreeMap<_, _> = tags.iter().filter_map(|tag| found.get_key_value(tag)).map(owned).collect();
            if there == answers(&after) {
                write.apply(&mut self.known);
            } else if there != before {
                wrong.push(format!("half there: {write:?}\nfound {there:?}"));
            }
        }
        self.unsettled.clear();
        let known = answers(&self.known);
        for tag in known.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
            let (expected, found) = (known.get(tag), found.get(tag));
            if expected != found {
                wrong.push(format!("{tag}:\nacknowledged {expected:?}\nfound        {found:?}"));
            }
        }
        wrong
    }

    /// Machines at a site, and what they are worth in cents.
    pub fn at(&self, site: Site) -> (usize, u64) {
        let there = || self.known.values().filter(|machine| machine.site == site);
        (there().count(), there().map(Machine::total).sum())
    }
}

fn answers(machines: &Machines) -> BTreeMap<String, Value> {
    machines.iter().map(|(tag, machine)| (tag.clone(), machine.answer())).collect()
}

fn owned<T: Clone>((tag, found): (&String, &T)) -> (String, T) {
    (tag.clone(), found.clone())
}

fn part() -> Part {
    Part { quantity: 1 + below(9), cents: below(5_000) }
}

/// 0 up to but without `end`.
pub fn below(end: u64) -> u64 {
    rand::random_range(0..end)
}
