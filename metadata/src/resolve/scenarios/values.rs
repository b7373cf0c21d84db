//! The values of actions and expectations: their fields exist and hold such values.

use serde_json::{Map, Value as Json};

use super::Check;
use crate::field_type;
use crate::label::Locale;
use crate::snapshot::{Collection, Field, FieldIndex, ObjectIndex, system_field};
use crate::source::join_pointer;

/// What the values are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Write,
    Read,
    /// Values to find records by.
    Condition,
}

impl Check<'_, '_> {
    pub(super) fn values(&mut self, object: ObjectIndex, values: &Map<String, Json>, at: &str, purpose: Purpose) {
        let objects = self.objects;
        let object = &objects[object.0];
        for (name, value) in values {
            let pointer = join_pointer(at, name);
            let collection = object.collection(name).filter(|_| purpose != Purpose::Condition);
            match (object.field_by_name(name), collection) {
                (Some(field), _) => self.value(field, value, &pointer, purpose),
                (None, Some(collection)) => self.rows(collection, value, &pointer, purpose),
                (None, None) => {
                    let own = object.fields.iter().skip(system_field::COUNT).map(|field| field.name.as_str());
                    let known = own.chain(object.collections.iter().map(|collection| collection.name.as_str()));
                    let message = format!("`{}` has no field `{name}`", object.name);
                    self.findings.unknown(self.item.document, &pointer, "unknown_field", message, name, known);
                }
            }
        }
    }

    fn rows(&mut self, collection: &Collection, value: &Json, pointer: &str, purpose: Purpose) {
        if purpose == Purpose::Write && !collection.master_detail {
            let message = format!("records of `{}` are written on their own", collection.name);
            self.findings.key_error(self.item.document, pointer, "not_writable", message);
            return;
        }
        let rows = value.as_array().and_then(|rows| rows.iter().map(Json::as_object).collect::<Option<Vec<_>>>());
        let Some(rows) = rows else {
            self.error(pointer, "wrong_type", format!("`{}` takes a list of objects", collection.name));
            return;
        };
        for (position, row) in rows.into_iter().enumerate() {
            self.values(collection.object, row, &format!("{pointer}/{position}"), purpose);
        }
    }

    fn value(&mut self, field: &Field, value: &Json, pointer: &str, purpose: Purpose) {
        if self.findings.mentions_broken(field.name.as_str()) {
            return;
        }
        if purpose == Purpose::Write && !field.writable() && !is_given(field.index) {
            let message = format!("`{}` is kept by the runtime", field.name);
            self.findings.key_error(self.item.document, pointer, "not_writable", message);
        } else if let Some(relation) = field.kind.relation() {
            self.relation(relation.target, field, value, pointer);
        } else if purpose != Purpose::Write
            && let Err(error) = field_type::check(field, value)
        {
            // What is written may be wrong on purpose, to see it refused.
            let message = error.message(Locale::En, &format!("`{}`", field.name));
            self.error(pointer, error.code, message);
        }
    }

    fn relation(&mut self, target: ObjectIndex, field: &Field, value: &Json, pointer: &str) {
        match value {
            Json::String(text) if text.starts_with('@') => {
                let found = self.reference(text, pointer);
                if found.is_some_and(|object| object != target) {
                    let wanted = &self.objects[target.0].name;
                    self.error(
                        pointer,
                        "wrong_type",
                        format!("`{}` points at `{wanted}`, `{text}` is none", field.name),
                    );
                }
            }
            Json::String(_) | Json::Null => {}
            _ => {
                let message = format!("`{}` takes `@name` or the target's external id or record name", field.name);
                self.error(pointer, "wrong_type", message);
            }
        }
    }
}

/// Whose a record is may be said when it is made.
fn is_given(field: FieldIndex) -> bool {
    matches!(field, system_field::OWNER_ID | system_field::ORG_UNIT_ID)
}
