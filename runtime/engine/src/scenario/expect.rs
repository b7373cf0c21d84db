//! What a scenario says must hold, compared with what its people see.

use serde_json::{Map, Value as Json};
use trellis_metadata::document::scenario::Expectation;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Collection, Field, FieldIndex, Object};
use trellis_metadata::value::Value;

use super::act::{Names, Reading, named};
use super::look::{Look, Seen, equals};
use super::refusal::listed;
use super::{Difference, Stage};
use crate::records::{Authority, Transaction};
use crate::{Caller, Error};

/// More than this many notifications of one person are not told apart.
const NOTIFICATIONS: u64 = 10_000;
const UNSEEN: &str = "nothing to be seen";

impl Stage<'_> {
    pub(super) fn check(&mut self, expectation: &Expectation, pointer: &str) -> Result<(), Error> {
        if let Some(code) = &expectation.error {
            if !self.last.iter().any(|reason| reason.is(code)) {
                self.differs(&format!("{pointer}/error"), code.clone(), listed(&self.last));
            }
            return Ok(());
        }
        if let Some(person) = &expectation.notified {
            return self.notifications(person, expectation.count.unwrap_or(1), pointer);
        }
        let Some((caller, _)) = self.caller(expectation.by.as_ref())? else {
            self.differs(pointer, "an active member".into(), "nobody".into());
            return Ok(());
        };
        let (asked, names, place) = (expectation.clone(), self.names.clone(), pointer.to_owned());
        let found = self.tenant.write_blocking(self.system(), Authority::System, move |tx| {
            let mut comparison = Comparison { tx, caller: &caller, names: &names, found: Vec::new() };
            comparison.expectation(&asked, &place)?;
            Ok(comparison.found)
        })?;
        self.differences.extend(found);
        Ok(())
    }

    fn notifications(&mut self, person: &str, expected: u32, pointer: &str) -> Result<(), Error> {
        let Some((_, user)) = named(&self.names, person) else { return Ok(()) };
        let read = |session: &mut dyn trellis_storage::Session| {
            Ok::<_, Error>(trellis_storage::notifications(session, user, NOTIFICATIONS)?.len())
        };
        let found = self.tenant.handle.read(read)?;
        if found != expected as usize {
            self.differs(&format!("{pointer}/notified"), format!("{expected} times"), format!("{found} times"));
        }
        Ok(())
    }
}

struct Comparison<'c, 'a> {
    tx: &'c Transaction<'a>,
    caller: &'c Caller,
    names: &'c Names,
    found: Vec<Difference>,
}

impl<'c, 'a> Comparison<'c, 'a> {
    fn expectation(&mut self, expectation: &Expectation, pointer: &str) -> Result<(), Error> {
        if let Some(object) = &expectation.find {
            let object = self.tx.snapshot().object_by_name(object.as_str()).ok_or(Error::NotFound)?;
            return self.found_records(object, expectation, pointer);
        }
        let record = expectation.record.as_deref().and_then(|text| named(self.names, text));
        // Its action was refused, so that there is none.
        let Some((object, id)) = record else {
            self.differs(&format!("{pointer}/record"), "a record".into(), "none was made".into());
            return Ok(());
        };
        let object = self.tx.object(object);
        let seen = self.look().record(object.index, id, &fields(object, expectation))?;
        match (seen, expectation.hidden) {
            (Some(_), true) => self.differs(&format!("{pointer}/hidden"), UNSEEN.into(), "the record".into()),
            (None, false) => self.differs(&format!("{pointer}/record"), "the record".into(), UNSEEN.into()),
            (None, true) => {}
            (Some(seen), false) => {
                self.row(object, &seen, &expectation.expect, &format!("{pointer}/expect"))?;
                self.hidden_fields(object, &seen, expectation, pointer)?;
            }
        }
        Ok(())
    }

    fn found_records(&mut self, object: &Object, expectation: &Expectation, pointer: &str) -> Result<(), Error> {
        let reading = Reading { tx: self.tx, names: self.names };
        let mut conditions = Vec::new();
        for (name, json) in &expectation.where_ {
            let field = object.field_by_name(name).ok_or(Error::NotFound)?;
            let value = reading.value(field, json, &format!("{pointer}/where/{name}"))?;
            conditions.push(equals(object.index, field.index, value));
        }
        let seen = self.look().list(object.index, Predicate::And(conditions), &fields(object, expectation))?;
        let expected = expectation.count.unwrap_or(1);
        if seen.len() != expected as usize {
            self.differs(&format!("{pointer}/find"), format!("{expected} records"), format!("{} records", seen.len()));
        }
        for record in &seen {
            self.row(object, record, &expectation.expect, &format!("{pointer}/expect"))?;
        }
        Ok(())
    }

    fn row(&mut self, object: &Object, seen: &Seen, expect: &Map<String, Json>, pointer: &str) -> Result<(), Error> {
        for (name, expected) in expect {
            let pointer = format!("{pointer}/{name}");
            if let Some(field) = object.field_by_name(name) {
                self.cell(field, seen.cells.get(&field.index), expected, &pointer)?;
            } else if let Some(collection) = object.collection(name) {
                self.collection(collection, seen, expected, &pointer)?;
            }
        }
        Ok(())
    }

    fn cell(&mut self, field: &Field, found: Option<&Value>, expected: &Json, pointer: &str) -> Result<(), Error> {
        let Some(found) = found else {
            self.differs(pointer, expected.to_string(), UNSEEN.into());
            return Ok(());
        };
        let wanted = match field.kind.relation() {
            Some(_) => Reading { tx: self.tx, names: self.names }.value(field, expected, pointer)?.to_json(),
            None => expected.clone(),
        };
        if wanted != found.to_json() {
            self.differs(pointer, expected.to_string(), self.shown(found));
        }
        Ok(())
    }

    /// As JSON; a record that has a name by that.
    fn shown(&self, value: &Value) -> String {
        let name = self.names.iter().find(|(_, (_, id))| value.as_id() == Some(*id));
        name.map_or_else(|| value.to_json().to_string(), |(name, _)| format!("\"@{name}\""))
    }

    fn collection(
        &mut self,
        collection: &Collection,
        parent: &Seen,
        expected: &Json,
        pointer: &str,
    ) -> Result<(), Error> {
        let child = self.tx.object(collection.object);
        let rows: Vec<&Map<String, Json>> =
            expected.as_array().into_iter().flatten().filter_map(Json::as_object).collect();
        let mut fields: Vec<FieldIndex> = rows.iter().flat_map(|row| named_fields(child, row)).collect();
        fields.push(collection.via);
        let of_parent = equals(collection.object, collection.via, Value::Id(parent.id));
        let seen = self.look().list(collection.object, of_parent, &fields)?;
        if seen.len() != rows.len() {
            self.differs(pointer, format!("{} records", rows.len()), format!("{} records", seen.len()));
        }
        for (position, (row, seen)) in rows.into_iter().zip(&seen).enumerate() {
            self.row(child, seen, row, &format!("{pointer}/{position}"))?;
        }
        Ok(())
    }

    fn hidden_fields(
        &mut self,
        object: &Object,
        seen: &Seen,
        expectation: &Expectation,
        pointer: &str,
    ) -> Result<(), Error> {
        let fields = expectation.hidden_fields.iter().filter_map(|name| object.field_by_name(name.as_str()));
        let fields: Vec<FieldIndex> = fields.map(|field| field.index).collect();
        if fields.is_empty() {
            return Ok(());
        }
        let everything = Caller::system(self.tx.pinned);
        let whole = Look { tx: self.tx, caller: &everything }.record(object.index, seen.id, &fields)?;
        for (position, field) in fields.into_iter().enumerate() {
            let pointer = format!("{pointer}/hidden_fields/{position}");
            let is_empty = whole.as_ref().is_none_or(|whole| whole.cells.get(&field).is_none_or(Value::is_null));
            if is_empty {
                self.differs(
                    &pointer,
                    "a value".into(),
                    "an empty field, of which nothing could be seen anyway".into(),
                );
            } else if let Some(value) = seen.cells.get(&field).filter(|value| !value.is_null()) {
                self.differs(&pointer, UNSEEN.into(), self.shown(value));
            }
        }
        Ok(())
    }

    fn look(&self) -> Look<'c, 'a> {
        Look { tx: self.tx, caller: self.caller }
    }

    fn differs(&mut self, pointer: &str, expected: String, found: String) {
        self.found.push(Difference { pointer: pointer.to_owned(), expected, found });
    }
}

/// Everything an expectation asks of its own record.
fn fields(object: &Object, expectation: &Expectation) -> Vec<FieldIndex> {
    let hidden = expectation.hidden_fields.iter().filter_map(|name| object.field_by_name(name.as_str()));
    named_fields(object, &expectation.expect).chain(hidden.map(|field| field.index)).collect()
}

fn named_fields<'o>(object: &'o Object, values: &'o Map<String, Json>) -> impl Iterator<Item = FieldIndex> + 'o {
    values.keys().filter_map(|name| object.field_by_name(name)).map(|field| field.index)
}
