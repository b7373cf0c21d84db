//! What differs between two sets of documents: by document, and within one by property.
//!
//! Values are compared, not texts: order of keys and layout do not matter.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::document::{Document, DocumentSet, Kind};
use crate::source::join_pointer;

/// One document that is not the same in both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    pub change: Change,
    pub kind: &'static str,
    pub id: String,
    /// Of a changed document; of one that was added or removed there is nothing to compare.
    pub properties: Vec<Property>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Add,
    Remove,
    Change,
}

/// A property with its value on either side; none where it is missing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Property {
    /// JSON Pointer. Items of a list that have names stand under their name, others under their position.
    pub pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// In order of kind and id.
pub fn between(before: &DocumentSet, after: &DocumentSet) -> Vec<Difference> {
    let (before, after) = (by_identity(before), by_identity(after));
    let mut keys: Vec<_> = before.keys().chain(after.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().filter_map(|key| compare(key, before.get(&key).copied(), after.get(&key).copied())).collect()
}

/// Something that keeps its identity under another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rename {
    /// `field`, or the kind of the document.
    pub what: &'static str,
    pub from: String,
    pub to: String,
}

/// What of a document, itself and its fields, has another name than before.
pub fn renames(before: &Document, after: &Document) -> Vec<Rename> {
    let rename = |what, from: &str, to: &str| Rename { what, from: from.to_owned(), to: to.to_owned() };
    let own =
        (before.name != after.name).then(|| rename(after.kind().name(), before.name.as_str(), after.name.as_str()));
    let names = fields(before.json());
    let fields = fields(after.json()).into_iter().filter_map(|(id, to)| {
        let from = names.get(id).filter(|from| **from != to)?;
        Some(rename("field", from, to))
    });
    own.into_iter().chain(fields).collect()
}

/// The names of an object's fields by identity.
fn fields(object: &Value) -> BTreeMap<&str, &str> {
    let fields = object.get("fields").and_then(Value::as_object);
    let named = fields.into_iter().flatten();
    named.map(|(name, field)| (field.get("id").and_then(Value::as_str).unwrap_or(name), name.as_str())).collect()
}

type Identity<'d> = (Kind, &'d str);

fn by_identity(set: &DocumentSet) -> BTreeMap<Identity<'_>, &Document> {
    set.documents.iter().map(|document| ((document.kind(), document.id.as_str()), document)).collect()
}

fn compare((kind, id): Identity<'_>, before: Option<&Document>, after: Option<&Document>) -> Option<Difference> {
    let mut properties = Vec::new();
    let change = match (before, after) {
        (None, _) => Change::Add,
        (_, None) => Change::Remove,
        (Some(before), Some(after)) => {
            values(before.json(), after.json(), "", &mut properties);
            Change::Change
        }
    };
    let is_same = change == Change::Change && properties.is_empty();
    (!is_same).then(|| Difference { change, kind: kind.name(), id: id.to_owned(), properties })
}

fn values(before: &Value, after: &Value, pointer: &str, found: &mut Vec<Property>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(before), Value::Object(after)) => maps(before, after, pointer, found),
        (Value::Array(before), Value::Array(after)) => match (named(before), named(after)) {
            (Some(before), Some(after)) => maps(&before, &after, pointer, found),
            _ => maps(&numbered(before), &numbered(after), pointer, found),
        },
        _ => found.push(Property {
            pointer: pointer.to_owned(),
            before: Some(before.clone()),
            after: Some(after.clone()),
        }),
    }
    if let (Value::Array(before), Value::Array(after)) = (before, after)
        && before != after
        && moved(before, after)
    {
        let whole = |items: &[Value]| Some(Value::Array(items.to_vec()));
        found.push(Property { pointer: pointer.to_owned(), before: whole(before), after: whole(after) });
    }
}

fn maps(before: &Map<String, Value>, after: &Map<String, Value>, pointer: &str, found: &mut Vec<Property>) {
    for (key, was) in before {
        let pointer = join_pointer(pointer, key);
        match after.get(key) {
            Some(is) => values(was, is, &pointer, found),
            None => found.push(Property { pointer, before: Some(was.clone()), after: None }),
        }
    }
    for (key, is) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        found.push(Property { pointer: join_pointer(pointer, key), before: None, after: Some(is.clone()) });
    }
}

/// The items by `name` or `code`, when each has one of its own.
fn named(items: &[Value]) -> Option<Map<String, Value>> {
    let name = |item: &Value| ["name", "code"].iter().find_map(|key| item.get(key)?.as_str().map(str::to_owned));
    let named: Option<Map<String, Value>> = items.iter().map(|item| Some((name(item)?, item.clone()))).collect();
    named.filter(|named| named.len() == items.len())
}

fn numbered(items: &[Value]) -> Map<String, Value> {
    items.iter().enumerate().map(|(position, item)| (position.to_string(), item.clone())).collect()
}

/// The same named items in another order, which no item tells by itself.
fn moved(before: &[Value], after: &[Value]) -> bool {
    match (named(before), named(after)) {
        (Some(before), Some(after)) => before == after,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(documents: &[Value]) -> DocumentSet {
        let (set, findings) = DocumentSet::from_json(documents.to_vec());
        assert!(findings.is_empty(), "{findings:?}");
        set
    }

    #[test]
    fn documents_are_compared_by_identity() {
        let role = |name: &str, label: &str| json!({ "kind": "role", "name": name, "label": label, "grants": [] });
        let before = set(&[role("a", "A"), role("b", "B"), role("c", "C")]);
        let after = set(&[role("c", "See"), role("d", "D"), role("a", "A")]);
        let found: Vec<_> = between(&before, &after).into_iter().map(|found| (found.change, found.id)).collect();
        let expected = [(Change::Remove, "b"), (Change::Change, "c"), (Change::Add, "d")];
        assert_eq!(found, expected.map(|(change, id)| (change, id.to_owned())));
        assert!(between(&before, &before).is_empty());
    }

    #[test]
    fn what_keeps_its_id_is_renamed() {
        let object = |name: &str, id: &str, field: &str| {
            let fields = json!({ field: { "type": "text", "id": "size" }, "note": { "type": "text" } });
            set(&[json!({ "kind": "object", "name": name, "id": id, "label": "T", "fields": fields })])
        };
        let found = |before: &DocumentSet, after: &DocumentSet| -> Vec<String> {
            let renames = renames(&before.documents[0], &after.documents[0]);
            renames.iter().map(|one| format!("{} {} {}", one.what, one.from, one.to)).collect()
        };
        let before = object("tool", "tool", "size");
        assert_eq!(found(&before, &object("device", "tool", "width")), ["object tool device", "field size width"]);
        assert!(found(&before, &before).is_empty());
    }

    #[test]
    fn properties_are_told_by_path() {
        let rows = [
            (json!({ "a": 1, "b": 2 }), json!({ "b": 2, "a": 1 }), ""),
            (json!({ "a": { "b": 1 } }), json!({ "a": { "b": 2, "c": 3 } }), "/a/b /a/c"),
            (json!({ "a": [1, 2] }), json!({ "a": [1, 3, 4] }), "/a/1 /a/2"),
            (
                json!([{ "name": "x", "v": 1 }, { "name": "y" }]),
                json!([{ "name": "y" }, { "name": "x", "v": 2 }]),
                "/x/v",
            ),
            (json!([{ "code": "x" }, { "code": "y" }]), json!([{ "code": "y" }, { "code": "x" }]), " "),
            (json!({ "a/b": 1 }), json!({}), "/a~1b"),
        ];
        for (before, after, expected) in rows {
            let mut found = Vec::new();
            values(&before, &after, "", &mut found);
            let pointers: Vec<&str> = found.iter().map(|property| property.pointer.as_str()).collect();
            let expected: Vec<&str> = match expected {
                "" => Vec::new(),
                " " => vec![""],
                expected => expected.split(' ').collect(),
            };
            assert_eq!(pointers, expected, "{before} {after}");
        }
    }
}
