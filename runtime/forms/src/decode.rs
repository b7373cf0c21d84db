//! A submitted form as a typed record: all problems at once, nothing typed is lost (the raw [`FormInput`] stays with
//! the caller).
//!
//! Absent names leave a field alone, and so does what comes back as it was given out; an empty one clears it. Unchecked
//! boxes are sent by the hidden field before them.
//! Blank new rows are no rows. The write pipeline decides what is required and allowed.

use std::collections::BTreeMap;

use trellis_metadata::field_type;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{
    Collection, Field, FieldIndex, FieldKind, Form, Object, ObjectIndex, SectionContent, Snapshot,
};
use trellis_metadata::value::Value;
use trellis_plan::request::{ChildInput, RecordInput};
use uuid::Uuid;

use crate::attachment::is_removed;
use crate::catalogue::Message;
use crate::format::Reader;
use crate::input::{FormAction, FormInput, MAX_ROWS, cell_name, field_name, part_name};
use crate::page::{ChildRows, RowView};
use crate::parse::{parse, parse_address, parse_codes};
use crate::problem::FieldProblem;
use crate::written::is_untouched;

/// What the form asks for.
#[derive(Clone, Debug)]
pub struct DecodedForm {
    pub record: RecordInput,
    pub version: Option<i64>,
    pub action: FormAction,
    /// Records named by text: the server finds them (by record name, through the reader's grant) and says so with
    /// [`DecodedForm::resolve`], or answers with [`Unresolved::problem`].
    pub unresolved: Vec<Unresolved>,
    /// Form rows behind `record.children`, so that a pointer of the pipeline finds its control.
    rows: Vec<(String, Vec<usize>)>,
}

/// A lookup for which a text was typed instead of choosing a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Name of the control.
    pub name: String,
    pub target: ObjectIndex,
    pub text: String,
    pub field: FieldIndex,
    /// Position in `record.children` and in its rows; `None` for the record itself.
    pub place: Option<(usize, usize)>,
}

impl Unresolved {
    pub fn problem(&self, snapshot: &Snapshot, locale: Locale) -> FieldProblem {
        let target = snapshot.object(self.target).label(locale);
        FieldProblem::new(self.name.clone(), Message::NoSuchRecord.fill(locale, &[&target]))
    }
}

impl DecodedForm {
    pub fn resolve(&mut self, unresolved: &Unresolved, id: Uuid) {
        let record = match unresolved.place {
            None => Some(&mut self.record),
            Some((collection, row)) => {
                let rows = self.record.children.get_mut(collection).map(|(_, rows)| rows);
                rows.and_then(|rows| rows.get_mut(row)).map(|child| &mut child.record)
            }
        };
        if let Some(record) = record {
            record.values.insert(unresolved.field, Value::Id(id));
        }
    }

    /// The control that a pointer of the pipeline (`/to_on`, `/lines/0/quantity`) is about; empty for the record.
    pub fn control_of(&self, pointer: &str) -> String {
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        match parts.as_slice() {
            [field] => field_name(field),
            [collection, row, field] => {
                let rows = self.rows.iter().find(|(name, _)| name == collection).map(|(_, rows)| rows);
                let number = row.parse().ok().and_then(|row: usize| rows?.get(row).copied());
                number.map_or_else(String::new, |number| cell_name(collection, &number.to_string(), field))
            }
            _ => String::new(),
        }
    }
}

/// What the form was made from: the record and its lines, as the reader sees them. Nothing of a new record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored<'a> {
    pub record: Option<&'a RowView>,
    pub children: &'a [ChildRows],
}

impl<'a> Stored<'a> {
    fn line(self, collection: usize, id: Option<Uuid>) -> Option<&'a RowView> {
        let children = self.children.iter().find(|children| children.collection == collection)?;
        children.rows.iter().find(|row| Some(row.id) == id)
    }
}

/// Reads the form of `object` as `form` lays it out: what can be read, and all that is wrong with the rest.
pub fn decode_form(
    reader: Reader,
    snapshot: &Snapshot,
    object: &Object,
    form: Option<&Form>,
    stored: Stored,
    input: &FormInput,
) -> (DecodedForm, Vec<FieldProblem>) {
    let id = stored.record.map(|row| row.id);
    let mut decoding = Decoding { reader, input, stored, problems: Vec::new(), unresolved: Vec::new() };
    let fields = || object.fields.iter().filter(|field| field.writable() && shows(form, field.index));
    let values = decoding.record(fields(), field_name, None, stored.record, false);
    let mut record = RecordInput { object: object.index, id, values, children: Vec::new() };
    let mut rows = Vec::new();
    for (position, collection) in object.collections.iter().enumerate() {
        let numbers = decoding.collection(snapshot, &mut record, position, collection);
        if !numbers.is_empty() {
            rows.push((collection.name.to_string(), numbers));
        }
    }
    if !decoding.problems.is_empty() {
        // The pipeline is not asked yet, so that what is missing is said here, together with the rest.
        decoding.missing(fields().filter(|field| field.required && (id.is_some() || field.default.is_none())));
    }
    let (version, action) = (input.version(), input.action());
    (DecodedForm { record, version, action, unresolved: decoding.unresolved, rows }, decoding.problems)
}

/// Is the field on the form; without one, every field is.
fn shows(form: Option<&Form>, field: FieldIndex) -> bool {
    let Some(form) = form else { return true };
    form.sections.iter().any(|section| match &section.content {
        SectionContent::Fields(fields) => fields.iter().any(|place| place.field == field),
        SectionContent::LineItems(_) => false,
    })
}

struct Decoding<'a> {
    reader: Reader,
    input: &'a FormInput,
    stored: Stored<'a>,
    problems: Vec<FieldProblem>,
    unresolved: Vec<Unresolved>,
}

impl Decoding<'_> {
    /// Values of the fields whose names the form carries.
    fn record<'f>(
        &mut self,
        fields: impl Iterator<Item = &'f Field>,
        name: impl Fn(&str) -> String,
        place: Option<(usize, usize)>,
        stored: Option<&RowView>,
        keep_blank_out: bool,
    ) -> BTreeMap<FieldIndex, Value> {
        let mut values = BTreeMap::new();
        for field in fields {
            let name = name(field.name.as_str());
            if !self.input.contains(&name) {
                continue;
            }
            match self.value(field, &name, place) {
                Ok(Value::Null) if keep_blank_out => {}
                Ok(value) if self.is_kept(field, &name, stored, &value) => {}
                Ok(value) => match self.checked(field, &value) {
                    Ok(value) => {
                        values.insert(field.index, value);
                    }
                    Err(message) => self.problems.push(FieldProblem::new(name, message)),
                },
                Err(message) => {
                    let label = field.label(self.reader.locale);
                    let text = message.fill(self.reader.locale, &[&label]);
                    self.problems.push(FieldProblem::new(name, text));
                }
            }
        }
        values
    }

    fn is_kept(&self, field: &Field, name: &str, stored: Option<&RowView>, read: &Value) -> bool {
        let by_name = self.unresolved.iter().any(|unresolved| unresolved.name == name);
        !by_name && stored.is_some_and(|row| is_untouched(self.reader, field, row.value(field.index), read))
    }

    /// Required fields of the record that the form carries and leaves blank.
    fn missing<'f>(&mut self, required: impl Iterator<Item = &'f Field>) {
        for field in required {
            let name = field_name(field.name.as_str());
            if self.input.get(&name).is_some_and(|text| text.trim().is_empty()) && self.is_blank(field, &name) {
                self.problems.push(FieldProblem::missing(self.reader.locale, field, name));
            }
        }
    }

    /// The value as the field type takes it, or what it says against it: length, range, digits, pattern.
    fn checked(&self, field: &Field, value: &Value) -> Result<Value, String> {
        field_type::check(field, &value.to_json())
            .map_err(|error| error.message(self.reader.locale, &field.label(self.reader.locale)))
    }

    fn value(&mut self, field: &Field, name: &str, place: Option<(usize, usize)>) -> Result<Value, Message> {
        let text = self.input.get(name).unwrap_or_default();
        if let FieldKind::MultiChoice(set) = &field.kind {
            return parse_codes(set, &self.input.all(name));
        }
        if matches!(field.kind, FieldKind::Address) {
            return Ok(parse_address(|part| self.input.get(&part_name(name, part))));
        }
        if field.kind.file().is_some() && is_removed(name, self.input) {
            return Ok(Value::Null);
        }
        let Some(relation) = field.kind.relation() else { return parse(self.reader, field, text) };
        let part = |part: &str| self.input.get(&format!("{name}.{part}")).unwrap_or_default();
        if let (true, Ok(id)) = (part("_was") == text, part("_id").parse()) {
            return Ok(Value::Id(id));
        }
        if text.trim().is_empty() || text.trim().parse::<Uuid>().is_ok() {
            return parse(self.reader, field, text);
        }
        let text = text.trim().to_owned();
        let (name, target, field) = (name.to_owned(), relation.target, field.index);
        self.unresolved.push(Unresolved { name, target, text, field, place });
        Ok(Value::Null)
    }

    /// Adds the rows of one collection to the record; answers their numbers on the form.
    fn collection(
        &mut self,
        snapshot: &Snapshot,
        record: &mut RecordInput,
        position: usize,
        collection: &Collection,
    ) -> Vec<usize> {
        let child = snapshot.object(collection.object);
        let numbers = self.input.rows(collection.name.as_str());
        if numbers.len() > MAX_ROWS {
            let text = Message::TooManyRows.text(self.reader.locale);
            self.problems.push(FieldProblem::new("", text));
            return Vec::new();
        }
        let (mut rows, mut kept) = (Vec::new(), Vec::new());
        for number in numbers {
            let place = (record.children.len(), rows.len());
            if let Some(row) = self.child(child, (position, collection), number, place) {
                rows.push(row);
                kept.push(number);
            }
        }
        if !rows.is_empty() {
            record.children.push((position, rows));
        }
        kept
    }

    fn child(
        &mut self,
        child: &Object,
        (position, collection): (usize, &Collection),
        number: usize,
        place: (usize, usize),
    ) -> Option<ChildInput> {
        let number = number.to_string();
        let name = |part: &str| cell_name(collection.name.as_str(), &number, part);
        let id: Option<Uuid> = self.input.get(&name("_id")).and_then(|id| id.parse().ok());
        let delete = self.input.get(&name("_delete")).is_some_and(|value| value == "true");
        let fields = || child.fields.iter().filter(|field| field.writable() && field.index != collection.via);
        if id.is_none() && (delete || fields().all(|field| self.is_blank(field, &name(field.name.as_str())))) {
            return None;
        }
        let values = if delete {
            BTreeMap::new()
        } else {
            // In a new row a cell left blank takes the field's default.
            self.record(fields(), name, Some(place), self.stored.line(position, id), id.is_none())
        };
        if id.is_some() && values.is_empty() && !delete {
            return None;
        }
        let record = RecordInput { object: child.index, id, values, children: Vec::new() };
        Some(ChildInput { record, delete })
    }

    fn is_blank(&self, field: &Field, name: &str) -> bool {
        if matches!(field.kind, FieldKind::Address) {
            return parse_address(|part| self.input.get(&part_name(name, part))).is_null();
        }
        let values = self.input.all(name);
        values.is_empty() || (matches!(field.kind, FieldKind::Boolean) && !values.contains(&"true"))
    }
}
