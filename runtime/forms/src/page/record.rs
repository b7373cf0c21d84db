//! One record to read: its state, its fields, its lines, what points at it, what happened to it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use trellis_access::FieldMask;
use trellis_metadata::expression::Expression;
use trellis_metadata::snapshot::{
    FieldIndex, Form, FormAction, Object, Origin, StateMachine, Transition, system_field,
};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::catalogue::Message;
use crate::format::{Badge, Labels, Shown, instant_text, is_numeric, show, show_formatted};
use crate::page::layout::{ChildRows, Content, RowView, Section, default_columns, is_bulky, record_title, sections};
use crate::page::list::ListCell;
use crate::page::{Button, Page, Template};
use crate::site::{Crumb, Site};
use crate::state_path::{StateStep, is_negative, state_path};
use crate::tone::Tone;

/// Transitions shown as buttons; a phone shows the first alone.
const INLINE_TRANSITIONS: usize = 3;

/// What a record page is built from.
#[derive(Clone, Copy)]
pub struct RecordInput<'a> {
    pub object: &'a Object,
    pub form: Option<&'a Form>,
    pub row: &'a RowView,
    pub version: i64,
    pub readable: &'a FieldMask,
    /// One entry per collection the caller may read.
    pub children: &'a [ChildRows],
    pub labels: &'a Labels,
    /// Transitions the actor may take now.
    pub transitions: &'a [&'a Transition],
    pub can_edit: bool,
    pub can_delete: bool,
    /// Newest first.
    pub history: &'a [HistoryEntry],
    /// Decides the form's conditions for this record and actor.
    pub conditions: &'a dyn Fn(&Expression) -> bool,
}

/// One change of the record.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    pub at: DateTime<Utc>,
    /// `None` when the runtime did it by itself.
    pub who: Option<Uuid>,
    pub kind: Happened,
    /// The version it left behind.
    pub version: i64,
    /// Field, before, after: readable ones only.
    pub changes: Vec<(FieldIndex, Value, Value)>,
}

/// What became of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    Created,
    Updated,
    Deleted,
    /// Out of the recycle bin.
    Restored,
}

#[derive(Clone, Debug, Serialize)]
pub struct RecordPage {
    pub title: String,
    pub object_label: String,
    pub state: Option<Shown>,
    pub path: Vec<StateStep>,
    pub edit: Option<Button>,
    pub delete_url: Option<String>,
    pub print: bool,
    pub transitions: Vec<TransitionButton>,
    pub transition_url: String,
    pub csrf: String,
    pub version: String,
    pub sections: Vec<RecordSection>,
    pub related: Vec<Related>,
    pub facts: Vec<Fact>,
    pub history: Vec<HistoryItem>,
    pub show_history: bool,
}

impl Template for RecordPage {
    const NAME: &'static str = "record";
}

#[derive(Clone, Debug, Serialize)]
pub struct TransitionButton {
    pub name: String,
    pub label: String,
    pub primary: bool,
    pub danger: bool,
    /// Beside the primary one on a desk; the others are in the menu.
    pub inline: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct RecordSection {
    pub id: String,
    pub label: String,
    pub columns: String,
    pub fields: Vec<Fact>,
    pub grid: Option<Grid>,
}

/// A label and its value.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    pub label: String,
    pub shown: Shown,
    pub wide: bool,
}

/// Lines of a record, to read.
#[derive(Clone, Debug, Serialize)]
pub struct Grid {
    pub caption: String,
    pub columns: Vec<GridColumn>,
    pub rows: Vec<GridRow>,
    pub totals: Vec<GridTotal>,
    pub has_totals: bool,
    pub more_url: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct GridColumn {
    pub label: String,
    pub numeric: bool,
    /// To be filled in in every row.
    pub required: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct GridRow {
    pub cells: Vec<ListCell>,
}

/// The foot of one column: its sum, or nothing.
#[derive(Clone, Debug, Serialize)]
pub struct GridTotal {
    pub label: String,
    pub text: String,
}

/// Records that point at this one.
#[derive(Clone, Debug, Serialize)]
pub struct Related {
    pub id: String,
    pub label: String,
    pub grid: Grid,
    pub new: Option<Button>,
}

#[derive(Clone, Debug, Serialize)]
pub struct HistoryItem {
    pub text: String,
    pub at: String,
    pub datetime: String,
    pub changes: Vec<HistoryChange>,
    /// Where the values of this version are given back.
    pub revert_url: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct HistoryChange {
    pub label: String,
    pub before: Shown,
    pub after: Shown,
}

pub fn record_page(site: &Site, input: RecordInput) -> Page<RecordPage> {
    let object = input.object;
    let title = record_title(site, object, input.row, input.labels);
    let crumbs = vec![site.home_crumb(), site.object_crumb(object), Crumb { label: title.clone(), url: None }];
    let links = site.links();
    let laid_out = sections(site.snapshot, object, input.form, site.locale);
    let in_grids: Vec<usize> = laid_out.iter().filter_map(lines_collection).collect();
    let machine = object.state_machine.as_ref().filter(|machine| input.readable.contains(machine.field));
    let path = machine.map(|machine| path(site, &input, machine)).unwrap_or_default();
    let content = RecordPage {
        object_label: object.label(site.locale),
        state: machine.map(|machine| state_badge(site, &input, machine)),
        edit: input
            .can_edit
            .then(|| Button { label: site.text(Message::Edit).to_owned(), url: links.edit(object, input.row.id) }),
        delete_url: input.can_delete.then(|| links.delete(object, input.row.id)),
        print: input.form.is_none_or(|form| form.actions.contains(&FormAction::Print)),
        transitions: transition_buttons(site, &input, &path),
        path,
        transition_url: links.transition(object, input.row.id),
        csrf: site.csrf.to_owned(),
        version: input.version.to_string(),
        sections: laid_out.iter().enumerate().filter_map(|(n, s)| record_section(site, &input, n, s)).collect(),
        related: related(site, &input, &in_grids),
        facts: facts(site, &input),
        history: input.history.iter().enumerate().map(|(at, entry)| history_item(site, &input, at, entry)).collect(),
        show_history: object.history,
        title: title.clone(),
    };
    Page { frame: site.frame(&title, Some(object), crumbs), content }
}

/// The state beside the title, always as a badge.
fn state_badge(site: &Site, input: &RecordInput, machine: &StateMachine) -> Shown {
    let mut shown = site.show(input.object, machine.field, input.row.value(machine.field), input.labels);
    if shown.badges.is_empty() && !shown.is_empty() {
        shown.badges.push(Badge { text: shown.text.clone(), tone: Tone::Neutral });
    }
    shown
}

fn lines_collection(section: &Section) -> Option<usize> {
    match &section.content {
        Content::Lines { collection, .. } => Some(*collection),
        Content::Fields(_) => None,
    }
}

fn path(site: &Site, input: &RecordInput, machine: &StateMachine) -> Vec<StateStep> {
    let field = input.object.field(machine.field);
    let current = input.row.value(machine.field).as_text().unwrap_or_default();
    field.kind.options().map(|options| state_path(machine, options, current, site.locale)).unwrap_or_default()
}

/// Buttons the form names, of those the actor may press; all of them without a form.
fn transition_buttons(site: &Site, input: &RecordInput, path: &[StateStep]) -> Vec<TransitionButton> {
    let named = |transition: &Transition| match input.form {
        Some(form) if !form.actions.is_empty() => form.actions.iter().any(|action| match action {
            FormAction::AllTransitions => true,
            FormAction::Transition(name) => *name == transition.name,
            _ => false,
        }),
        _ => true,
    };
    let next = path.iter().skip_while(|step| !step.current).nth(1).map(|step| step.state.as_str());
    let offered: Vec<&Transition> = input.transitions.iter().copied().filter(|transition| named(transition)).collect();
    let ahead = offered.iter().position(|transition| Some(&*transition.to) == next);
    let primary = ahead.or_else(|| offered.iter().position(|transition| !is_negative(&transition.to)));
    let mut buttons: Vec<TransitionButton> = offered
        .iter()
        .enumerate()
        .map(|(position, transition)| TransitionButton {
            name: transition.name.to_string(),
            label: transition.label.or_name(site.locale, transition.name.as_str()),
            primary: Some(position) == primary,
            danger: is_negative(&transition.to),
            inline: false,
        })
        .collect();
    buttons.sort_by_key(|button| (!button.primary, button.danger));
    buttons.iter_mut().take(INLINE_TRANSITIONS).for_each(|button| button.inline = true);
    buttons
}

fn record_section(site: &Site, input: &RecordInput, number: usize, section: &Section) -> Option<RecordSection> {
    if section.visible_when.is_some_and(|condition| !(input.conditions)(condition)) {
        return None;
    }
    let mut shown = RecordSection {
        id: format!("section-{}", number + 1),
        label: section.label.clone(),
        columns: section.columns.to_string(),
        fields: Vec::new(),
        grid: None,
    };
    match &section.content {
        Content::Fields(places) => {
            shown.fields = places
                .iter()
                .filter(|place| input.readable.contains(place.field))
                .filter(|place| place.visible_when.is_none_or(|condition| (input.conditions)(condition)))
                .map(|place| fact(site, input, place.field))
                .collect();
            (!shown.fields.is_empty()).then_some(shown)
        }
        Content::Lines { collection, fields, totals } => {
            let rows = input.children.iter().find(|children| children.collection == *collection)?;
            shown.grid = Some(grid(site, input, rows, fields, totals, &section.label));
            Some(shown)
        }
    }
}

fn fact(site: &Site, input: &RecordInput, field: FieldIndex) -> Fact {
    let definition = input.object.field(field);
    let value = input.row.value(field);
    let shown = show_formatted(definition, value, site.show(input.object, field, value, input.labels));
    Fact { label: definition.label(site.locale), shown: Shown { numeric: false, ..shown }, wide: is_bulky(definition) }
}

fn grid(
    site: &Site,
    input: &RecordInput,
    children: &ChildRows,
    fields: &[FieldIndex],
    totals: &[FieldIndex],
    caption: &str,
) -> Grid {
    let collection = &input.object.collections[children.collection];
    let child = site.snapshot.object(collection.object);
    let fields: Vec<FieldIndex> = fields.iter().copied().filter(|field| children.readable.contains(*field)).collect();
    let opener = fields.iter().copied().find(|field| *field == child.record_name);
    let row = |row: &RowView| GridRow {
        cells: fields
            .iter()
            .map(|field| ListCell {
                label: child.field(*field).label(site.locale),
                shown: site.show(child, *field, row.value(*field), input.labels),
                opens: (Some(*field) == opener && site.may_read(child.index))
                    .then(|| site.links().record(child, row.id)),
                state: false,
                minor: false,
            })
            .collect(),
    };
    let has_totals = !children.rows.is_empty() && totals.iter().any(|total| fields.contains(total)) && !children.more;
    Grid {
        caption: caption.to_owned(),
        columns: fields
            .iter()
            .map(|field| child.field(*field))
            .map(|field| GridColumn { label: field.label(site.locale), numeric: is_numeric(field), required: false })
            .collect(),
        rows: children.rows.iter().map(row).collect(),
        totals: fields
            .iter()
            .map(|field| GridTotal {
                label: child.field(*field).label(site.locale),
                text: if has_totals && totals.contains(field) {
                    show(site.reader(), child.field(*field), &sum(children, *field), input.labels).text
                } else {
                    String::new()
                },
            })
            .collect(),
        has_totals,
        more_url: children.more.then(|| related_url(site, child, collection.via, input.row.id)),
    }
}

/// The exact sum of one column.
pub(crate) fn sum(children: &ChildRows, field: FieldIndex) -> Value {
    let mut numbers = children.rows.iter().filter_map(|row| row.value(field).as_decimal());
    let total = numbers.try_fold(rust_decimal::Decimal::ZERO, rust_decimal::Decimal::checked_add);
    total.map_or(Value::Null, Value::Decimal)
}

fn related_url(site: &Site, child: &Object, via: FieldIndex, id: Uuid) -> String {
    let pair = (format!("f.{}", child.field(via).name), id.to_string());
    format!("{}{}", site.links().list(child), crate::link::query(&[pair]))
}

fn related(site: &Site, input: &RecordInput, in_grids: &[usize]) -> Vec<Related> {
    input
        .children
        .iter()
        .filter(|children| !in_grids.contains(&children.collection))
        .map(|children| {
            let collection = &input.object.collections[children.collection];
            let child = site.snapshot.object(collection.object);
            let name = child.label(site.locale);
            let label = collection_label(site, input.object, children.collection);
            let fields: Vec<FieldIndex> =
                default_columns(child).into_iter().filter(|field| *field != collection.via).take(5).collect();
            let filled = (child.field(collection.via).name.to_string(), input.row.id.to_string());
            Related {
                id: format!("related-{}", collection.name),
                grid: grid(site, input, children, &fields, &[], &label),
                new: children.can_create.then(|| Button {
                    label: site.fill(Message::NewOne, &[&site.in_sentence(&name)]),
                    url: format!("{}{}", site.links().new_record(child), crate::link::query(&[filled])),
                }),
                label,
            }
        })
        .collect()
}

/// What the children are called; where their object comes twice, or is the parent's own, also by which field they come.
fn collection_label(site: &Site, object: &Object, position: usize) -> String {
    let collection = &object.collections[position];
    let child = site.snapshot.object(collection.object);
    let name = child.label(site.locale);
    let alike = object.collections.iter().filter(|other| other.object == collection.object).count();
    if alike == 1 && child.index != object.index {
        return name;
    }
    format!("{name} ({})", child.field(collection.via).label(site.locale))
}

/// Who made it, who owns it: the system fields worth reading.
fn facts(site: &Site, input: &RecordInput) -> Vec<Fact> {
    let stamped = |label: Message, at: FieldIndex, by: FieldIndex| {
        let at = show(site.reader(), input.object.field(at), input.row.value(at), input.labels);
        let by = match input.row.value(by) {
            Value::Id(id) if id.is_nil() => site.text(Message::SystemActor).to_owned(),
            by_id => show(site.reader(), input.object.field(by), by_id, input.labels).text,
        };
        let text = match (at.is_empty(), by.is_empty()) {
            (true, _) => return None,
            (false, true) => at.text,
            (false, false) => site.fill(Message::By, &[&at.text, &by]),
        };
        Some(Fact {
            label: site.text(label).to_owned(),
            shown: Shown { datetime: at.datetime, ..Shown::plain(text) },
            wide: false,
        })
    };
    let owner = (!input.row.value(system_field::OWNER_ID).is_null()).then(|| Fact {
        label: site.text(Message::Owner).to_owned(),
        shown: site.show(input.object, system_field::OWNER_ID, input.row.value(system_field::OWNER_ID), input.labels),
        wide: false,
    });
    owner
        .into_iter()
        .chain(stamped(Message::Created, system_field::CREATED_AT, system_field::CREATED_BY))
        .chain(stamped(Message::Updated, system_field::UPDATED_AT, system_field::UPDATED_BY))
        .collect()
}

/// The newest version is what the record is: there is nothing to give back.
fn history_item(site: &Site, input: &RecordInput, at: usize, entry: &HistoryEntry) -> HistoryItem {
    let can_revert = input.can_edit && at > 0 && entry.kind != Happened::Deleted;
    let who = match entry.who.filter(|id| !id.is_nil()) {
        Some(id) => input.labels.get(&id).map_or(site.text(Message::Unknown), String::as_str),
        None => site.text(Message::SystemActor),
    };
    let text = match entry.kind {
        Happened::Created => Message::HistoryCreated,
        Happened::Updated => Message::HistoryUpdated,
        Happened::Deleted => Message::HistoryDeleted,
        Happened::Restored => Message::HistoryRestored,
    };
    let changes = entry
        .changes
        .iter()
        .filter(|(field, ..)| input.readable.contains(*field) && input.object.field(*field).origin != Origin::System);
    HistoryItem {
        text: site.fill(text, &[who]),
        at: instant_text(site.reader(), entry.at),
        datetime: entry.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        revert_url: can_revert.then(|| site.links().revert(input.object, input.row.id, entry.version)),
        changes: changes
            .map(|(field, before, after)| HistoryChange {
                label: input.object.field(*field).label(site.locale),
                before: show(site.reader(), input.object.field(*field), before, input.labels),
                after: show(site.reader(), input.object.field(*field), after, input.labels),
            })
            .collect(),
    }
}
