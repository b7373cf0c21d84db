//! Stage 19: translations. Documents of labels are laid over the labels of the snapshot; what is missing is told.

use std::sync::Arc;

use super::catalog::Catalog;
use super::findings::Findings;
use crate::document::Document;
use crate::label::{Label, Locale, LocalizedText};
use crate::snapshot::{FieldKind, Object, OptionSet, Snapshot};
use crate::source::join_pointer;

pub fn apply(catalog: &Catalog<'_>, snapshot: &mut Snapshot, findings: &mut Findings) {
    for document in &catalog.documents {
        warn_of_gaps(document, findings);
    }
    for item in &catalog.translations {
        for (path, text) in &item.body.labels {
            let overlay = Overlay { locale: item.body.locale, text };
            if !overlay.apply(path, snapshot) {
                let pointer = join_pointer("/labels", path);
                findings
                    .key_error(
                        item.document,
                        &pointer,
                        "unknown_label",
                        format!("`{path}` names nothing that has a label"),
                    )
                    .help("paths look like object.loan.field.status.option.draft");
            }
        }
    }
}

/// One text in one locale.
struct Overlay<'a> {
    locale: Locale,
    text: &'a str,
}

impl Overlay<'_> {
    /// False when the path names nothing.
    fn apply(&self, path: &str, snapshot: &mut Snapshot) -> bool {
        let parts: Vec<&str> = path.split('.').collect();
        let found = match parts.as_slice() {
            ["object", name, rest @ ..] => {
                let index = snapshot.object_names.get(*name).copied();
                return index.is_some_and(|index| self.apply_to_object(rest, &mut snapshot.objects[index.0]));
            }
            ["form", name] => {
                snapshot.forms.iter_mut().find(|form| form.name.as_str() == *name).map(|form| &mut form.label)
            }
            ["form", name, "section", position] => {
                let form = snapshot.forms.iter_mut().find(|form| form.name.as_str() == *name);
                let position = position.parse::<usize>().ok();
                form.zip(position).and_then(|(form, at)| form.sections.get_mut(at)).map(|section| &mut section.label)
            }
            ["view", name] => {
                snapshot.views.iter_mut().find(|view| view.name.as_str() == *name).map(|view| &mut view.label)
            }
            ["role", name] => {
                snapshot.roles.iter_mut().find(|role| role.name.as_str() == *name).map(|role| &mut role.label)
            }
            ["package", name] => snapshot
                .packages
                .iter_mut()
                .find(|package| package.name.as_str() == *name)
                .map(|package| &mut package.label),
            ["workflow", name] => {
                let workflow = snapshot.workflows.iter_mut().find(|workflow| workflow.name.as_str() == *name);
                workflow.and_then(Arc::get_mut).map(|workflow| &mut workflow.label)
            }
            _ => None,
        };
        found.map(|label| self.set(label)).is_some()
    }

    fn apply_to_object(&self, path: &[&str], object: &mut Object) -> bool {
        let found = match path {
            [] => Some(&mut object.label),
            ["field", name, rest @ ..] => {
                let Some(index) = object.field_names.get(*name).copied() else { return false };
                let field = &mut object.fields[index.0];
                match rest {
                    [] => Some(&mut field.label),
                    ["help"] => Some(&mut field.help),
                    ["option", code] => match &mut field.kind {
                        FieldKind::Choice(set) | FieldKind::MultiChoice(set) => option_label(set, code),
                        _ => None,
                    },
                    _ => None,
                }
            }
            ["transition", name] => {
                let transitions = object.state_machine.iter_mut().flat_map(|machine| &mut machine.transitions);
                let mut named = transitions.filter(|transition| transition.name.as_str() == *name);
                named.next().map(|transition| &mut transition.label)
            }
            ["rule", name] => {
                let mut rules = object.validation_rules.iter_mut();
                rules.find(|rule| rule.name.as_str() == *name).map(|rule| &mut rule.message)
            }
            _ => None,
        };
        found.map(|label| self.set(label)).is_some()
    }

    fn set(&self, label: &mut Label) {
        let mut texts = match std::mem::take(label) {
            Label::Localized(texts) => texts,
            Label::Plain(text) => LocalizedText { en: Some(text), ..LocalizedText::default() },
            Label::Missing => LocalizedText::default(),
        };
        texts.set(self.locale, self.text.to_owned());
        *label = Label::Localized(texts);
    }
}

fn option_label<'a>(set: &'a mut Arc<OptionSet>, code: &str) -> Option<&'a mut Label> {
    set.get(code)?;
    let options = &mut Arc::make_mut(set).options;
    options.iter_mut().find(|option| &*option.code == code).map(|option| &mut option.label)
}

/// One warning per document and locale: labels that speak some languages and not this one.
fn warn_of_gaps(document: &Document, findings: &mut Findings) {
    for locale in Locale::ALL {
        let mut gaps = Vec::new();
        collect_gaps(document.json(), locale, String::new(), &mut gaps);
        if let Some(first) = gaps.first() {
            let have = if gaps.len() == 1 { "has" } else { "have" };
            let message = format!("{} of its labels {have} no {} text", gaps.len(), locale.tag());
            findings.warning(document, first, "missing_translation", message);
        }
    }
}

fn collect_gaps(json: &serde_json::Value, locale: Locale, pointer: String, gaps: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(map) => {
            let is_label =
                !map.is_empty() && map.keys().all(|key| Locale::ALL.iter().any(|locale| locale.tag() == key));
            if is_label && !map.contains_key(locale.tag()) {
                gaps.push(pointer);
                return;
            }
            for (key, value) in map {
                collect_gaps(value, locale, join_pointer(&pointer, key), gaps);
            }
        }
        serde_json::Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect_gaps(item, locale, format!("{pointer}/{at}"), gaps);
            }
        }
        _ => {}
    }
}
