//! How a command answers: for people on a terminal, or as one JSON value.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::Global;
use crate::cli::error::Error;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Done, or nothing to change.
    Clean,
    /// Something would change.
    Pending,
    /// The input has errors; they were shown.
    Refused,
}

impl Done {
    pub fn exit_code(self) -> ExitCode {
        match self {
            Done::Clean => ExitCode::SUCCESS,
            Done::Refused => ExitCode::FAILURE,
            Done::Pending => ExitCode::from(2),
        }
    }
}

pub struct Output {
    json: bool,
    color: bool,
    warnings: bool,
}

impl Output {
    pub fn new(global: &Global) -> Self {
        let color = global.colors(std::io::stdout().is_terminal());
        Self { json: global.json, color, warnings: !global.no_warnings }
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    pub fn shows_warnings(&self) -> bool {
        self.warnings
    }

    /// Progress bars are for a person who watches.
    pub fn watches(&self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// One answer: `value` for programs, `text` for people.
    pub fn answer(&self, value: &Value, text: impl FnOnce() -> String) {
        if self.json {
            write(&mut std::io::stdout(), &value.to_string());
        } else {
            let text = text();
            if !text.is_empty() {
                write(&mut std::io::stdout(), text.trim_end());
            }
        }
    }

    pub fn error(&self, error: &Error) {
        if self.json {
            write(&mut std::io::stdout(), &json!({ "error": error.to_string() }).to_string());
        } else {
            self.note(&format!("{} {error}", self.red("error:")));
        }
    }

    /// Said beside the answer, on standard error.
    pub fn note(&self, text: &str) {
        write(&mut std::io::stderr(), text);
    }

    pub fn version(&self) -> Result<Done, Error> {
        let version = env!("CARGO_PKG_VERSION");
        self.answer(&json!({ "name": "trellis", "version": version }), || format!("trellis {version}"));
        Ok(Done::Clean)
    }

    pub fn red(&self, text: &str) -> String {
        self.paint("31", text)
    }

    pub fn green(&self, text: &str) -> String {
        self.paint("32", text)
    }

    pub fn yellow(&self, text: &str) -> String {
        self.paint("33", text)
    }

    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// How many there are of something: `1 tenant`, `2 tenants`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A line. A reader that has seen enough and closed the pipe is no failure, and nobody is left to tell of another one.
fn write(out: &mut impl Write, text: &str) {
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
