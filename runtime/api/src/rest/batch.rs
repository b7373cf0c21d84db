//! `{"operations": [ … ]}`: many changes over objects as one, each named record usable by the operations after it.
//!
//! The id of a new record is chosen while reading, so a reference is an id before anything is written.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use trellis_metadata::diagnostic::nearest;
use trellis_metadata::snapshot::{Object, ObjectIndex, Snapshot, Verb};
use trellis_plan::request::RecordInput;
use uuid::Uuid;

use super::body::{MAX_FINDINGS, Reading, escape};
use super::{BodyOptions, json};
use crate::Rights;
use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

pub const MAX_OPERATIONS: usize = 1_000;
const MAX_NAME: usize = 100;
const METHODS: &str = "POST, PATCH, PUT, DELETE";
const MEMBERS: [&str; 6] = ["method", "object", "id", "body", "as", "version"];

/// One change of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub object: ObjectIndex,
    pub action: Action,
    /// `as`
    pub name: Option<String>,
    /// Where its findings point.
    pub place: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// With an id in any case.
    Create(RecordInput),
    Update {
        id: Uuid,
        expected: Option<i64>,
        input: RecordInput,
    },
    /// Creates or updates the record of this id.
    Put {
        id: Uuid,
        expected: Option<i64>,
        input: RecordInput,
    },
    Delete {
        id: Uuid,
        expected: Option<i64>,
    },
}

impl Operation {
    pub fn id(&self) -> Uuid {
        match &self.action {
            Action::Create(input) => input.id.unwrap_or_default(),
            Action::Update { id, .. } | Action::Put { id, .. } | Action::Delete { id, .. } => *id,
        }
    }

    pub fn method(&self) -> &'static str {
        match self.action {
            Action::Create(_) => "POST",
            Action::Update { .. } => "PATCH",
            Action::Put { .. } => "PUT",
            Action::Delete { .. } => "DELETE",
        }
    }
}

/// Records that operations have named so far.
pub(super) type Named = HashMap<String, (ObjectIndex, Uuid)>;

/// Reads a batch; `mint` makes the ids of new records.
pub fn parse_batch(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    body: &[u8],
    mint: &mut dyn FnMut() -> Uuid,
) -> Result<Vec<Operation>, Problem> {
    let refuse = |finding| Err(Problem::of_record(vec![finding]));
    let Json::Object(mut members) = json::read(body)? else {
        return refuse(FieldError::new(ErrorCode::NotAnObject, ""));
    };
    let operations = members.shift_remove("operations");
    if let Some(name) = members.keys().next() {
        return refuse(unknown_member("batch", name, &format!("/{}", escape(name)), &["operations"]));
    }
    let rows = match operations {
        Some(Json::Array(rows)) if rows.len() > MAX_OPERATIONS => {
            return refuse(FieldError::new(ErrorCode::TooManyItems, "/operations").with("limit", MAX_OPERATIONS));
        }
        Some(Json::Array(rows)) => rows,
        Some(_) => return refuse(FieldError::new(ErrorCode::NotAList, "/operations")),
        None => return refuse(FieldError::new(ErrorCode::Required, "/operations")),
    };
    let mut batch = Batch { snapshot, rights, named: Named::new(), findings: Vec::new(), mint };
    let mut operations = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        operations.extend(batch.operation(row, format!("/operations/{at}")));
    }
    if batch.findings.is_empty() { Ok(operations) } else { Err(Problem::of_record(batch.findings)) }
}

struct Batch<'a> {
    snapshot: &'a Snapshot,
    rights: &'a dyn Rights,
    named: Named,
    findings: Vec<FieldError>,
    mint: &'a mut dyn FnMut() -> Uuid,
}

/// What an operation says beside its method and object.
struct Given {
    id: Option<Uuid>,
    body: Option<Json>,
    expected: Option<i64>,
    place: String,
}

impl<'a> Batch<'a> {
    fn operation(&mut self, row: Json, place: String) -> Option<Operation> {
        let Json::Object(mut row) = row else {
            self.refuse(FieldError::new(ErrorCode::NotAnObject, place));
            return None;
        };
        for name in row.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            self.refuse(unknown_member("operation", name, &format!("{place}/{}", escape(name)), &MEMBERS));
        }
        let method = self.text(&row, &place, "method");
        let object = self.text(&row, &place, "object").and_then(|name| self.object(&name, &place));
        let name = self.name(&row, &place);
        let (method, object) = (method?, object?);
        let id = self.id(&row, &place, object.index)?;
        let expected = self.version(&row, &place);
        let given = Given { id, body: row.shift_remove("body"), expected, place };
        let action = self.action(&method, object, &given)?;
        let operation = Operation { object: object.index, action, name, place: given.place };
        if let Some(name) = &operation.name {
            self.named.insert(name.clone(), (object.index, operation.id()));
        }
        Some(operation)
    }

    fn action(&mut self, method: &str, object: &'a Object, given: &Given) -> Option<Action> {
        let verbs: &[Verb] = match method {
            "POST" => &[Verb::Create],
            "PATCH" => &[Verb::Update],
            "PUT" => &[Verb::Create, Verb::Update],
            "DELETE" => &[Verb::Delete],
            other => {
                let finding = FieldError::new(ErrorCode::InvalidValue, format!("{}/method", given.place));
                self.refuse(finding.with("value", other).with("expected", METHODS));
                return None;
            }
        };
        if !verbs.iter().any(|verb| self.rights.may(object.index, *verb)) {
            self.refuse(FieldError::new(ErrorCode::Forbidden, &given.place));
            return None;
        }
        let expected = given.expected;
        match method {
            "POST" => {
                self.absent(given.id.is_some(), &given.place, "id", "`id` beside POST (it belongs into the body)");
                self.absent(expected.is_some(), &given.place, "version", "`version` beside POST");
                let mut input = self.input(object, given, verbs)?;
                input.id.get_or_insert_with(&mut *self.mint);
                Some(Action::Create(input))
            }
            "DELETE" => {
                self.absent(given.body.is_some(), &given.place, "body", "`body` beside DELETE");
                let id = self.demanded(given)?;
                Some(Action::Delete { id, expected })
            }
            _ => {
                let (id, input) = (self.demanded(given), self.input(object, given, verbs));
                let (id, input) = (id?, input?);
                self.same_id(id, &input, &given.place);
                let is_put = method == "PUT";
                let input = RecordInput { id: is_put.then_some(id), ..input };
                Some(if is_put { Action::Put { id, expected, input } } else { Action::Update { id, expected, input } })
            }
        }
    }

    fn refuse(&mut self, finding: FieldError) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn absent(&mut self, is_there: bool, place: &str, member: &str, feature: &str) {
        if is_there {
            let finding = FieldError::new(ErrorCode::Unsupported, format!("{place}/{member}"));
            self.refuse(finding.with("feature", feature));
        }
    }

    fn same_id(&mut self, id: Uuid, input: &RecordInput, place: &str) {
        if let Some(other) = input.id.filter(|other| *other != id) {
            let finding = FieldError::new(ErrorCode::InvalidValue, format!("{place}/body/id"));
            self.refuse(finding.with("value", other).with("expected", id));
        }
    }

    fn text(&mut self, row: &Map<String, Json>, place: &str, member: &str) -> Option<String> {
        let pointer = format!("{place}/{member}");
        let finding = match row.get(member) {
            Some(Json::String(text)) => return Some(text.clone()),
            Some(_) => FieldError::new(ErrorCode::WrongType, pointer).with("expected", "text"),
            None => FieldError::new(ErrorCode::Required, pointer),
        };
        self.refuse(finding);
        None
    }

    /// An object the caller may do anything with at all; otherwise it does not exist.
    fn object(&mut self, name: &str, place: &str) -> Option<&'a Object> {
        let (snapshot, rights) = (self.snapshot, self.rights);
        let known = |object: &&Object| Verb::ALL.into_iter().any(|verb| rights.may(object.index, verb));
        let found = snapshot.object_by_name(name).filter(known);
        if found.is_none() {
            let names = snapshot.objects.iter().filter(known).map(|object| object.name.as_str());
            let finding = FieldError::new(ErrorCode::UnknownObject, format!("{place}/object"));
            self.refuse(finding.with("name", name).suggest(nearest(name, names)));
        }
        found
    }

    /// `as`: a name no other operation has.
    fn name(&mut self, row: &Map<String, Json>, place: &str) -> Option<String> {
        row.get("as")?;
        let name = self.text(row, place, "as")?;
        let pointer = format!("{place}/as");
        let is_sound = (1..=MAX_NAME).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !is_sound {
            self.refuse(FieldError::new(ErrorCode::InvalidFormat, pointer));
        } else if self.named.contains_key(&name) {
            self.refuse(FieldError::new(ErrorCode::DuplicateOperation, pointer).with("name", name));
        } else {
            return Some(name);
        }
        None
    }

    /// `None` where it is refused; a UUID, or the record of an earlier operation.
    #[expect(clippy::option_option, reason = "refused, absent, given")]
    fn id(&mut self, row: &Map<String, Json>, place: &str, object: ObjectIndex) -> Option<Option<Uuid>> {
        let pointer = format!("{place}/id");
        let finding = match row.get("id") {
            None => return Some(None),
            Some(Json::String(text)) => match text.strip_prefix('@') {
                Some(name) => match resolve(&self.named, name, object, &pointer) {
                    Ok(id) => return Some(Some(id)),
                    Err(finding) => finding,
                },
                None => match text.parse() {
                    Ok(id) => return Some(Some(id)),
                    Err(_) => FieldError::new(ErrorCode::NotAnId, pointer),
                },
            },
            Some(_) => FieldError::new(ErrorCode::NotAnId, pointer),
        };
        self.refuse(finding);
        None
    }

    fn demanded(&mut self, given: &Given) -> Option<Uuid> {
        if given.id.is_none() {
            self.refuse(FieldError::new(ErrorCode::Required, format!("{}/id", given.place)));
        }
        given.id
    }

    fn version(&mut self, row: &Map<String, Json>, place: &str) -> Option<i64> {
        let given = row.get("version")?;
        if given.as_i64().is_none() {
            let finding = FieldError::new(ErrorCode::WrongType, format!("{place}/version"));
            self.refuse(finding.with("expected", "a whole number"));
        }
        given.as_i64()
    }

    fn input(&mut self, object: &Object, given: &Given, verbs: &[Verb]) -> Option<RecordInput> {
        let place = format!("{}/body", given.place);
        let Some(body) = &given.body else {
            self.refuse(FieldError::new(ErrorCode::Required, place));
            return None;
        };
        let mut reading = Reading::new(self.snapshot, self.rights, verbs, BodyOptions::default());
        reading.named = Some(&self.named);
        let input = reading.record(object, body.clone(), &place, 0);
        let findings = std::mem::take(&mut reading.findings);
        if findings.is_empty() {
            return Some(input);
        }
        for finding in findings {
            self.refuse(finding);
        }
        None
    }
}

/// The record an earlier operation named, when it is one of this object.
pub(super) fn resolve(named: &Named, name: &str, object: ObjectIndex, pointer: &str) -> Result<Uuid, FieldError> {
    match named.get(name) {
        Some((of, id)) if *of == object => Ok(*id),
        Some(_) => Err(FieldError::new(ErrorCode::UnknownReference, pointer)),
        None => {
            let names = named.keys().map(String::as_str);
            Err(FieldError::new(ErrorCode::UnknownOperation, pointer).with("name", name).suggest(nearest(name, names)))
        }
    }
}

fn unknown_member(part: &str, name: &str, pointer: &str, members: &[&'static str]) -> FieldError {
    let suggestion = nearest(name, members.iter().copied());
    FieldError::new(ErrorCode::UnknownField, pointer).with("object", part).with("name", name).suggest(suggestion)
}
