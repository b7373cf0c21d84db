//! What is asked: one request after the other, from a counter alone, so that every server gets the same ones.

use std::fmt::Write;

use clap::ValueEnum;

use crate::data::{self, mix};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// One record by id; the role may read all rows.
    Read,
    /// 50 records of one status up to a date, the latest first; the role may read all rows.
    List,
    /// The same where a record rule leaves one row in ten.
    ListOwn,
    /// One record of twelve fields.
    Create,
    /// One field of one record; all rows.
    Update,
    /// One field of one record, under the record rule.
    UpdateOwn,
    /// A hundred records in one request.
    Bulk,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Office,
    Rep,
}

/// Records of a bulk create.
pub const BULK: u64 = 100;

impl Shape {
    pub const ALL: [Shape; 7] =
        [Shape::Read, Shape::List, Shape::ListOwn, Shape::Create, Shape::Update, Shape::UpdateOwn, Shape::Bulk];

    pub fn name(self) -> &'static str {
        match self {
            Shape::Read => "read one",
            Shape::List => "list 50",
            Shape::ListOwn => "list 50, record rule",
            Shape::Create => "create",
            Shape::Update => "update one field",
            Shape::UpdateOwn => "update, record rule",
            Shape::Bulk => "bulk create 100",
        }
    }

    pub fn writes(self) -> bool {
        !matches!(self, Shape::Read | Shape::List | Shape::ListOwn)
    }

    pub fn who(self) -> Who {
        if matches!(self, Shape::ListOwn | Shape::UpdateOwn) { Who::Rep } else { Who::Office }
    }

    /// The status of an answer that did what was asked.
    pub fn expects(self) -> u16 {
        match self {
            Shape::Read | Shape::List | Shape::ListOwn => 200,
            Shape::Create | Shape::Bulk => 201,
            Shape::Update | Shape::UpdateOwn => 204,
        }
    }

    fn method(self) -> &'static str {
        match self {
            Shape::Read | Shape::List | Shape::ListOwn => "GET",
            Shape::Create | Shape::Bulk => "POST",
            Shape::Update | Shape::UpdateOwn => "PATCH",
        }
    }
}

/// The requests of one cell of the table.
#[derive(Clone, Copy, Debug)]
pub struct Requests {
    pub shape: Shape,
    /// Loaded rows.
    pub rows: u64,
    /// Different in each cell, so that unique values stay unique.
    pub run: u64,
}

impl Requests {
    pub fn path(&self, number: u64) -> String {
        let random = mix(number ^ (self.run << 32));
        match self.shape {
            Shape::Read | Shape::Update => format!("/t/bench/api/v1/visit/{}", data::id(random % self.rows)),
            Shape::UpdateOwn => {
                let row = data::own_row(random % data::own_rows(self.rows));
                format!("/t/bench/api/v1/visit/{}", data::id(row))
            }
            Shape::List | Shape::ListOwn => format!(
                "/t/bench/api/v1/visit?status=eq.{}&planned_on=lte.{}&order=planned_on.desc&limit=50",
                data::status(random),
                data::day(random >> 8)
            ),
            Shape::Create | Shape::Bulk => "/t/bench/api/v1/visit".to_owned(),
        }
    }

    fn body(&self, number: u64) -> String {
        let mut body = String::new();
        match self.shape {
            Shape::Read | Shape::List | Shape::ListOwn => {}
            Shape::Create => data::new_record(number, self.run, &mut body),
            Shape::Update | Shape::UpdateOwn => {
                // Writing to a text cannot fail.
                let _ = write!(body, r#"{{"city":"{} {number}"}}"#, data::city(mix(number)));
            }
            Shape::Bulk => {
                for place in 0..BULK {
                    body.push(if place == 0 { '[' } else { ',' });
                    data::new_record(number * BULK + place, self.run, &mut body);
                }
                body.push(']');
            }
        }
        body
    }

    /// The bytes of request `number`.
    pub fn bytes(&self, number: u64, token: &str) -> Vec<u8> {
        let (method, path, body) = (self.shape.method(), self.path(number), self.body(number));
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n");
        if self.shape.writes() {
            // Writing to a text cannot fail.
            let _ = write!(text, "content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        text.push_str("\r\n");
        text.push_str(&body);
        text.into_bytes()
    }
}
