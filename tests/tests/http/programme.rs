//! Programmes of requests, as text: `cases/<name>.http` is carried out on a tenant of its own and answered with
//! `cases/<name>.out`, byte for byte the same on both databases. `TRELLIS_UPDATE=1` writes the answers anew (from
//! SQLite; PostgreSQL is compared all the same).
//!
//! ```text
//! PACKAGE workshop
//! USER clerk clerk other_role
//! AS clerk
//!
//! # What is shown by this.
//! POST /machine
//! Prefer: return=representation
//! {"tag": "M-1"}
//! => m1
//! ```
//!
//! Blocks are separated by empty lines. `=> m1` keeps the id, the etag and the cursor of the answer as `{m1}`,
//! `{m1.etag}`, `{m1.cursor}`. A body `@shelf.jpg` is the file of that name in `cases/files`. Paths are below the record API; one that starts with `~` is taken as it stands.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::{Place, folder};

use crate::transcript::Transcript;

#[test]
fn answers_on_sqlite_are_those_written_down() {
    check(&Place::sqlite(), std::env::var_os("TRELLIS_UPDATE").is_some());
}

#[test]
fn answers_on_postgres_are_those_written_down() {
    if let Some(place) = Place::postgres() {
        check(&place, false);
    }
}

fn check(place: &Place, update: bool) {
    // Members of a tenant of its own, for programmes that look across.
    place.tenant("elsewhere", "workshop");
    place.user("elsewhere", "keeper", &["keeper"]);
    let server = Server::serve(&place.backend);
    let mut cases: Vec<_> =
        fs::read_dir(folder("tests/http/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "http"));
    cases.sort();
    let mut different = Vec::new();
    for path in cases {
        let answers = Programme::run(place, &server, &path);
        let written = path.with_extension("out");
        if update {
            fs::write(&written, &answers).unwrap();
        }
        let expected = fs::read_to_string(&written).unwrap_or_default();
        if answers != expected {
            different.push(format!("{}:\n{}", written.display(), difference(&expected, &answers)));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// The first lines that differ, with what led to them.
fn difference(expected: &str, answers: &str) -> String {
    let (expected, answers): (Vec<_>, Vec<_>) = (expected.lines().collect(), answers.lines().collect());
    let at = expected.iter().zip(&answers).position(|(a, b)| a != b).unwrap_or(expected.len().min(answers.len()));
    let from = at.saturating_sub(3);
    let part = |lines: &[&str]| lines.iter().skip(from).take(8).map(|line| format!("  {line}\n")).collect::<String>();
    format!("line {}\nexpected:\n{}answered:\n{}", at + 1, part(&expected), part(&answers))
}

struct Programme<'a> {
    server: &'a Server,
    place: &'a Place,
    tenant: String,
    users: HashMap<String, Client>,
    current: String,
    kept: HashMap<String, String>,
    transcript: Transcript,
}

impl<'a> Programme<'a> {
    fn run(place: &'a Place, server: &'a Server, path: &Path) -> String {
        let mut programme = Self {
            server,
            place,
            tenant: path.file_stem().unwrap().to_string_lossy().into_owned(),
            users: HashMap::new(),
            current: String::new(),
            kept: HashMap::new(),
            transcript: Transcript::new(),
        };
        for block in fs::read_to_string(path).unwrap().split("\n\n") {
            programme.block(block);
        }
        programme.transcript.text
    }

    fn block(&mut self, block: &str) {
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "" => {}
                "#" => self.transcript.note(line),
                "PACKAGE" => self.place.tenant(&self.tenant, rest),
                "USER" => self.user(rest),
                "AS" => rest.clone_into(&mut self.current),
                _ => return self.request(word, rest, &lines.collect::<Vec<_>>()),
            }
        }
    }

    fn user(&mut self, line: &str) {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        self.place.user(&self.tenant, name, &words.collect::<Vec<_>>());
        self.users.insert(name.to_owned(), self.server.log_in(&self.tenant, name));
    }

    fn request(&mut self, method: &str, path: &str, rest: &[&str]) {
        let is_header = |line: &&&str| !line.starts_with(['{', '[', '"', '=', '<', '@']) && line.contains(": ");
        let headers: Vec<String> = rest.iter().take_while(is_header).map(|line| self.filled(line)).collect();
        let capture = rest.last().and_then(|line| line.strip_prefix("=> "));
        let body = &rest[headers.len()..rest.len() - usize::from(capture.is_some())];
        let body = (!body.is_empty()).then(|| match body[0].strip_prefix('@') {
            Some(file) => fs::read(folder("tests/http/cases/files").join(file)).unwrap(),
            None => self.filled(&body.join("\n")).into_bytes(),
        });
        let filled = self.filled(path);
        let full = match filled.strip_prefix('~') {
            Some(path) => path.to_owned(),
            None => format!("/t/{}/api/v1{filled}", self.tenant),
        };
        let pairs: Vec<(&str, &str)> = headers.iter().filter_map(|line| line.split_once(": ")).collect();
        let client = self.users.get(&self.current).cloned().unwrap_or_else(|| Client::new(&self.server.url));
        let answer = client.try_send_bytes(method, &encode(&full), &pairs, body.as_deref()).unwrap();
        self.transcript.note(&format!("{} {method} {path}", self.current));
        for line in rest {
            self.transcript.note(&format!("  {line}"));
        }
        if let Some(name) = capture {
            self.keep(name, &answer);
        }
        self.transcript.answer(&answer);
    }

    fn keep(&mut self, name: &str, answer: &Answer) {
        let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let location = answer.header("location").and_then(|path| path.rsplit('/').next());
        let id = body["id"].as_str().or(body[0]["id"].as_str()).or(location);
        let parts = [("", id), (".etag", answer.header("etag")), (".cursor", answer.header("x-next-cursor"))];
        for (suffix, value) in parts {
            if let Some(value) = value {
                self.kept.insert(format!("{name}{suffix}"), value.to_owned());
            }
        }
    }

    fn filled(&self, text: &str) -> String {
        self.kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// Percent-encodes what may not stand in a request line.
fn encode(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
