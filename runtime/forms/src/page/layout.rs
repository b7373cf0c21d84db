//! Which fields and grids a page shows for an object: the form when there is one, else all fields in order.

use std::collections::BTreeMap;

use trellis_access::FieldMask;
use trellis_metadata::expression::Expression;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{
    Field, FieldIndex, FieldKind, Form, LineItems, Object, Origin, SectionContent, Snapshot, system_field,
};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::catalogue::Message;

/// One record as the builders take it: what the caller may read of it.
#[derive(Clone, Debug, Default)]
pub struct RowView {
    pub id: Uuid,
    pub values: BTreeMap<FieldIndex, Value>,
    /// Colour word of the view's rule that matched, if any.
    pub color: Option<String>,
}

impl RowView {
    pub fn value(&self, field: FieldIndex) -> &Value {
        self.values.get(&field).unwrap_or(&Value::Null)
    }
}

/// The children of a record in one collection, and what the caller may do with them.
#[derive(Clone, Debug, Default)]
pub struct ChildRows {
    /// Position in `Object::collections`.
    pub collection: usize,
    pub rows: Vec<RowView>,
    /// There are more than these.
    pub more: bool,
    pub readable: FieldMask,
    /// Fields the caller may set, in new or in existing rows.
    pub writable: FieldMask,
    pub can_create: bool,
    pub can_delete: bool,
}

/// A section with its conditions decided by nobody yet.
#[derive(Clone, Debug)]
pub(crate) struct Section<'a> {
    pub label: String,
    pub columns: u8,
    pub visible_when: Option<&'a Expression>,
    pub content: Content<'a>,
}

#[derive(Clone, Debug)]
pub(crate) enum Content<'a> {
    Fields(Vec<Place<'a>>),
    Lines { collection: usize, fields: Vec<FieldIndex>, totals: Vec<FieldIndex> },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub field: FieldIndex,
    pub visible_when: Option<&'a Expression>,
    pub required_when: Option<&'a Expression>,
    pub readonly_when: Option<&'a Expression>,
}

impl Place<'_> {
    pub(crate) fn plain(field: FieldIndex) -> Self {
        Self { field, visible_when: None, required_when: None, readonly_when: None }
    }
}

/// Sections of the form, or of the object when no form is given.
pub(crate) fn sections<'a>(
    snapshot: &Snapshot,
    object: &Object,
    form: Option<&'a Form>,
    locale: Locale,
) -> Vec<Section<'a>> {
    match form {
        Some(form) => form.sections.iter().map(|section| declared(section, locale)).collect(),
        None => default_sections(snapshot, object, locale),
    }
}

fn declared(section: &trellis_metadata::snapshot::FormSection, locale: Locale) -> Section<'_> {
    Section {
        label: section.label.get(locale).unwrap_or_default().to_owned(),
        columns: section.columns.clamp(1, 4),
        visible_when: section.visible_when.as_ref(),
        content: match &section.content {
            SectionContent::Fields(fields) => Content::Fields(
                fields
                    .iter()
                    .map(|place| Place {
                        field: place.field,
                        visible_when: place.visible_when.as_ref(),
                        required_when: place.required_when.as_ref(),
                        readonly_when: place.readonly_when.as_ref(),
                    })
                    .collect(),
            ),
            SectionContent::LineItems(LineItems { collection, fields, totals }) => {
                Content::Lines { collection: *collection, fields: fields.clone(), totals: totals.clone() }
            }
        },
    }
}

fn default_sections(snapshot: &Snapshot, object: &Object, locale: Locale) -> Vec<Section<'static>> {
    let fields = object.fields.iter().filter(|field| field.origin != Origin::System);
    let details = Section {
        label: Message::Details.text(locale).to_owned(),
        columns: 2,
        visible_when: None,
        content: Content::Fields(fields.map(|field| Place::plain(field.index)).collect()),
    };
    let grids = object.collections.iter().enumerate().filter(|(_, collection)| collection.master_detail);
    let grids = grids.map(|(position, collection)| {
        let child = snapshot.object(collection.object);
        Section {
            label: child.label(locale),
            columns: 1,
            visible_when: None,
            content: Content::Lines {
                collection: position,
                fields: grid_fields(child, collection.via),
                totals: Vec::new(),
            },
        }
    });
    std::iter::once(details).chain(grids).collect()
}

/// Fields of a child that fit into a grid: all of its own but the way back, long texts last.
fn grid_fields(child: &Object, via: FieldIndex) -> Vec<FieldIndex> {
    child
        .fields
        .iter()
        .filter(|field| field.origin != Origin::System && field.index != via)
        .filter(|field| !matches!(field.kind, FieldKind::Json | FieldKind::RichText(_) | FieldKind::Markdown(_)))
        .map(|field| field.index)
        .take(8)
        .collect()
}

/// Columns of a list without a view: the record name, the state, and five other fields by order.
pub(crate) fn default_columns(object: &Object) -> Vec<FieldIndex> {
    let state = object.state_machine.as_ref().map(|machine| machine.field);
    let others = object
        .fields
        .iter()
        .filter(|field| field.origin != Origin::System && field.index != object.record_name)
        .filter(|field| !is_bulky(field) && Some(field.index) != state)
        .map(|field| field.index);
    let name = (object.record_name != system_field::ID).then_some(object.record_name);
    let others = others.take(if state.is_some() { 5 } else { 6 });
    name.into_iter().chain(others).chain(state).collect()
}

/// Takes a whole row in a section and no column in a default list.
pub(crate) fn is_bulky(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldKind::LongText(_) | FieldKind::RichText(_) | FieldKind::Markdown(_) | FieldKind::Address | FieldKind::Json
    )
}

/// The name a person knows the record by; its short id when it has none or the name is hidden.
pub(crate) fn record_title(site: &crate::Site, object: &Object, row: &RowView, labels: &crate::Labels) -> String {
    let shown =
        crate::format::show(site.reader(), object.field(object.record_name), row.value(object.record_name), labels);
    if shown.is_empty() || object.record_name == system_field::ID { short_id(row.id) } else { shown.text }
}

/// Enough of an id to tell records apart: the random end, not the time in front.
fn short_id(id: Uuid) -> String {
    let text = id.simple().to_string();
    format!("#{}", &text[text.len() - 8..])
}
