//! The rows of a part as records to write: texts read by the field types, lookups found by their keys.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json};
use trellis_metadata::field_type::{self, parse_text};
use trellis_metadata::label::{Label, Locale, LocalizedText};
use trellis_metadata::snapshot::{ChoiceOption, Field, FieldIndex, FieldKind, Object, OptionSet};
use trellis_metadata::value::Value;
use trellis_plan::request::RecordInput;
use uuid::Uuid;

use super::columns::{Column, Finder, finding};
use super::{Empty, Format, Request};
use crate::records::{Transaction, referred};
use crate::{Error, Finding, FindingCode};

/// A row of the file.
pub struct Row<'t> {
    /// In the file; the first is 1.
    pub line: u64,
    pub text: &'t str,
    pub content: Content,
}

pub enum Content {
    Blank,
    Record(RecordInput),
    Refused(Vec<Finding>),
}

pub struct Reading<'r, 'a> {
    tx: &'r Transaction<'a>,
    object: &'r Object,
    request: &'r Request,
    finder: Finder<'r>,
    columns: Vec<Option<Column>>,
    /// Columns that rows name themselves.
    named: HashMap<String, Result<Column, FindingCode>>,
    references: HashMap<(FieldIndex, Option<FieldIndex>, String), Option<Uuid>>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub fn new(tx: &'r Transaction<'a>, object: &'r Object, request: &'r Request) -> Result<Self, Error> {
        let finder = Finder { snapshot: tx.snapshot(), profile: &tx.caller.profile, object };
        let find = |name: &String| match name.as_str() {
            "" => Ok(None),
            // It was there when the file came in.
            name => finder.find(name).map(Some).map_err(|_| Error::Forbidden("to write a column of the file")),
        };
        let columns = request.columns.iter().map(find).collect::<Result<_, _>>()?;
        Ok(Self { tx, object, request, finder, columns, named: HashMap::new(), references: HashMap::new() })
    }

    /// `lines` are those of the file before this text.
    pub fn rows<'t>(&mut self, text: &'t str, lines: u64) -> Result<Vec<Row<'t>>, Error> {
        match self.request.format {
            Format::Csv { delimiter } => self.csv(text, lines, delimiter),
            Format::Ndjson => self.ndjson(text, lines),
        }
    }

    fn csv<'t>(&mut self, text: &'t str, lines: u64, delimiter: char) -> Result<Vec<Row<'t>>, Error> {
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut rows = Vec::new();
        loop {
            let start = reader.position().clone();
            let read = reader.read_record(&mut record).map_err(|error| Error::Internal(error.to_string()))?;
            if !read {
                return Ok(rows);
            }
            let begin = record.position().cloned().unwrap_or(start);
            let place = |offset: u64| usize::try_from(offset).unwrap_or(text.len()).min(text.len());
            let own = text.get(place(begin.byte())..place(reader.position().byte())).unwrap_or_default();
            let content = self.cells(&record)?;
            rows.push(Row { line: lines + begin.line(), text: own.trim_end_matches(['\r', '\n']), content });
        }
    }

    fn cells(&mut self, record: &csv::StringRecord) -> Result<Content, Error> {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(Content::Blank);
        }
        let mut filling = Filling::new(self.object);
        // A spreadsheet leaves empty cells at the end of some rows out, and adds them to others.
        if record.iter().skip(self.columns.len()).any(|cell| !cell.trim().is_empty()) {
            filling.findings.push(Finding::new("", FindingCode::Value("too_many_cells")));
        }
        for (at, cell) in record.iter().enumerate().take(self.columns.len()) {
            let Some(column) = self.columns[at] else { continue };
            if !cell.trim().is_empty() {
                self.put_text(column, cell, &mut filling)?;
            } else if self.request.empty == Empty::Clear
                && let Column::Field(field) | Column::Reference { field, .. } = column
            {
                filling.input.values.insert(field, Value::Null);
            }
        }
        Ok(filling.content())
    }

    fn ndjson<'t>(&mut self, text: &'t str, lines: u64) -> Result<Vec<Row<'t>>, Error> {
        let mut rows = Vec::new();
        for (line, text) in (lines + 1..).zip(text.lines()) {
            let content = match serde_json::from_str::<Map<String, Json>>(text) {
                _ if text.trim().is_empty() => Content::Blank,
                Ok(object) => self.members(object)?,
                Err(_) => Content::Refused(vec![Finding::new("", FindingCode::Value("not_an_object"))]),
            };
            rows.push(Row { line, text, content });
        }
        Ok(rows)
    }

    fn members(&mut self, members: Map<String, Json>) -> Result<Content, Error> {
        let mut filling = Filling::new(self.object);
        for (name, json) in members {
            match (self.column(&name), json) {
                (Err(code), _) => filling.findings.push(finding(&name, code)),
                (Ok(Column::Field(field) | Column::Reference { field, .. }), Json::Null) => {
                    filling.input.values.insert(field, Value::Null);
                }
                (Ok(Column::Field(field)), json) if self.object.field(field).kind.relation().is_none() => {
                    let field = self.object.field(field);
                    filling.put(field, field_type::check(field, &json));
                }
                (Ok(column), Json::String(text)) => self.put_text(column, &text, &mut filling)?,
                (Ok(column), Json::Number(number)) => self.put_text(column, &number.to_string(), &mut filling)?,
                (Ok(_), _) => filling.findings.push(Finding::new(format!("/{name}"), FindingCode::Value("wrong_type"))),
            }
        }
        Ok(filling.content())
    }

    fn column(&mut self, name: &str) -> Result<Column, FindingCode> {
        if let Some(known) = self.named.get(name) {
            return known.clone();
        }
        let found = self.finder.find(name);
        self.named.insert(name.to_owned(), found.clone());
        found
    }

    fn put_text(&mut self, column: Column, text: &str, filling: &mut Filling) -> Result<(), Error> {
        match column {
            Column::Id => match Uuid::try_parse(text.trim()) {
                Ok(id) => filling.input.id = Some(id),
                Err(_) => filling.findings.push(Finding::new("/id", FindingCode::Value("bad_format"))),
            },
            Column::Field(index) => {
                let field = self.object.field(index);
                if field.kind.relation().is_some() {
                    return self.put_reference(field, None, text, filling);
                }
                filling.put(field, read(field, text));
            }
            Column::Reference { field, key } => {
                self.put_reference(self.object.field(field), Some(key), text, filling)?;
            }
        }
        Ok(())
    }

    fn put_reference(
        &mut self,
        field: &Field,
        key: Option<FieldIndex>,
        text: &str,
        filling: &mut Filling,
    ) -> Result<(), Error> {
        let place = (field.index, key, text.trim().to_owned());
        let found = match self.references.get(&place) {
            Some(found) => *found,
            None => {
                let target = field.kind.relation().map(|relation| self.tx.object(relation.target));
                let found = match target {
                    Some(target) => referred(self.tx, target, key, &place.2)?,
                    None => None,
                };
                self.references.insert(place, found);
                found
            }
        };
        match found {
            Some(id) => drop(filling.input.values.insert(field.index, Value::Id(id))),
            None => filling.findings.push(Finding::new(format!("/{}", field.name), FindingCode::UnknownReference)),
        }
        Ok(())
    }
}

/// The value of a cell. What people see of a choice does for its code; space around a value that is no text means
/// nothing.
fn read(field: &Field, text: &str) -> Result<Value, field_type::InputError> {
    match &field.kind {
        FieldKind::Text(_) | FieldKind::LongText(_) | FieldKind::Markdown(_) | FieldKind::RichText(_) => {
            parse_text(field, text)
        }
        FieldKind::Choice(options) => parse_text(field, code(options, text.trim())),
        FieldKind::MultiChoice(options) => {
            let codes: Vec<&str> = text.split([',', ';', '，', '；']).map(|part| code(options, part.trim())).collect();
            parse_text(field, &codes.join(","))
        }
        FieldKind::Boolean => parse_text(field, truth(text.trim())),
        _ => parse_text(field, text.trim()),
    }
}

fn code<'t>(options: &'t OptionSet, text: &'t str) -> &'t str {
    if options.get(text).is_some() {
        return text;
    }
    let is_labelled =
        |option: &&ChoiceOption| Locale::ALL.into_iter().any(|locale| option.label.get(locale) == Some(text));
    let mut labelled = options.options.iter().filter(is_labelled);
    match (labelled.next(), labelled.next()) {
        (Some(option), None) => &option.code,
        _ => text,
    }
}

/// As spreadsheets and people write it.
fn truth(text: &str) -> &str {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "是" => "true",
        "false" | "no" | "n" | "0" | "否" => "false",
        _ => text,
    }
}

/// A record in the making.
struct Filling {
    input: RecordInput,
    findings: Vec<Finding>,
}

impl Filling {
    fn new(object: &Object) -> Self {
        let input = RecordInput { object: object.index, id: None, values: BTreeMap::new(), children: Vec::new() };
        Self { input, findings: Vec::new() }
    }

    fn put(&mut self, field: &Field, value: Result<Value, field_type::InputError>) {
        match value {
            Ok(value) => drop(self.input.values.insert(field.index, value)),
            Err(error) => {
                let text = |locale| Some(error.message(locale, &field.label(locale)));
                let texts =
                    LocalizedText { en: text(Locale::En), zh_cn: text(Locale::ZhCn), zh_tw: text(Locale::ZhTw) };
                let finding = Finding::new(format!("/{}", field.name), FindingCode::Value(error.code));
                self.findings.push(Finding { message: Label::Localized(texts), ..finding });
            }
        }
    }

    fn content(self) -> Content {
        if self.findings.is_empty() { Content::Record(self.input) } else { Content::Refused(self.findings) }
    }
}
