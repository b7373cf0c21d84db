//! The pairs of a submitted form, by name: what the user typed, kept as typed, so that a refused form comes back
//! unchanged.
//!
//! Names: `f.<field>`, `c.<collection>.<row>.<field>`, `c.<collection>.<row>._id`, `…._delete`, `_version`, `_action`,
//! `_csrf`. A lookup by name adds `<name>._id` (the chosen record) and `<name>._was` (the text that meant it), an address
//! `<name>.<part>`.

use std::collections::{BTreeSet, HashMap};

/// Rows of one collection a form may carry.
pub const MAX_ROWS: usize = 500;

/// Blank rows added by one press of "add rows".
pub const ROWS_PER_ADD: usize = 5;

#[derive(Clone, Debug, Default)]
pub struct FormInput {
    values: HashMap<String, Vec<String>>,
}

/// Which button sent the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormAction {
    Save,
    /// Show the form again with more blank rows in this collection.
    AddRows(String),
    /// Show the form again: rules of visibility may have changed.
    Refresh,
    Transition(String),
}

impl FormInput {
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut values: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in pairs {
            values.entry(name.clone()).or_default().push(value.clone());
        }
        Self { values }
    }

    /// The last value of the name: a checkbox overrules the hidden field before it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }

    /// All values of the name but the empty ones.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let values = self.values.get(name).map(Vec::as_slice).unwrap_or_default();
        values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// `save` when the form names no action: the Enter key.
    pub fn action(&self) -> FormAction {
        match self.get("_action").map(|action| action.split_once(':').unwrap_or((action, ""))) {
            Some(("add_rows", collection)) => FormAction::AddRows(collection.to_owned()),
            Some(("transition", name)) => FormAction::Transition(name.to_owned()),
            Some(("refresh", _)) => FormAction::Refresh,
            _ => FormAction::Save,
        }
    }

    /// The version of the record the form was made from.
    pub fn version(&self) -> Option<i64> {
        self.get("_version")?.parse().ok()
    }

    pub fn csrf(&self) -> &str {
        self.get("_csrf").unwrap_or_default()
    }

    /// Numbers of the rows of a collection, ascending.
    pub fn rows(&self, collection: &str) -> BTreeSet<usize> {
        self.names()
            .filter_map(|name| name.strip_prefix("c.")?.strip_prefix(collection)?.strip_prefix('.'))
            .filter_map(|rest| rest.split_once('.')?.0.parse().ok())
            .collect()
    }
}

/// `f.to_on`
pub fn field_name(field: &str) -> String {
    format!("f.{field}")
}

/// `f.billing.city`: one part of a value that has several.
pub fn part_name(name: &str, part: &str) -> String {
    format!("{name}.{part}")
}

/// `c.lines.2.quantity`
pub fn cell_name(collection: &str, row: &str, field: &str) -> String {
    format!("c.{collection}.{row}.{field}")
}

/// The HTML id of the control with this form name.
pub fn control_id(name: &str) -> String {
    name.replace('.', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(pairs: &[(&str, &str)]) -> FormInput {
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        FormInput::from_pairs(&pairs)
    }

    #[test]
    fn actions_are_read_and_enter_means_save() {
        for (given, expected) in [
            ("save", FormAction::Save),
            ("", FormAction::Save),
            ("add_rows:lines", FormAction::AddRows("lines".into())),
            ("transition:submit", FormAction::Transition("submit".into())),
            ("refresh", FormAction::Refresh),
        ] {
            assert_eq!(input(&[("_action", given)]).action(), expected);
        }
        assert_eq!(input(&[]).action(), FormAction::Save);
    }

    #[test]
    fn rows_belong_to_their_collection_only() {
        let form =
            input(&[("c.lines.10.quantity", "1"), ("c.lines.2._id", "x"), ("c.lines_b.3.q", "1"), ("c.lines.x.q", "")]);
        assert_eq!(form.rows("lines").into_iter().collect::<Vec<_>>(), [2, 10]);
        assert!(form.rows("line").is_empty());
    }

    #[test]
    fn a_checkbox_overrules_its_hidden_field() {
        let form =
            input(&[("f.active", "false"), ("f.active", "true"), ("f.tags", ""), ("f.tags", "a"), ("f.tags", "b")]);
        assert_eq!(form.get("f.active"), Some("true"));
        assert_eq!(form.all("f.tags"), ["a", "b"]);
    }
}
