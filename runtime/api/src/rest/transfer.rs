//! The query strings of imports, exports and streams of events.

use std::time::Duration;

use trellis_access::FieldMask;
use trellis_metadata::diagnostic::nearest;
use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, Snapshot, Verb};

use super::conflict::conflict_key;
use super::names::Scope;
use super::query_string::{self, Pair};
use crate::Rights;
use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

/// How long a request waits for a job, at most.
const LONGEST_WAIT: u64 = 60;

/// What happens to a record that has the key of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    Merge,
    Ignore,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportQuery {
    /// Fields of a unique key, and what happens to records that have it.
    pub on_conflict: Option<(Vec<FieldIndex>, Resolution)>,
    /// What the columns are, in place of what the header says; empty for one that is left out.
    pub columns: Option<Vec<String>>,
    pub has_header: bool,
    pub clears_empty: bool,
    pub is_dry_run: bool,
    /// Of the file, where it is not UTF-8.
    pub charset: Option<String>,
    pub wait: Duration,
}

const IMPORT: [&str; 8] = ["on_conflict", "existing", "columns", "header", "empty", "dry_run", "charset", "wait"];

pub fn parse_import(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    object: &Object,
    query: &str,
) -> Result<ImportQuery, Problem> {
    let mut reading = Reading::new(query, &IMPORT)?;
    let list = |value: &str| value.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
    let scope = Scope { snapshot, rights, object };
    let existing = reading.choice("existing", &["merge", "ignore"]);
    let key = reading.value("on_conflict").map(list).and_then(|names| {
        let found = conflict_key(&scope, &names);
        found.map_err(|finding| reading.findings.push(finding)).ok()
    });
    if existing.is_some() && reading.value("on_conflict").is_none() {
        let finding = FieldError::new(ErrorCode::Unsupported, "?existing");
        reading.findings.push(finding.with("feature", "`existing` without `on_conflict`"));
    }
    let resolution = if existing == Some(1) { Resolution::Ignore } else { Resolution::Merge };
    let query = ImportQuery {
        on_conflict: key.map(|key| (key, resolution)),
        columns: reading.value("columns").map(list),
        has_header: reading.choice("header", &["present", "absent"]) != Some(1),
        clears_empty: reading.choice("empty", &["keep", "clear"]) == Some(1),
        is_dry_run: reading.choice("dry_run", &["false", "true"]) == Some(1),
        charset: reading.value("charset").map(str::to_owned),
        wait: reading.wait(),
    };
    reading.finish(query)
}

/// `wait=`, where nothing else is asked.
pub fn parse_wait(query: &str) -> Result<Duration, Problem> {
    let mut reading = Reading::new(query, &["wait"])?;
    let wait = reading.wait();
    reading.finish(wait)
}

/// What an export is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    Csv,
    Ndjson,
}

/// The query string of an export: its own parameters, and the rest, which is that of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportQuery {
    pub format: ExportFormat,
    pub wait: Duration,
    pub list: String,
}

pub fn parse_export(query: &str) -> Result<ExportQuery, Problem> {
    let (mut reading, list) = Reading::beside_list(query, &["format", "wait"])?;
    reading.refuse(&list, &["cursor", "offset", "limit"], "in an export, which is of all there is");
    let format =
        if reading.choice("format", &["csv", "ndjson"]) == Some(1) { ExportFormat::Ndjson } else { ExportFormat::Csv };
    let wait = reading.wait();
    reading.finish(ExportQuery { format, wait, list })
}

/// The query string of a stream of events: its own parameters, and the rest, which is that of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventsQuery {
    pub object: String,
    /// Everything there is comes first, as if it had just come in.
    pub from_start: bool,
    pub list: String,
}

pub fn parse_events(query: &str) -> Result<EventsQuery, Problem> {
    let (mut reading, list) = Reading::beside_list(query, &["object", "since"])?;
    reading.refuse(&list, &["cursor", "offset", "limit", "order"], "in a stream of events, which has no pages");
    let object = reading.value("object").unwrap_or_default().to_owned();
    if object.is_empty() {
        reading.findings.push(FieldError::new(ErrorCode::MissingParameter, "?object").with("name", "object"));
    }
    let from_start = reading.choice("since", &["now", "start"]) == Some(1);
    reading.finish(EventsQuery { object, from_start, list })
}

/// Reading an object by the rights to export it.
pub struct Exporting<'r> {
    pub rights: &'r dyn Rights,
    pub object: ObjectIndex,
}

impl Rights for Exporting<'_> {
    fn fields(&self, object: ObjectIndex, verb: Verb) -> Option<&FieldMask> {
        let verb = if object == self.object && verb == Verb::Read { Verb::Export } else { verb };
        self.rights.fields(object, verb)
    }
}

struct Reading {
    pairs: Vec<Pair>,
    findings: Vec<FieldError>,
}

impl Reading {
    /// Parameters of its own, and what is left of the query: that of a list.
    fn beside_list(query: &str, own: &[&str]) -> Result<(Self, String), Problem> {
        let is_own = |piece: &&str| own.contains(&piece.split('=').next().unwrap_or_default());
        let pieces = query.split('&').filter(|piece| !piece.is_empty());
        let (given, list): (Vec<&str>, Vec<&str>) = pieces.partition(is_own);
        Ok((Self::new(&given.join("&"), own)?, list.join("&")))
    }

    /// Parameters of a list that have no meaning here.
    fn refuse(&mut self, list: &str, names: &[&str], why: &str) {
        for name in names {
            if list.split('&').any(|piece| piece.split('=').next() == Some(name)) {
                let finding = FieldError::new(ErrorCode::Unsupported, query_string::pointer(name));
                self.findings.push(finding.with("feature", format!("`{name}` {why}")));
            }
        }
    }

    fn new(query: &str, known: &[&str]) -> Result<Self, Problem> {
        let pairs = query_string::split(query)?;
        let mut findings = Vec::new();
        for (at, pair) in pairs.iter().enumerate() {
            let finding = |code| FieldError::new(code, pair.pointer()).with("name", &pair.key);
            if !known.contains(&pair.key.as_str()) {
                let suggestion = nearest(&pair.key, known.iter().copied());
                findings.push(finding(ErrorCode::UnknownParameter).suggest(suggestion));
            } else if pairs[..at].iter().any(|before| before.key == pair.key) {
                findings.push(finding(ErrorCode::DuplicateParameter));
            }
        }
        Ok(Self { pairs, findings })
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|pair| pair.key == name).map(|pair| pair.value.as_str())
    }

    /// Which of the words it is.
    fn choice(&mut self, name: &str, words: &[&str]) -> Option<usize> {
        let value = self.value(name)?;
        let found = words.iter().position(|word| *word == value);
        if found.is_none() {
            let finding = FieldError::new(ErrorCode::InvalidValue, query_string::pointer(name)).with("value", value);
            self.findings.push(finding.with("expected", words.join(", ")));
        }
        found
    }

    fn wait(&mut self) -> Duration {
        let Some(value) = self.value("wait") else { return Duration::ZERO };
        match value.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds.min(LONGEST_WAIT)),
            Err(_) => {
                let finding = FieldError::new(ErrorCode::NotANumber, "?wait").with("value", value);
                self.findings.push(finding);
                Duration::ZERO
            }
        }
    }

    fn finish<T>(self, read: T) -> Result<T, Problem> {
        if self.findings.is_empty() { Ok(read) } else { Err(Problem::of_query(self.findings)) }
    }
}
