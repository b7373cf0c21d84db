//! A machine with its parts, as its writer believes it to be: what it is written with and what must be read back.

use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Of one machine everything that is compared, what is computed from its parts included.
pub const SELECT: &str = "select=id,version,tag,site(code),power,price,part_count,parts_total,total,\
                          parts(position,name,quantity,unit_price,amount)&parts.order=position";

#[derive(Clone, Debug)]
pub struct Machine {
    pub id: Uuid,
    pub version: u64,
    pub tag: String,
    pub site: Site,
    pub power: u64,
    pub cents: u64,
    pub parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    pub number: usize,
    pub id: Uuid,
}

impl Site {
    pub fn code(self) -> String {
        format!("S{}", self.number)
    }
}

#[derive(Clone, Debug)]
pub struct Part {
    pub quantity: u64,
    pub cents: u64,
}

impl Machine {
    pub fn parts_total(&self) -> u64 {
        self.parts.iter().map(|part| part.quantity * part.cents).sum()
    }

    pub fn total(&self) -> u64 {
        self.cents + self.parts_total()
    }

    /// The body that creates it.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "id": self.id, "tag": self.tag, "title": self.tag, "site": self.site.id, "power": self.power,
            "price": money(self.cents),
        });
        if !self.parts.is_empty() {
            body["parts"] = self.parts.iter().enumerate().map(|(index, part)| Value::from(part.body(index))).collect();
        }
        body
    }

    /// What a reader must find.
    pub fn answer(&self) -> Value {
        json!({
            "id": self.id, "version": self.version, "tag": self.tag, "site": { "code": self.site.code() },
            "power": self.power, "price": money(self.cents), "part_count": self.parts.len(),
            "parts_total": money(self.parts_total()), "total": money(self.total()),
            "parts": self.parts.iter().enumerate().map(|(index, part)| part.answer(index)).collect::<Vec<_>>(),
        })
    }
}

impl Part {
    /// As a nested row at the place `index`.
    pub fn body(&self, index: usize) -> Map<String, Value> {
        let body = [
            ("position", json!(index + 1)),
            ("name", json!(format!("part {index}"))),
            ("quantity", json!(self.quantity)),
            ("unit_price", json!(money(self.cents))),
        ];
        body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn answer(&self, index: usize) -> Value {
        let mut answer = self.body(index);
        answer.insert("amount".into(), json!(money(self.quantity * self.cents)));
        answer.into()
    }
}

pub fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
