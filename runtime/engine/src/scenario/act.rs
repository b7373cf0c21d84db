//! The actions of a scenario: from names to a change, through the write pipeline, each in its own transaction.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json};
use trellis_metadata::document::scenario::Action;
use trellis_metadata::field_type;
use trellis_metadata::snapshot::{Field, Object, ObjectIndex};
use trellis_metadata::value::Value;
use trellis_plan::request::{ChildInput, RecordInput};
use uuid::Uuid;

use super::Stage;
use super::refusal::{Reason, listed, reasons};
use crate::records::{Authority, Change, Transaction, save};
use crate::{Caller, Error, Finding, FindingCode, seed};

/// Records by the name a scenario gave them.
pub type Names = HashMap<String, (ObjectIndex, Uuid)>;

impl Stage<'_> {
    /// Sets the stage; false when that failed, so that nothing after it means anything.
    pub(super) fn give(&mut self, action: &Action, pointer: &str) -> Result<bool, Error> {
        let found = self.attempt(action, self.system(), Authority::System, Workflows::Quiet)?;
        if !found.is_empty() {
            self.differs(pointer, "done".into(), listed(&found));
        }
        Ok(found.is_empty())
    }

    /// Does one action; false when it ended otherwise than it should. With `may_fail` the expectations judge a refusal.
    pub(super) fn act(&mut self, action: &Action, pointer: &str, may_fail: bool) -> Result<bool, Error> {
        let Some((caller, authority)) = self.caller(action.by.as_ref())? else {
            self.differs(pointer, "an active member".into(), "nobody".into());
            return Ok(false);
        };
        self.last = self.attempt(action, caller, authority, Workflows::Start)?;
        let is_stated = |reason: &Reason| action.refused.iter().any(|stated| reason.is(stated));
        let is_found = |stated: &String| self.last.iter().any(|reason| reason.is(stated));
        let fits = self.last.iter().all(is_stated) && action.refused.iter().all(is_found);
        if fits || (may_fail && action.refused.is_empty()) {
            return Ok(true);
        }
        let expected = match action.refused.as_slice() {
            [] => "done".to_owned(),
            stated => format!("refused: {}", stated.join(", ")),
        };
        self.differs(pointer, expected, listed(&self.last));
        Ok(false)
    }

    /// The reasons it was refused for; none when it was done.
    fn attempt(
        &mut self,
        action: &Action,
        caller: Caller,
        authority: Authority,
        workflows: Workflows,
    ) -> Result<Vec<Reason>, Error> {
        let (asked, names) = (action.clone(), self.names.clone());
        let done = self.tenant.write_blocking(caller, authority, move |tx| {
            if workflows == Workflows::Quiet {
                tx.start_no_workflows();
            }
            let (object, change) = change(tx, &asked, &names)?;
            Ok((object, save(tx, change)?.id))
        });
        match done {
            Ok(record) => {
                if let Some(name) = &action.as_ {
                    self.names.insert(name.to_string(), record);
                }
                Ok(Vec::new())
            }
            Err(error) => reasons(error),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Workflows {
    Start,
    Quiet,
}

fn change(tx: &Transaction<'_>, action: &Action, names: &Names) -> Result<(ObjectIndex, Change), Error> {
    let values = |object: ObjectIndex| Reading { tx, names }.record(tx.object(object), &action.values, "");
    if let Some(object) = &action.create {
        let object = tx.snapshot().object_by_name(object.as_str()).ok_or(Error::NotFound)?.index;
        return Ok((object, Change::Create(values(object)?)));
    }
    let reference = action.update.as_ref().or(action.delete.as_ref());
    let (object, id) = reference.and_then(|text| named(names, text)).ok_or(Error::NotFound)?;
    if action.delete.is_some() {
        return Ok((object, Change::Delete { object, id, expected: None }));
    }
    Ok((object, Change::Update { id, expected: None, input: values(object)? }))
}

/// What `@name` stands for.
pub fn named(names: &Names, text: &str) -> Option<(ObjectIndex, Uuid)> {
    names.get(text.strip_prefix('@')?).copied()
}

/// Values as a scenario writes them, read against the documents.
pub struct Reading<'r, 'a> {
    pub tx: &'r Transaction<'a>,
    pub names: &'r Names,
}

impl Reading<'_, '_> {
    fn record(&self, object: &Object, values: &Map<String, Json>, place: &str) -> Result<RecordInput, Error> {
        let mut input = RecordInput { object: object.index, id: None, values: BTreeMap::new(), children: Vec::new() };
        for (name, json) in values {
            let pointer = format!("{place}/{name}");
            if let Some(field) = object.field_by_name(name) {
                input.values.insert(field.index, self.value(field, json, &pointer)?);
            } else if let Some(at) = object.collections.iter().position(|known| known.name.as_str() == name) {
                let child = self.tx.object(object.collections[at].object);
                input.children.push((at, self.rows(child, json, &pointer)?));
            } else {
                return Err(refused(pointer, FindingCode::UnknownField));
            }
        }
        Ok(input)
    }

    fn rows(&self, child: &Object, json: &Json, place: &str) -> Result<Vec<ChildInput>, Error> {
        let rows = json.as_array().into_iter().flatten().filter_map(Json::as_object).enumerate();
        let row = |(at, row)| self.record(child, row, &format!("{place}/{at}"));
        rows.map(|numbered| Ok(ChildInput { record: row(numbered)?, delete: false })).collect()
    }

    /// A lookup is `@name`, or the target's natural key as in seeds.
    pub fn value(&self, field: &Field, json: &Json, pointer: &str) -> Result<Value, Error> {
        let Some(relation) = field.kind.relation().filter(|_| json.is_string()) else {
            return field_type::check(field, json)
                .map_err(|error| refused(pointer.to_owned(), FindingCode::Value(error.code)));
        };
        let missing = || refused(pointer.to_owned(), FindingCode::UnknownReference);
        match json.as_str().filter(|text| text.starts_with('@')) {
            Some(text) => named(self.names, text).map(|(_, id)| Value::Id(id)).ok_or_else(missing),
            None => seed::reference(self.tx, self.tx.object(relation.target), json, missing),
        }
    }
}

fn refused(pointer: String, code: FindingCode) -> Error {
    Error::Invalid(vec![Finding::new(pointer, code)])
}
