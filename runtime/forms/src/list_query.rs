//! What a list address asks for: view, quick search, filters, order, place. The address holds all of the state.
//!
//! Names that the reader may not use are answered as unknown ones are: there is no such list.

use trellis_access::FieldMask;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::predicate::{Case, CompareOp, FieldPath, Operand, Predicate};
use trellis_metadata::snapshot::{Field, FieldIndex, FieldKind, Object, SortKey, View};
use trellis_metadata::value::Value;

use crate::link::query;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListQuery {
    pub view: Option<String>,
    pub search: String,
    pub sort: Option<SortKey>,
    pub filters: Vec<(FieldIndex, Value)>,
    /// Opaque; made and read by the server.
    pub cursor: Option<String>,
}

impl ListQuery {
    /// Reads `view`, `q`, `sort` (`name` or `-name`), `cursor` and `f.<field>`; `None` when something else is asked for.
    pub fn from_pairs(object: &Object, readable: &FieldMask, pairs: &[(String, String)]) -> Option<Self> {
        let field = |name: &str| object.field_by_name(name).filter(|field| readable.contains(field.index));
        let mut asked = Self::default();
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "view" => asked.view = Some(value.clone()),
                // Control characters stand in no text that is searched.
                "q" => asked.search = value.trim().chars().filter(|c| !c.is_control()).collect(),
                "cursor" => asked.cursor = Some(value.clone()),
                "sort" => {
                    let (name, descending) = value.strip_prefix('-').map_or((value.as_str(), false), |n| (n, true));
                    let field = field(name).filter(|field| is_sortable(field))?;
                    asked.sort = Some(SortKey { field: field.index, descending });
                }
                _ => {
                    let field = name.strip_prefix("f.").and_then(field)?;
                    asked.filters.push((field.index, filter_value(field, value)?));
                }
            }
        }
        Some(asked)
    }

    /// The condition of search and filters; the view's own filter is the caller's to add.
    pub fn predicate(&self, object: &Object, readable: &FieldMask) -> Predicate {
        let filters = self.filters.iter().map(|(field, value)| equals(object, *field, value));
        filters.fold(self.search_predicate(object, readable), Predicate::and)
    }

    fn search_predicate(&self, object: &Object, readable: &FieldMask) -> Predicate {
        if self.search.is_empty() {
            return Predicate::Always(true);
        }
        let pattern: std::sync::Arc<str> = format!("%{}%", self.search).into();
        search_fields(object, readable).into_iter().fold(Predicate::Always(false), |any, field| {
            any.or(Predicate::Like { left: operand(object, field), pattern: pattern.clone(), case: Case::Insensitive })
        })
    }

    /// The order asked for, else the view's, as far as the reader may see its fields.
    pub fn order(&self, view: Option<&View>, readable: &FieldMask) -> Vec<SortKey> {
        if let Some(key) = self.sort {
            return vec![key];
        }
        let keys = view.map(|view| view.sort.as_slice()).unwrap_or_default();
        keys.iter().copied().filter(|key| readable.contains(key.field)).collect()
    }

    /// The address with these facts, from the first page on.
    pub(crate) fn address(&self, object: &Object) -> String {
        self.address_at(object, None)
    }

    pub(crate) fn address_at(&self, object: &Object, cursor: Option<&str>) -> String {
        let mut pairs = self.pairs(object);
        pairs.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.to_owned())));
        if pairs.is_empty() { "?".to_owned() } else { query(&pairs) }
    }

    pub(crate) fn pairs(&self, object: &Object) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.view.iter().map(|view| ("view".to_owned(), view.clone())));
        if !self.search.is_empty() {
            pairs.push(("q".to_owned(), self.search.clone()));
        }
        for (field, value) in &self.filters {
            pairs.push((format!("f.{}", object.field(*field).name), value.to_string()));
        }
        pairs.extend(self.sort.map(|key| ("sort".to_owned(), sort_text(object, key))));
        pairs
    }
}

fn sort_text(object: &Object, key: SortKey) -> String {
    format!("{}{}", if key.descending { "-" } else { "" }, object.field(key.field).name)
}

/// May a list be ordered by it.
pub(crate) fn is_sortable(field: &Field) -> bool {
    field.column != ColumnKind::Json && field.kind.relation().is_none()
}

/// Fields the quick search looks into: the declared ones, else the record name.
fn search_fields(object: &Object, readable: &FieldMask) -> Vec<FieldIndex> {
    let declared = if object.search.is_empty() { std::slice::from_ref(&object.record_name) } else { &object.search };
    declared
        .iter()
        .copied()
        .filter(|field| readable.contains(*field) && object.field(*field).column == ColumnKind::Text)
        .collect()
}

/// Has the list anything to search in.
pub(crate) fn is_searchable(object: &Object, readable: &FieldMask) -> bool {
    !search_fields(object, readable).is_empty()
}

fn filter_value(field: &Field, text: &str) -> Option<Value> {
    match &field.kind {
        FieldKind::Choice(set) | FieldKind::MultiChoice(set) => set.get(text).map(|_| Value::text(text)),
        FieldKind::Boolean => text.parse().ok().map(Value::Boolean),
        kind if kind.relation().is_some() => text.parse().ok().map(Value::Id),
        _ => None,
    }
}

fn equals(object: &Object, field: FieldIndex, value: &Value) -> Predicate {
    let left = operand(object, field);
    match (&object.field(field).kind, value) {
        (FieldKind::MultiChoice(_), Value::Text(code)) => Predicate::Contains { left, codes: vec![code.clone()] },
        _ => Predicate::Compare { left, op: CompareOp::Eq, right: Operand::Value(value.clone()) },
    }
}

fn operand(object: &Object, field: FieldIndex) -> Operand {
    Operand::Field(FieldPath { object: object.index, steps: vec![field] })
}
