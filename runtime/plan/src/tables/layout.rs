//! The tables a snapshot implies, as plain data that storage keeps beside the revision.
//!
//! A layout also remembers what the documents promise about each column (required, options …), because tightening a
//! promise is a change that rows may contradict. It knows ids only, no names and no SQL: renaming changes nothing here.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::field_type;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{DefaultValue, Field, FieldKind, Object, Origin, Snapshot, system_field};

use super::fingerprint::{Fingerprints, NUMBERED};
use super::step::kind_text;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    pub tables: Vec<Table>,
    /// What was dropped and can be restored, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<Quarantined>,
}

/// One object's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The object id.
    pub name: Identifier,
    /// System columns first.
    pub columns: Vec<Column>,
    pub unique: Vec<UniqueIndex>,
    pub indexes: Vec<PlainIndex>,
}

/// One field's column with what the document promises about its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The field id.
    pub name: Identifier,
    pub kind: ColumnKind,
    /// The name of the field's type; layouts of old have none, nor have the runtime's own columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_type: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// A literal default, as [`trellis_metadata::value::Value::to_json`] writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// The codes of a choice; empty = any text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// The object a lookup points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Identifier>,
    /// What the field's other rules ask of a value, see [`field_type::limits`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<String>,
    /// How a computed column is computed; another text means that stored values are out of date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<String>,
}

/// Over live rows only: a deleted record does not keep its number taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueIndex {
    pub name: String,
    pub columns: Vec<Identifier>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainIndex {
    pub name: String,
    pub columns: Vec<Identifier>,
}

/// A dropped column or table: renamed out of the way, its rows untouched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The object id it belonged to.
    pub table: Identifier,
    /// Its name in the database now.
    pub kept_as: String,
    pub kept: Kept,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    Column(Column),
    Table(Table),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Layout {
    /// The tables of a snapshot, with nothing in quarantine.
    pub fn of(snapshot: &Snapshot) -> Self {
        let fingerprints = Fingerprints::of(snapshot);
        let tables = snapshot.objects.iter().map(|object| table(snapshot, object, &fingerprints)).collect();
        Self { tables, quarantined: Vec::new() }
    }

    /// The layout kept for a snapshot, told the types of its fields where it was kept before layouts told them.
    #[must_use]
    pub fn with_types_of(mut self, snapshot: &Snapshot) -> Self {
        let mut columns = self.tables.iter().flat_map(|table| &table.columns);
        if columns.any(|column| column.field_type.is_some()) {
            return self;
        }
        let implied = Self::of(snapshot);
        for table in &mut self.tables {
            for column in &mut table.columns {
                let told = implied.table(table.name.as_str()).and_then(|table| table.column(column.name.as_str()));
                if let Some(told) = told.filter(|told| told.kind == column.kind) {
                    (column.field_type, column.limits) = (told.field_type.clone(), told.limits.clone());
                }
            }
        }
        self
    }

    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.as_str() == name)
    }

    /// The way back from an index name in a database message to the fields it guards.
    pub fn unique_index(&self, name: &str) -> Option<(&Table, &UniqueIndex)> {
        self.tables.iter().find_map(|table| {
            let index = table.unique.iter().find(|index| index.name == name)?;
            Some((table, index))
        })
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.as_str() == name)
    }
}

impl Column {
    /// A column without any promise.
    pub fn plain(name: Identifier, kind: ColumnKind) -> Self {
        Self {
            name,
            kind,
            field_type: None,
            required: false,
            default: None,
            max_length: None,
            codes: Vec::new(),
            target: None,
            limits: None,
            computed: None,
        }
    }

    /// The name of the field's type, or of one that stores the same where the layout does not tell.
    pub fn type_name(&self) -> &str {
        self.field_type.as_deref().unwrap_or(match self.kind {
            ColumnKind::Text if self.codes.is_empty() => "text",
            ColumnKind::Text => "choice",
            ColumnKind::Integer => "integer",
            ColumnKind::Decimal { .. } => "decimal",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Date => "date",
            ColumnKind::DateTime => "datetime",
            ColumnKind::Time => "time",
            ColumnKind::Duration => "duration",
            ColumnKind::Id => "lookup",
            ColumnKind::Json => "json",
        })
    }

    /// `decimal(2)`, `email` …: the field's type with the digits it stores.
    pub(super) fn type_text(&self) -> String {
        match (self.kind, self.field_type.as_deref()) {
            (ColumnKind::Decimal { scale }, Some(name)) => format!("{name}({scale})"),
            (_, Some(name)) => name.to_owned(),
            (kind, None) => kind_text(kind),
        }
    }

    /// Formulas and rollups: values that can be had again at any time, unlike what was typed in or numbered.
    pub fn is_derived(&self) -> bool {
        self.computed.as_deref().is_some_and(|how| how != NUMBERED)
    }

    /// The few columns the runtime itself fills in every row; "required" on a user field is the write pipeline's rule.
    pub fn never_null(&self) -> bool {
        matches!(self.name.as_str(), "id" | "created_at" | "updated_at" | "version")
    }
}

impl UniqueIndex {
    pub fn on(table: &Identifier, columns: Vec<Identifier>) -> Self {
        Self { name: index_name("ux", table, &columns), columns }
    }
}

impl PlainIndex {
    pub fn on(table: &Identifier, columns: Vec<Identifier>) -> Self {
        Self { name: index_name("ix", table, &columns), columns }
    }
}

fn table(snapshot: &Snapshot, object: &Object, fingerprints: &Fingerprints) -> Table {
    let columns = object.fields.iter().map(|field| column(snapshot, object, field, fingerprints)).collect();
    let unique = unique_columns(object).into_iter().map(|columns| UniqueIndex::on(&object.id, columns)).collect();
    let indexes = plain_columns(object).into_iter().map(|columns| PlainIndex::on(&object.id, columns)).collect();
    Table { name: object.id.clone(), columns, unique, indexes }
}

fn column(snapshot: &Snapshot, object: &Object, field: &Field, fingerprints: &Fingerprints) -> Column {
    let mut column = Column::plain(field.id.clone(), field.column);
    if field.origin == Origin::System {
        return column;
    }
    column.field_type = Some(field_type::type_name(&field.kind).to_owned());
    column.limits = field_type::limits(&field.kind);
    column.required = field.required && field.writable();
    if let Some(DefaultValue::Value(value)) = &field.default {
        column.default = Some(value.to_json());
    }
    match &field.kind {
        FieldKind::Text(rule) | FieldKind::LongText(rule) => column.max_length = rule.max_length,
        FieldKind::Choice(set) => column.codes = set.options.iter().map(|option| option.code.to_string()).collect(),
        _ => {}
    }
    column.target = field.kind.relation().map(|relation| snapshot.object(relation.target).id.clone());
    column.computed = fingerprints.get(object.index, field.index);
    column
}

/// Single unique and external-id fields, then composite keys as written.
fn unique_columns(object: &Object) -> Vec<Vec<Identifier>> {
    let single =
        object.fields.iter().filter(|field| field.unique || field.external_id).map(|field| vec![field.id.clone()]);
    let composite = object.unique_keys.iter().map(|key| ids(object, &key.fields));
    without_repeats(single.chain(composite))
}

/// What record scopes and relations are followed by, then what the documents ask for; a unique index serves as well.
fn plain_columns(object: &Object) -> Vec<Vec<Identifier>> {
    let scopes = [system_field::OWNER_ID, system_field::ORG_UNIT_ID];
    let single = object
        .fields
        .iter()
        .filter(|field| {
            let relation = field.origin != Origin::System && field.kind.relation().is_some();
            scopes.contains(&field.index) || relation || field.indexed
        })
        .map(|field| vec![field.id.clone()]);
    let declared = object.indexes.iter().map(|index| ids(object, &index.fields));
    let unique = unique_columns(object);
    without_repeats(single.chain(declared)).into_iter().filter(|columns| !unique.contains(columns)).collect()
}

fn ids(object: &Object, fields: &[trellis_metadata::snapshot::FieldIndex]) -> Vec<Identifier> {
    fields.iter().map(|field| object.field(*field).id.clone()).collect()
}

fn without_repeats(lists: impl Iterator<Item = Vec<Identifier>>) -> Vec<Vec<Identifier>> {
    let mut seen: Vec<Vec<Identifier>> = Vec::new();
    for list in lists {
        if !list.is_empty() && !seen.contains(&list) {
            seen.push(list);
        }
    }
    seen
}

fn index_name(prefix: &str, table: &Identifier, columns: &[Identifier]) -> String {
    let parts = [prefix, table.as_str()].into_iter().chain(columns.iter().map(Identifier::as_str));
    format!("{prefix}_{}", hash(parts, 8))
}

/// Hex of the first `bytes` bytes of the SHA-256 of the parts, each ended so that no two lists read alike.
pub(super) fn hash<'a>(parts: impl IntoIterator<Item = &'a str>, bytes: usize) -> String {
    use std::fmt::Write;
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(bytes).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
