//! Records of one object: a table on a desk, cards on a phone.

use serde::Serialize;
use trellis_access::FieldMask;
use trellis_metadata::snapshot::{Field, FieldIndex, FieldKind, Object, SortKey, View};
use trellis_metadata::value::Value;

use crate::catalogue::Message;
use crate::format::{Labels, Shown, is_numeric, show};
use crate::list_query::{ListQuery, is_searchable, is_sortable};
use crate::page::layout::{RowView, default_columns, record_title};
use crate::page::{Button, Page, Template};
use crate::site::{Crumb, Site};
use crate::tone::Tone;

/// Cells of a card on a phone, beside title and state.
const MAJOR_CELLS: usize = 5;

/// Filters offered at once.
const MAX_FILTERS: usize = 8;

/// What a list page is built from.
#[derive(Clone, Copy)]
pub struct ListInput<'a> {
    pub object: &'a Object,
    /// The view in use; `None` shows the default columns.
    pub view: Option<&'a View>,
    /// All views the actor may use.
    pub views: &'a [&'a View],
    pub readable: &'a FieldMask,
    pub query: &'a ListQuery,
    pub rows: &'a [RowView],
    pub labels: &'a Labels,
    pub next_cursor: Option<&'a str>,
    pub total: Option<u64>,
    pub can_create: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct ListPage {
    pub title: String,
    pub url: String,
    pub new: Option<Button>,
    pub tabs: Vec<Tab>,
    pub search: Option<SearchBox>,
    /// Pairs a form on the page must keep.
    pub kept: Vec<Kept>,
    pub filters: Vec<FilterControl>,
    pub chips: Vec<Chip>,
    pub clear_url: Option<String>,
    pub columns: Vec<Column>,
    pub rows: Vec<ListRow>,
    pub count: String,
    pub next_url: Option<String>,
    pub first_url: Option<String>,
    pub empty: Option<Empty>,
}

impl Template for ListPage {
    const NAME: &'static str = "list";
}

#[derive(Clone, Debug, Serialize)]
pub struct Tab {
    pub label: String,
    pub url: String,
    pub current: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct SearchBox {
    pub label: String,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct FilterControl {
    pub name: String,
    pub id: String,
    pub label: String,
    pub options: Vec<FilterOption>,
}

#[derive(Clone, Debug, Serialize)]
pub struct FilterOption {
    pub value: String,
    pub label: String,
    pub selected: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Chip {
    pub label: String,
    pub value: String,
    pub remove_url: String,
    pub remove_label: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub label: String,
    pub numeric: bool,
    pub sort: Option<SortLink>,
    /// `ascending`, `descending` or nothing.
    pub sorted: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SortLink {
    pub url: String,
    pub label: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ListRow {
    pub url: String,
    pub tone: Option<Tone>,
    pub cells: Vec<ListCell>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ListCell {
    pub label: String,
    pub shown: Shown,
    /// The cell that opens the record.
    pub opens: Option<String>,
    /// The state: on a phone it stands beside the title.
    pub state: bool,
    /// Left out on a phone.
    pub minor: bool,
}

/// Shown in place of rows.
#[derive(Clone, Debug, Serialize)]
pub struct Empty {
    pub title: String,
    pub help: String,
    pub action: Option<Button>,
}

pub fn list_page(site: &Site, input: ListInput) -> Page<ListPage> {
    let object = input.object;
    let title = object.label(site.locale);
    let crumbs = vec![site.home_crumb(), Crumb { label: title.clone(), url: None }];
    let columns = visible_columns(&input);
    let new = input.can_create.then(|| Button {
        label: site.fill(Message::NewOne, &[&site.in_sentence(&title)]),
        url: site.links().new_record(object),
    });
    let narrowed = !input.query.search.is_empty() || !input.query.filters.is_empty();
    let content = ListPage {
        url: site.links().list(object),
        tabs: tabs(site, &input),
        search: is_searchable(object, input.readable)
            .then(|| SearchBox { label: site.fill(Message::SearchIn, &[&title]), value: input.query.search.clone() }),
        kept: kept(&input),
        filters: filters(site, &input),
        chips: chips(site, &input),
        clear_url: narrowed.then(|| {
            let cleared = ListQuery { search: String::new(), filters: Vec::new(), ..input.query.clone() };
            cleared.address(object)
        }),
        columns: columns.iter().map(|field| column(site, &input, object.field(*field))).collect(),
        rows: input.rows.iter().map(|row| list_row(site, &input, &columns, row)).collect(),
        count: count(site, &input),
        next_url: input.next_cursor.map(|cursor| input.query.address_at(object, Some(cursor))),
        first_url: input.query.cursor.as_ref().map(|_| input.query.address(object)),
        empty: input.rows.is_empty().then(|| empty(site, &title, narrowed, new.clone())),
        title: title.clone(),
        new,
    };
    Page { frame: site.frame(&title, Some(object), crumbs), content }
}

fn visible_columns(input: &ListInput) -> Vec<FieldIndex> {
    let all = input.view.map_or_else(|| default_columns(input.object), |view| view.columns.clone());
    all.into_iter().filter(|field| input.readable.contains(*field)).collect()
}

fn tabs(site: &Site, input: &ListInput) -> Vec<Tab> {
    let address = |view: Option<&str>| {
        ListQuery { view: view.map(str::to_owned), search: input.query.search.clone(), ..ListQuery::default() }
            .address(input.object)
    };
    let all = whole_view(input.views).is_none().then(|| Tab {
        label: site.text(Message::AllRecords).to_owned(),
        url: address(None),
        current: input.view.is_none(),
    });
    let mut views = input.views.to_vec();
    views.sort_by_key(|view| view.filter.is_some());
    let named = views.iter().map(|view| Tab {
        label: view.label.or_name(site.locale, view.name.as_str()),
        url: address(Some(view.name.as_str())),
        current: input.view.is_some_and(|current| current.name == view.name),
    });
    let tabs: Vec<Tab> = all.into_iter().chain(named).collect();
    if tabs.len() > 1 { tabs } else { Vec::new() }
}

/// The view that leaves nothing out: what a list opens with.
fn whole_view<'v>(views: &[&'v View]) -> Option<&'v View> {
    views.iter().copied().find(|view| view.filter.is_none())
}

/// The view an address asks for; without one, or with a name that is gone, the one that shows everything.
pub fn chosen_view<'v>(views: &[&'v View], query: &ListQuery) -> Option<&'v View> {
    let named = query.view.as_deref().and_then(|name| views.iter().copied().find(|view| view.name.as_str() == name));
    named.or_else(|| whole_view(views))
}

/// What the search and filter forms must carry along.
fn kept(input: &ListInput) -> Vec<Kept> {
    let keeps = ListQuery { search: String::new(), filters: Vec::new(), ..input.query.clone() };
    keeps.pairs(input.object).into_iter().map(|(name, value)| Kept { name, value }).collect()
}

fn filters(site: &Site, input: &ListInput) -> Vec<FilterControl> {
    input
        .object
        .fields
        .iter()
        .filter(|field| input.readable.contains(field.index))
        .filter_map(|field| {
            let chosen = input.query.filters.iter().find(|(f, _)| *f == field.index).map(|(_, v)| v.to_string());
            let options = filter_options(site, field, chosen.as_deref())?;
            Some(FilterControl {
                name: format!("f.{}", field.name),
                id: format!("filter-{}", field.name),
                label: field.label(site.locale),
                options,
            })
        })
        .take(MAX_FILTERS)
        .collect()
}

fn filter_options(site: &Site, field: &Field, chosen: Option<&str>) -> Option<Vec<FilterOption>> {
    let option =
        |value: String, label: String| FilterOption { selected: chosen.unwrap_or_default() == value, value, label };
    let any = option(String::new(), site.text(Message::AnyValue).to_owned());
    let values: Vec<FilterOption> = match &field.kind {
        FieldKind::Choice(set) | FieldKind::MultiChoice(set) => {
            set.options.iter().map(|o| option(o.code.to_string(), o.label.or_name(site.locale, &o.code))).collect()
        }
        FieldKind::Boolean => vec![
            option("true".to_owned(), site.text(Message::Yes).to_owned()),
            option("false".to_owned(), site.text(Message::No).to_owned()),
        ],
        _ => return None,
    };
    Some(std::iter::once(any).chain(values).collect())
}

fn chips(site: &Site, input: &ListInput) -> Vec<Chip> {
    input
        .query
        .filters
        .iter()
        .enumerate()
        .map(|(position, (field, value))| {
            let field = input.object.field(*field);
            let label = field.label(site.locale);
            let value = match (&field.kind, value) {
                (FieldKind::MultiChoice(set), Value::Text(code)) => {
                    set.get(code).map_or_else(|| code.to_string(), |option| option.label.or_name(site.locale, code))
                }
                _ => show(site.reader(), field, value, input.labels).text,
            };
            let mut without = input.query.clone();
            without.filters.remove(position);
            Chip {
                remove_url: without.address(input.object),
                remove_label: site.fill(Message::RemoveFilter, &[&format!("{label}: {value}")]),
                label,
                value,
            }
        })
        .collect()
}

fn column(site: &Site, input: &ListInput, field: &Field) -> Column {
    let label = field.label(site.locale);
    let current = input.query.order(input.view, input.readable).first().copied().filter(|key| key.field == field.index);
    let descending = current.is_some_and(|key| !key.descending);
    let sort = is_sortable(field).then(|| {
        let key = SortKey { field: field.index, descending };
        let url = ListQuery { sort: Some(key), cursor: None, ..input.query.clone() }.address(input.object);
        let text = if descending { Message::SortDescending } else { Message::SortAscending };
        SortLink { url, label: site.fill(text, &[&label]) }
    });
    let sorted = current.map(|key| if key.descending { "descending" } else { "ascending" });
    Column { label, numeric: is_numeric(field), sort, sorted }
}

fn list_row(site: &Site, input: &ListInput, columns: &[FieldIndex], row: &RowView) -> ListRow {
    let url = site.links().record(input.object, row.id);
    let opener = if columns.contains(&input.object.record_name) {
        Some(input.object.record_name)
    } else {
        columns.first().copied()
    };
    let state = columns.iter().copied().find(|field| is_state(input.object, *field));
    let cells = columns.iter().enumerate().map(|(position, index)| {
        let opens = Some(*index) == opener;
        let mut shown = site.show(input.object, *index, row.value(*index), input.labels);
        if opens {
            shown.href = None;
            shown.picture = None;
            if shown.is_empty() {
                shown.text = record_title(site, input.object, row, input.labels);
            }
        }
        ListCell {
            label: input.object.field(*index).label(site.locale),
            shown,
            opens: opens.then(|| url.clone()),
            state: Some(*index) == state,
            minor: position > MAJOR_CELLS && Some(*index) != state,
        }
    });
    ListRow { tone: row.color.as_deref().and_then(Tone::from_word), cells: cells.collect(), url: url.clone() }
}

/// The field of the state machine; without one, any single choice.
fn is_state(object: &Object, field: FieldIndex) -> bool {
    match &object.state_machine {
        Some(machine) => machine.field == field,
        None => matches!(object.field(field).kind, FieldKind::Choice(_)),
    }
}

fn count(site: &Site, input: &ListInput) -> String {
    let shown = input.rows.len().to_string();
    match input.total {
        Some(total) => site.fill(Message::ShownOf, &[&shown, &crate::format::grouped(&total.to_string())]),
        None => site.fill(Message::ShownCount, &[&shown]),
    }
}

fn empty(site: &Site, label: &str, narrowed: bool, new: Option<Button>) -> Empty {
    if narrowed {
        return Empty {
            title: site.text(Message::NothingFound).to_owned(),
            help: site.text(Message::NothingFoundHelp).to_owned(),
            action: None,
        };
    }
    let help = if new.is_some() { Message::EmptyListHelp } else { Message::EmptyListReadOnly };
    Empty {
        title: site.fill(Message::EmptyList, &[&site.in_sentence(label)]),
        help: site.text(help).to_owned(),
        action: new,
    }
}
