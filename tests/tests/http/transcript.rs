//! What a programme was answered, in a form that is the same on every run: ids, times and traces are replaced in order
//! of appearance, everything else stands as it came.

use std::collections::HashMap;
use std::fmt::Write;

use regex_lite::Regex;
use serde_json::Value;
use trellis_tests::client::Answer;

const SHOWN: [&str; 7] =
    ["etag", "location", "content-range", "preference-applied", "x-next-cursor", "allow", "idempotency-replayed"];

/// Of answers that are files.
const FILE_HEADERS: [&str; 5] =
    ["content-disposition", "content-length", "content-security-policy", "x-content-type-options", "cache-control"];

pub struct Transcript {
    pub text: String,
    ids: HashMap<String, String>,
    id: Regex,
    time: Regex,
    year: Regex,
}

impl Transcript {
    pub fn new() -> Self {
        let regex = |pattern| Regex::new(pattern).unwrap();
        Self {
            text: String::new(),
            ids: HashMap::new(),
            id: regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
            // Records of the programmes are of earlier years.
            time: regex("20(2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]{5})"),
            year: regex(r"\bL20[0-9]{2}-"),
        }
    }

    pub fn note(&mut self, line: &str) {
        let line = self.plain(line);
        let _ = writeln!(self.text, "{line}");
    }

    pub fn answer(&mut self, answer: &Answer) {
        let mut line = answer.status.to_string();
        for name in SHOWN {
            if let Some(value) = answer.header(name) {
                let value = if name == "x-next-cursor" { "<cursor>" } else { value };
                let _ = write!(line, " {name}: {value}");
            }
        }
        let media = answer.header("content-type").unwrap_or_default();
        let is_problem = media.starts_with("application/problem+json");
        assert_eq!(is_problem, answer.status >= 400, "{line} {media}: {}", answer.text);
        if !is_problem && !media.is_empty() && !media.starts_with("application/json") {
            let _ = write!(line, " {media}");
        }
        self.note(&line);
        if answer.header("content-disposition").is_some() {
            for name in FILE_HEADERS {
                self.note(&format!("  {name}: {}", answer.header(name).unwrap_or_default()));
            }
        }
        if is_problem {
            for line in problem(answer) {
                self.note(&line);
            }
        } else if answer.text.is_empty() && !answer.bytes.is_empty() {
            self.note(&format!("({} bytes)", answer.bytes.len()));
        } else if !answer.text.is_empty() {
            self.note(answer.text.trim_end());
        }
        self.text.push('\n');
    }

    fn plain(&mut self, text: &str) -> String {
        let ids = &mut self.ids;
        let text = self.id.replace_all(text, |found: &regex_lite::Captures<'_>| {
            let next = ids.len() + 1;
            ids.entry(found[0].to_owned()).or_insert_with(|| format!("<{next}>")).clone()
        });
        let text = self.time.replace_all(&text, "<time>");
        self.year.replace_all(&text, "L<year>-").into_owned()
    }
}

/// The members of a problem that say something of their own, each finding on its line. What every problem must carry
/// is checked here.
fn problem(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    assert_eq!(body["status"], answer.status, "{body}");
    for member in ["type", "title", "detail", "code", "trace_id", "message", "instance"] {
        assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {body}");
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![format!("{}: {}", text(&body["code"]), text(&body["detail"]))];
    for finding in body["errors"].as_array().into_iter().flatten() {
        let pointer = text(&finding["pointer"]);
        lines.push(format!("  {pointer:?} {}: {}", text(&finding["code"]), text(&finding["message"])));
    }
    let known =
        ["type", "title", "status", "detail", "instance", "code", "errors", "trace_id", "message", "details", "hint"];
    for (name, value) in body.as_object().into_iter().flatten().filter(|(name, _)| !known.contains(&name.as_str())) {
        lines.push(format!("  {name}: {value}"));
    }
    lines
}
