//! One write as it is sent and as it changes what is known.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::machine::{Machine, Part, money};
use crate::workshop::api;

/// Machines by their tags.
pub type Machines = BTreeMap<String, Machine>;

#[derive(Clone, Debug)]
pub enum Write {
    /// One alone, one with its parts, or several in one body.
    Create(Vec<Machine>),
    /// With a part more, where there is one.
    Update {
        machine: Machine,
        power: u64,
        cents: u64,
        part: Option<Part>,
    },
    Delete(Machine),
}

/// What goes over the wire.
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// The status of success.
    pub status: u16,
}

impl Request {
    pub fn read(path: String) -> Self {
        Self { method: "GET", path, headers: Vec::new(), body: String::new(), status: 200 }
    }
}

impl Write {
    pub fn tags(&self) -> Vec<String> {
        match self {
            Write::Create(machines) => machines.iter().map(|machine| machine.tag.clone()).collect(),
            Write::Update { machine, .. } | Write::Delete(machine) => vec![machine.tag.clone()],
        }
    }

    /// What is known after it succeeded.
    pub fn apply(&self, machines: &mut Machines) {
        match self {
            Write::Create(created) => {
                machines.extend(created.iter().map(|machine| (machine.tag.clone(), machine.clone())));
            }
            Write::Update { machine, power, cents, part } => {
                let mut next =
                    Machine { version: machine.version + 1, power: *power, cents: *cents, ..machine.clone() };
                next.parts.extend(part.clone());
                machines.insert(next.tag.clone(), next);
            }
            Write::Delete(machine) => drop(machines.remove(&machine.tag)),
        }
    }

    pub fn request(&self) -> Request {
        let json = ("content-type", "application/json".to_owned());
        match self {
            Write::Create(machines) => {
                let body = match machines.as_slice() {
                    [only] => only.body(),
                    several => several.iter().map(Machine::body).collect(),
                };
                let (path, body) = (api("machine"), body.to_string());
                Request { method: "POST", path, headers: vec![json], body, status: 201 }
            }
            Write::Update { machine, power, cents, part } => {
                let mut body = json!({ "power": power, "price": money(*cents) });
                if let Some(part) = part {
                    body["parts"] = Value::Array(vec![part.body(machine.parts.len()).into()]);
                }
                let headers = vec![json, expected(machine)];
                Request { method: "PATCH", path: one(machine), headers, body: body.to_string(), status: 204 }
            }
            Write::Delete(machine) => {
                let headers = vec![expected(machine)];
                Request { method: "DELETE", path: one(machine), headers, body: String::new(), status: 204 }
            }
        }
    }
}

fn one(machine: &Machine) -> String {
    format!("{}/{}", api("machine"), machine.id)
}

/// The version this side believes in: a write that was lost or done twice is found out by the next one.
fn expected(machine: &Machine) -> (&'static str, String) {
    ("if-match", format!("\"{}\"", machine.version))
}
