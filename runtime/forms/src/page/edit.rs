//! A record to fill in: create and edit, with line items, all without script.
//!
//! A refused form comes back with what was typed; a grid shows the rows there are and blank ones to fill.

use serde::Serialize;
use trellis_access::FieldMask;
use trellis_metadata::expression::Expression;
use trellis_metadata::snapshot::{Field, FieldIndex, Form, Object, Origin, SectionContent, Transition};
use trellis_metadata::value::Value;

use crate::catalogue::Message;
use crate::control::{Control, ControlSource, Lookups};
use crate::format::{Labels, Shown, is_numeric, show};
use crate::input::{FormAction, FormInput, MAX_ROWS, ROWS_PER_ADD, cell_name, field_name};
use crate::page::layout::{ChildRows, Content, Place, RowView, Section, is_bulky, record_title, sections};
use crate::page::record::{GridColumn, sum};
use crate::page::{Page, Template};
use crate::problem::FieldProblem;
use crate::site::{Crumb, Site};

/// Blank rows a grid starts with.
const BLANK_ROWS: usize = 3;

/// Stands for the row number in the row that the enhancer copies.
const PATTERN_ROW: &str = "__n__";

/// What an edit page is built from.
#[derive(Clone, Copy)]
pub struct EditInput<'a> {
    pub object: &'a Object,
    pub form: Option<&'a Form>,
    /// Stored record and its version; `None` creates.
    pub record: Option<(&'a RowView, i64)>,
    /// On create: values already known, such as defaults or the parent the form was opened from.
    pub preset: &'a RowView,
    pub readable: &'a FieldMask,
    /// What the caller may set, by create or update as the case is.
    pub writable: &'a FieldMask,
    pub children: &'a [ChildRows],
    pub labels: &'a Labels,
    pub lookups: &'a Lookups,
    /// The submitted form when it is shown again.
    pub input: Option<&'a FormInput>,
    pub problems: &'a [FieldProblem],
    /// Instead of the whole form: what a transition needs.
    pub transition: Option<TransitionForm<'a>>,
    /// Decides the form's conditions for the record as it is being made.
    pub conditions: &'a dyn Fn(&Expression) -> bool,
}

/// A transition that was refused for what some fields hold: these fields, and its button to send them.
#[derive(Clone, Copy, Debug)]
pub struct TransitionForm<'a> {
    pub transition: &'a Transition,
    pub fields: &'a [FieldIndex],
}

impl TransitionForm<'_> {
    fn label(&self, site: &Site) -> String {
        self.transition.label.or_name(site.locale, self.transition.name.as_str())
    }

    /// One section, whatever the forms of the object show and hide.
    fn sections(&self) -> Vec<Section<'static>> {
        let places = self.fields.iter().map(|field| Place::plain(*field)).collect();
        vec![Section { label: String::new(), columns: 1, visible_when: None, content: Content::Fields(places) }]
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct EditPage {
    pub title: String,
    pub object_label: String,
    pub action: String,
    pub cancel_url: String,
    pub csrf: String,
    pub version: Option<String>,
    /// The button that sends the form.
    pub submit: String,
    pub submit_label: String,
    pub problems: Vec<ProblemLink>,
    pub sections: Vec<EditSection>,
    /// The form has conditions: the fields shown may change with what is typed.
    pub conditional: bool,
    pub any_required: bool,
    /// Files may be chosen.
    pub sends_files: bool,
}

impl Template for EditPage {
    const NAME: &'static str = "edit";
}

#[derive(Clone, Debug, Serialize)]
pub struct ProblemLink {
    pub href: String,
    pub message: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct EditSection {
    pub id: String,
    pub label: String,
    pub columns: String,
    pub controls: Vec<Control>,
    pub grid: Option<EditGrid>,
}

/// Lines of a record, to fill in.
#[derive(Clone, Debug, Serialize)]
pub struct EditGrid {
    pub collection: String,
    pub caption: String,
    pub columns: Vec<GridColumn>,
    pub rows: Vec<EditRow>,
    /// A blank row with [`PATTERN_ROW`] for its number.
    pub pattern: Option<EditRow>,
    pub can_delete: bool,
    pub totals: Vec<EditTotal>,
    pub has_totals: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct EditRow {
    pub title: String,
    pub id_name: String,
    /// Empty in a new row.
    pub id: String,
    pub delete_name: String,
    pub delete_id: String,
    pub deleted: bool,
    pub remove_label: String,
    pub can_delete: bool,
    pub cells: Vec<EditCell>,
}

#[derive(Clone, Debug, Serialize)]
pub struct EditCell {
    pub column: String,
    pub control: Control,
}

#[derive(Clone, Debug, Serialize)]
pub struct EditTotal {
    pub label: String,
    pub field: String,
    pub text: String,
    pub shown: bool,
}

pub fn edit_page(site: &Site, input: EditInput) -> Page<EditPage> {
    let object = input.object;
    let links = site.links();
    let label = object.label(site.locale);
    let (title, action, cancel_url) = match input.record {
        Some((row, _)) if let Some(form) = input.transition => {
            let name = record_title(site, object, row, input.labels);
            let title = site.fill(Message::About, &[&form.label(site), &name]);
            (title, links.transition(object, row.id), links.record(object, row.id))
        }
        Some((row, _)) => {
            let name = record_title(site, object, row, input.labels);
            (site.fill(Message::EditOne, &[&name]), links.record(object, row.id), links.record(object, row.id))
        }
        None => (site.fill(Message::NewOne, &[&site.in_sentence(&label)]), links.list(object), links.list(object)),
    };
    let mut crumbs = vec![site.home_crumb(), site.object_crumb(object)];
    if let Some((row, _)) = input.record {
        let name = record_title(site, object, row, input.labels);
        crumbs.push(Crumb { label: name, url: Some(links.record(object, row.id)) });
    }
    crumbs.push(Crumb {
        label: match input.transition {
            Some(form) => form.label(site),
            None => site.text(if input.record.is_some() { Message::Edit } else { Message::New }).to_owned(),
        },
        url: None,
    });
    let laid_out = match input.transition {
        Some(form) => form.sections(),
        None => sections(site.snapshot, object, input.form, site.locale),
    };
    let (submit, submit_label) = match input.transition {
        Some(form) => (format!("transition:{}", form.transition.name), form.label(site)),
        None => ("save".to_owned(), site.text(Message::Save).to_owned()),
    };
    let shown: Vec<EditSection> = laid_out
        .iter()
        .enumerate()
        .filter_map(|(number, section)| edit_section(site, &input, number, section))
        .collect();
    let content = EditPage {
        title: title.clone(),
        object_label: label,
        action,
        cancel_url,
        csrf: site.csrf.to_owned(),
        version: input.record.map(|(_, version)| version.to_string()),
        submit,
        submit_label,
        problems: problem_links(site, &input, &shown),
        conditional: laid_out.iter().any(is_conditional),
        any_required: shown.iter().flat_map(|section| &section.controls).any(|control| control.required),
        sends_files: shown.iter().any(sends_files),
        sections: shown,
    };
    Page { frame: site.frame(&title, Some(object), crumbs), content }
}

fn sends_files(section: &EditSection) -> bool {
    let rows = section.grid.iter().flat_map(|grid| grid.rows.iter().chain(&grid.pattern));
    let cells = rows.flat_map(|row| &row.cells).map(|cell| &cell.control);
    section.controls.iter().chain(cells).any(|control| control.file.is_some())
}

fn is_conditional(section: &Section) -> bool {
    let place =
        |place: &Place| place.visible_when.is_some() || place.required_when.is_some() || place.readonly_when.is_some();
    let fields = match &section.content {
        Content::Fields(places) => places.iter().any(place),
        Content::Lines { .. } => false,
    };
    section.visible_when.is_some() || fields
}

/// Links to the controls that are on the page; problems of others stay readable as they are.
fn problem_links(site: &Site, input: &EditInput, sections: &[EditSection]) -> Vec<ProblemLink> {
    let shown: Vec<&Control> = sections
        .iter()
        .flat_map(|section| {
            let cells = section.grid.iter().flat_map(|grid| &grid.rows).flat_map(|row| &row.cells);
            section.controls.iter().chain(cells.map(|cell| &cell.control))
        })
        .collect();
    let mut found: Vec<(Option<usize>, &FieldProblem)> = input
        .problems
        .iter()
        .map(|problem| (shown.iter().position(|control| control.name == problem.name), problem))
        .collect();
    // In the order of the page; what is about the record as a whole comes first.
    found.sort_by_key(|(place, _)| *place);
    found
        .into_iter()
        .map(|(place, problem)| ProblemLink {
            href: place.map_or_else(|| "#main".to_owned(), |place| focus_target(shown[place])),
            message: in_row(site, problem),
        })
        .collect()
}

/// The message, with the row it is about when it is about one.
fn in_row(site: &Site, problem: &FieldProblem) -> String {
    let row = problem.name.strip_prefix("c.").and_then(|rest| rest.split('.').nth(1)?.parse::<usize>().ok());
    match row {
        Some(row) => site.fill(Message::InRow, &[&row.saturating_add(1).to_string(), &problem.message]),
        None => problem.message.clone(),
    }
}

/// Groups cannot take focus: their first option does.
fn focus_target(control: &Control) -> String {
    let grouped = matches!(control.partial, "control_radios" | "control_checkboxes");
    match control.options.first().filter(|_| grouped) {
        Some(option) => format!("#{}", option.id),
        None => format!("#{}", control.id),
    }
}

fn edit_section(site: &Site, input: &EditInput, number: usize, section: &Section) -> Option<EditSection> {
    if section.visible_when.is_some_and(|condition| !(input.conditions)(condition)) {
        return None;
    }
    let mut shown = EditSection {
        id: format!("section-{}", number + 1),
        label: section.label.clone(),
        columns: section.columns.to_string(),
        controls: Vec::new(),
        grid: None,
    };
    match &section.content {
        Content::Fields(places) => {
            shown.controls = places.iter().filter_map(|place| control(site, input, place)).collect();
            (!shown.controls.is_empty()).then_some(shown)
        }
        Content::Lines { collection, fields, totals } => {
            let children = input.children.iter().find(|children| children.collection == *collection)?;
            shown.grid = Some(grid(site, input, children, fields, totals, &section.label));
            Some(shown)
        }
    }
}

fn control(site: &Site, input: &EditInput, place: &Place) -> Option<Control> {
    let field = input.object.field(place.field);
    let readable = input.readable.contains(place.field);
    if place.visible_when.is_some_and(|condition| !(input.conditions)(condition)) {
        return None;
    }
    let row = input.record.map_or(input.preset, |(row, _)| row);
    let name = field_name(field.name.as_str());
    let error = problem(input, &name);
    let holds = |condition: Option<&Expression>| condition.is_some_and(|condition| (input.conditions)(condition));
    let source = ControlSource {
        site,
        field,
        value: row.value(place.field),
        labels: input.labels,
        lookups: input.lookups,
        input: input.input,
        error,
        required: field.required || holds(place.required_when),
        row: None,
    };
    let stored = input.record.map(|(row, _)| row);
    let editable =
        input.writable.contains(place.field) && may_edit(input.object, field, stored) && !holds(place.readonly_when);
    let mut control = if editable {
        Control::editable(name, source)
    } else {
        // Nothing to show yet: what the runtime fills in appears after the first save.
        if !readable || (input.record.is_none() && source.value.is_null()) {
            return None;
        }
        let shown = site.show(input.object, place.field, source.value, input.labels);
        Control::read_only(name, source, Shown { numeric: false, ..shown })
    };
    control.wide |= is_bulky(field);
    Some(control)
}

/// By the nature of the field: not computed, not fixed at create, not led by the state machine.
pub fn may_edit(object: &Object, field: &Field, stored: Option<&RowView>) -> bool {
    let state = object.state_machine.as_ref().is_some_and(|machine| machine.field == field.index);
    field.writable() && !state && !(field.immutable && stored.is_some())
}

/// Fields that this form shows for filling in and requires under its conditions.
pub fn required_by_form(
    object: &Object,
    form: &Form,
    stored: Option<&RowView>,
    holds: &dyn Fn(&Expression) -> bool,
) -> Vec<FieldIndex> {
    let holds = |condition: Option<&Expression>| condition.is_some_and(holds);
    let shown = |condition: Option<&Expression>| condition.is_none() || holds(condition);
    let mut required = Vec::new();
    for section in form.sections.iter().filter(|section| shown(section.visible_when.as_ref())) {
        let SectionContent::Fields(places) = &section.content else { continue };
        let open = places.iter().filter(|place| {
            shown(place.visible_when.as_ref())
                && !holds(place.readonly_when.as_ref())
                && may_edit(object, object.field(place.field), stored)
        });
        required.extend(open.filter(|place| holds(place.required_when.as_ref())).map(|place| place.field));
    }
    required
}

fn problem<'a>(input: &EditInput<'a>, name: &str) -> Option<&'a str> {
    input.problems.iter().find(|problem| problem.name == name).map(|problem| problem.message.as_str())
}

/// One grid with all that its rows need.
struct GridSource<'a> {
    site: &'a Site<'a>,
    input: &'a EditInput<'a>,
    child: &'a Object,
    children: &'a ChildRows,
    collection: &'a str,
    fields: Vec<FieldIndex>,
}

fn grid(
    site: &Site,
    input: &EditInput,
    children: &ChildRows,
    fields: &[FieldIndex],
    totals: &[FieldIndex],
    caption: &str,
) -> EditGrid {
    let collection = &input.object.collections[children.collection];
    let source = GridSource {
        site,
        input,
        child: site.snapshot.object(collection.object),
        children,
        collection: collection.name.as_str(),
        fields: fields.iter().copied().filter(|field| children.readable.contains(*field)).collect(),
    };
    let has_totals = totals.iter().any(|total| source.fields.contains(total));
    EditGrid {
        collection: source.collection.to_owned(),
        caption: caption.to_owned(),
        columns: source.columns(),
        rows: source.rows(),
        pattern: children.can_create.then(|| source.row(PATTERN_ROW, None, None)),
        can_delete: children.can_delete || children.can_create,
        totals: source.totals(totals),
        has_totals,
    }
}

impl GridSource<'_> {
    fn columns(&self) -> Vec<GridColumn> {
        let column = |field: &Field| GridColumn {
            label: field.label(self.site.locale),
            numeric: is_numeric(field),
            required: self.is_required(field),
        };
        self.fields.iter().map(|field| column(self.child.field(*field))).collect()
    }

    /// Must a person fill it in: what has a default may stay blank in a new row.
    fn is_required(&self, field: &Field) -> bool {
        field.required && field.default.is_none() && field.writable() && self.children.writable.contains(field.index)
    }

    fn rows(&self) -> Vec<EditRow> {
        let stored = || self.children.rows.iter().enumerate();
        let mut rows: Vec<EditRow> = self.input.input.map_or_else(
            || stored().map(|(number, row)| self.row(&number.to_string(), Some(row), None)).collect(),
            |input| self.submitted_rows(input),
        );
        let first_free = match self.input.input {
            Some(input) => input.rows(self.collection).last().map_or(0, |last| last.saturating_add(1)),
            None => rows.len(),
        };
        let blanks = self.blanks(rows.len()).min(MAX_ROWS.saturating_sub(rows.len()));
        rows.extend((0..blanks).map(|n| self.row(&first_free.saturating_add(n).to_string(), None, None)));
        rows
    }

    /// Rows as they were sent; values the form does not carry come from the stored row of the same id.
    fn submitted_rows(&self, input: &FormInput) -> Vec<EditRow> {
        let numbers = input.rows(self.collection);
        let rows = numbers.into_iter().take(MAX_ROWS).map(|number| {
            let number = number.to_string();
            let id = input.get(&cell_name(self.collection, &number, "_id")).unwrap_or_default();
            let stored = self.children.rows.iter().find(|row| row.id.to_string() == id);
            self.row(&number, stored, Some(input))
        });
        rows.collect()
    }

    fn blanks(&self, shown: usize) -> usize {
        if !self.children.can_create {
            return 0;
        }
        match self.input.input.map(FormInput::action) {
            Some(FormAction::AddRows(collection)) if collection == self.collection => ROWS_PER_ADD,
            Some(_) => 0,
            None if shown == 0 => BLANK_ROWS,
            None => 1,
        }
    }

    fn row(&self, number: &str, stored: Option<&RowView>, input: Option<&FormInput>) -> EditRow {
        let name = |part: &str| cell_name(self.collection, number, part);
        let shown_number =
            number.parse::<usize>().map_or_else(|_| number.to_owned(), |n| n.saturating_add(1).to_string());
        let blank = RowView::default();
        let cells = self.fields.iter().map(|field| {
            let definition = self.child.field(*field);
            EditCell {
                column: definition.label(self.site.locale),
                control: self.cell(
                    definition,
                    &shown_number,
                    name(definition.name.as_str()),
                    stored.unwrap_or(&blank),
                    input,
                ),
            }
        });
        let delete_name = name("_delete");
        EditRow {
            title: self.site.fill(Message::RowNumber, &[&shown_number]),
            id_name: name("_id"),
            id: stored.map(|row| row.id.to_string()).unwrap_or_default(),
            delete_id: crate::input::control_id(&delete_name),
            deleted: input.is_some_and(|input| input.get(&delete_name).is_some_and(|value| value == "true")),
            delete_name,
            remove_label: self.site.fill(Message::RemoveRowNumber, &[&shown_number]),
            can_delete: if stored.is_some() { self.children.can_delete } else { self.children.can_create },
            cells: cells.collect(),
        }
    }

    fn cell(&self, field: &Field, number: &str, name: String, row: &RowView, input: Option<&FormInput>) -> Control {
        let error = problem(self.input, &name);
        let source = ControlSource {
            site: self.site,
            field,
            value: row.value(field.index),
            labels: self.input.labels,
            lookups: self.input.lookups,
            input,
            error,
            required: self.is_required(field),
            row: Some(number),
        };
        let fixed = field.immutable && !row.id.is_nil();
        if self.children.writable.contains(field.index) && field.origin == Origin::User && !fixed {
            Control::editable(name, source)
        } else {
            let shown = self.site.show(self.child, field.index, source.value, self.input.labels);
            Control::read_only(name, source, shown)
        }
    }

    fn totals(&self, totals: &[FieldIndex]) -> Vec<EditTotal> {
        let total = |field: &FieldIndex| {
            let definition = self.child.field(*field);
            let shown = totals.contains(field);
            let sum = if shown && !self.children.rows.is_empty() { sum(self.children, *field) } else { Value::Null };
            EditTotal {
                label: definition.label(self.site.locale),
                field: definition.name.to_string(),
                text: show(self.site.reader(), definition, &sum, self.input.labels).text,
                shown,
            }
        };
        self.fields.iter().map(total).collect()
    }
}
