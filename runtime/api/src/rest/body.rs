//! JSON bodies to record inputs: typed, checked against what the caller may write, every finding at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use trellis_metadata::diagnostic::nearest;
use trellis_metadata::snapshot::{Field, FieldIndex, Object, Snapshot, Verb, system_field};
use trellis_metadata::value::Value;
use trellis_plan::request::{ChildInput, RecordInput};
use uuid::Uuid;

use super::batch::{self, Named};
use super::{json, value};
use crate::Rights;
use crate::error_code::ErrorCode;
use crate::prefer::Missing;
use crate::problem::{FieldError, Problem};

/// Records in one body.
pub const MAX_RECORDS: usize = 1_000;
/// Findings in one answer.
pub(super) const MAX_FINDINGS: usize = 100;
/// Levels of children below a record.
const MAX_NESTING: usize = 5;
/// In a nested row: take this child away.
const DELETE: &str = "_delete";

#[derive(Clone, Copy, Debug, Default)]
pub struct BodyOptions<'a> {
    /// `columns=`: what a bulk insert writes.
    pub columns: Option<&'a [String]>,
    /// `Prefer: missing=`.
    pub missing: Option<Missing>,
    pub intent: Intent,
}

/// What the records of a body are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    #[default]
    Create,
    /// Which of the two is known only in the transaction; what it writes is checked there for the one it is.
    CreateOrUpdate,
}

/// The records of a create, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Records {
    pub records: Vec<RecordInput>,
    /// The body was an array, and so is the answer.
    pub is_array: bool,
}

/// Reads one record or an array of at most [`MAX_RECORDS`].
pub fn parse_records(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    object: &Object,
    body: &[u8],
    options: BodyOptions<'_>,
) -> Result<Records, Problem> {
    let body = json::read(body)?;
    let verbs: &[Verb] = match options.intent {
        Intent::Create => &[Verb::Create],
        Intent::CreateOrUpdate => &[Verb::Create, Verb::Update],
    };
    let mut reading = Reading::new(snapshot, rights, verbs, options);
    let is_array = body.is_array();
    let records = match body {
        Json::Array(rows) if rows.len() > MAX_RECORDS => {
            reading.refuse(FieldError::new(ErrorCode::TooManyItems, "").with("limit", MAX_RECORDS));
            Vec::new()
        }
        Json::Array(rows) => {
            let place = |at| format!("/{at}");
            rows.into_iter().enumerate().map(|(at, row)| reading.record(object, row, &place(at), 0)).collect()
        }
        row => vec![reading.record(object, row, "", 0)],
    };
    reading.refuse_repeated_ids(&records);
    reading.finish().map(|()| Records { records, is_array })
}

/// Reads the changes of an update: only the fields named change.
pub fn parse_changes(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    object: &Object,
    body: &[u8],
) -> Result<RecordInput, Problem> {
    let body = json::read(body)?;
    let mut reading = Reading::new(snapshot, rights, &[Verb::Update], BodyOptions::default());
    let record = reading.record(object, body, "", 0);
    reading.finish().map(|()| record)
}

pub(super) struct Reading<'a> {
    snapshot: &'a Snapshot,
    rights: &'a dyn Rights,
    /// Any of these lets a field be written.
    verbs: &'a [Verb],
    options: BodyOptions<'a>,
    /// Records a lookup can name as `@name`.
    pub named: Option<&'a Named>,
    pub findings: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    pub fn new(snapshot: &'a Snapshot, rights: &'a dyn Rights, verbs: &'a [Verb], options: BodyOptions<'a>) -> Self {
        Self { snapshot, rights, verbs, options, named: None, findings: Vec::new() }
    }

    fn refuse(&mut self, finding: FieldError) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn finish(self) -> Result<(), Problem> {
        if self.findings.is_empty() { Ok(()) } else { Err(Problem::of_record(self.findings)) }
    }

    pub fn record(&mut self, object: &Object, row: Json, place: &str, depth: usize) -> RecordInput {
        let mut record = RecordInput { object: object.index, id: None, values: BTreeMap::new(), children: Vec::new() };
        match row {
            Json::Object(row) => self.members(object, row, place, depth, &mut record),
            _ => self.refuse(FieldError::new(ErrorCode::NotAnObject, place)),
        }
        record
    }

    fn members(
        &mut self,
        object: &Object,
        row: Map<String, Json>,
        place: &str,
        depth: usize,
        record: &mut RecordInput,
    ) {
        if depth == 0 {
            self.fill_missing(object, &row, record);
        }
        for (name, given) in row {
            let pointer = format!("{place}/{}", escape(&name));
            if name == "id" {
                self.id(&given, &pointer, record);
            } else if let Some(found) = self.collection(object, &name) {
                let children = self.children((object, found), given, &pointer, depth);
                record.children.push((found, children));
            } else if let Some(field) = self.writable(object, &name, &pointer) {
                self.value(field, &given, &pointer, record);
            }
        }
    }

    /// Without `missing=default`, a column named in `columns=` that this row lacks is null.
    fn fill_missing(&mut self, object: &Object, row: &Map<String, Json>, record: &mut RecordInput) {
        let Some(columns) = self.options.columns else { return };
        for name in row.keys().filter(|name| !columns.contains(name)) {
            let finding = FieldError::new(ErrorCode::UnknownParameter, "?columns");
            self.refuse(finding.with("name", name));
        }
        if self.options.missing == Some(Missing::Default) {
            return;
        }
        for name in columns.iter().filter(|name| !row.contains_key(*name) && *name != "id") {
            if self.collection(object, name).is_some() {
                continue;
            }
            if let Some(field) = self.writable(object, name, "?columns") {
                record.values.insert(field.index, Value::Null);
            }
        }
    }

    fn id(&mut self, given: &Json, pointer: &str, record: &mut RecordInput) {
        match given.as_str().and_then(|text| text.parse::<Uuid>().ok()) {
            Some(id) => record.id = Some(id),
            None => self.refuse(FieldError::new(ErrorCode::NotAnId, pointer)),
        }
    }

    fn value(&mut self, field: &Field, given: &Json, pointer: &str, record: &mut RecordInput) {
        match self.named_record(field, given, pointer).unwrap_or_else(|| value::check(field, given, pointer)) {
            Ok(value) => {
                record.values.insert(field.index, value);
            }
            Err(finding) => self.refuse(finding),
        }
    }

    /// The record of an earlier operation, where a lookup names one.
    fn named_record(&self, field: &Field, given: &Json, pointer: &str) -> Option<Result<Value, FieldError>> {
        let (named, relation) = (self.named?, field.kind.relation()?);
        let name = given.as_str()?.strip_prefix('@')?;
        Some(batch::resolve(named, name, relation.target, pointer).map(Value::Id))
    }

    /// Position of a master-detail collection the caller may write or at least see.
    fn collection(&self, object: &Object, name: &str) -> Option<usize> {
        object.collections.iter().position(|collection| {
            let child = collection.object;
            let verbs = [Verb::Read, Verb::Create, Verb::Update, Verb::Delete];
            let visible = verbs.into_iter().any(|verb| self.rights.may(child, verb));
            collection.master_detail && collection.name.as_str() == name && visible
        })
    }

    fn children(
        &mut self,
        (object, at): (&Object, usize),
        given: Json,
        pointer: &str,
        depth: usize,
    ) -> Vec<ChildInput> {
        let Json::Array(rows) = given else {
            self.refuse(FieldError::new(ErrorCode::NotAList, pointer));
            return Vec::new();
        };
        if rows.len() > MAX_RECORDS || depth == MAX_NESTING {
            self.refuse(FieldError::new(ErrorCode::TooManyItems, pointer).with("limit", MAX_RECORDS));
            return Vec::new();
        }
        let collection = &object.collections[at];
        let child = self.snapshot.object(collection.object);
        let place = |at| format!("{pointer}/{at}");
        rows.into_iter().enumerate().map(|(at, row)| self.child(child, row, &place(at), depth + 1)).collect()
    }

    fn child(&mut self, object: &Object, mut row: Json, place: &str, depth: usize) -> ChildInput {
        let delete = match row.as_object_mut().and_then(|row| row.shift_remove(DELETE)) {
            None => false,
            Some(Json::Bool(delete)) => delete,
            Some(_) => {
                let pointer = format!("{place}/{DELETE}");
                self.refuse(FieldError::new(ErrorCode::NotAFlag, pointer).with("name", DELETE));
                false
            }
        };
        let before = self.verbs;
        if self.verbs.contains(&Verb::Update) && row.get("id").is_none() {
            self.verbs = &[Verb::Create];
        }
        let record = self.record(object, row, place, depth);
        self.verbs = before;
        if delete && record.id.is_none() {
            self.refuse(FieldError::new(ErrorCode::Required, format!("{place}/id")));
        }
        ChildInput { record, delete }
    }

    /// The field, when the caller may write it; else a finding that tells no more than he may know.
    fn writable<'o>(&mut self, object: &'o Object, name: &str, pointer: &str) -> Option<&'o Field> {
        let field = object.field_by_name(name);
        let covers = |field: &Field, verb| self.rights.covers(object.index, field.index, verb);
        let writes = |field: &Field| self.verbs.iter().any(|verb| covers(field, *verb));
        let finding = match field {
            Some(field) if writes(field) && field.writable() => return Some(field),
            Some(field) if is_transfer(field.index) && covers(field, Verb::Transfer) => return Some(field),
            Some(field) if covers(field, Verb::Read) && !field.writable() && !is_transfer(field.index) => {
                FieldError::new(ErrorCode::ReadOnlyField, pointer).with("name", name)
            }
            Some(field) if covers(field, Verb::Read) => {
                FieldError::new(ErrorCode::ForbiddenField, pointer).with("name", name)
            }
            _ => self.unknown(object, name, pointer),
        };
        self.refuse(finding);
        None
    }

    /// The text for a field that does not exist, and for one the caller may neither write nor read.
    fn unknown(&self, object: &Object, name: &str, pointer: &str) -> FieldError {
        let covers =
            |field: &&Field| self.verbs.iter().any(|verb| self.rights.covers(object.index, field.index, *verb));
        let fields = object.fields.iter().filter(covers).map(|field| field.name.as_str());
        let collections = object.collections.iter().map(|collection| collection.name.as_str());
        let collections = collections.filter(|name| self.collection(object, name).is_some());
        FieldError::new(ErrorCode::UnknownField, pointer)
            .with("object", &object.name)
            .with("name", name)
            .suggest(nearest(name, fields.chain(collections)))
    }

    fn refuse_repeated_ids(&mut self, records: &[RecordInput]) {
        let mut seen = std::collections::HashSet::new();
        for (at, record) in records.iter().enumerate() {
            if record.id.is_some_and(|id| !seen.insert(id)) {
                self.refuse(FieldError::new(ErrorCode::DuplicateId, format!("/{at}/id")));
            }
        }
    }
}

fn is_transfer(field: FieldIndex) -> bool {
    matches!(field, system_field::OWNER_ID | system_field::ORG_UNIT_ID)
}

/// One reference token of a JSON Pointer.
pub(super) fn escape(name: &str) -> String {
    let end = (0..=name.len().min(80)).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    name[..end].replace('~', "~0").replace('/', "~1")
}
