//! Many rows from outside at once: typed by the field types, written through the pipeline in large transactions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use trellis_metadata::field_type;
use trellis_metadata::snapshot::{Object, Snapshot};
use trellis_plan::request::RecordInput;
use uuid::Uuid;

use crate::caller::Caller;
use crate::records::{Authority, Change, save_all};
use crate::tenant::Tenant;
use crate::{Error, Finding, FindingCode};

/// Rows written in one transaction.
const BATCH: usize = 500;

/// Writes all rows of one object as the runtime itself, starting no workflows; `progress` hears how many more are written. A refused row ends the
/// load; batches before it stay.
pub fn load(
    tenant: &Arc<Tenant>,
    author: &Caller,
    object: &str,
    rows: impl Iterator<Item = Map<String, Json>>,
    mut progress: impl FnMut(usize),
) -> Result<(), Error> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let batch: Vec<Map<String, Json>> = rows.by_ref().take(BATCH).collect();
        let count = batch.len();
        let object = object.to_owned();
        tenant.write_blocking(author.clone(), Authority::System, move |tx| {
            tx.start_no_workflows();
            let inputs = inputs(tx.snapshot(), &object, &batch)?;
            let changes = inputs.into_iter().enumerate().map(|(row, input)| (Change::Create(input), format!("/{row}")));
            save_all(tx, changes.collect())
        })?;
        progress(count);
    }
    Ok(())
}

fn inputs(snapshot: &Snapshot, object: &str, rows: &[Map<String, Json>]) -> Result<Vec<RecordInput>, Error> {
    let object = snapshot.object_by_name(object).ok_or(Error::NotFound)?;
    let mut findings = Vec::new();
    let inputs = rows.iter().enumerate().map(|(row, json)| input(object, row, json, &mut findings)).collect();
    if findings.is_empty() { Ok(inputs) } else { Err(Error::Invalid(findings)) }
}

fn input(object: &Object, row: usize, json: &Map<String, Json>, findings: &mut Vec<Finding>) -> RecordInput {
    let mut input = RecordInput { object: object.index, id: None, values: BTreeMap::new(), children: Vec::new() };
    for (name, json) in json.iter().filter(|(_, json)| !json.is_null()) {
        if name == "id" {
            input.id = json.as_str().and_then(|text| Uuid::try_parse(text).ok());
            continue;
        }
        let Some(field) = object.field_by_name(name) else {
            findings.push(Finding::new(format!("/{row}/{name}"), FindingCode::UnknownField));
            continue;
        };
        match field_type::check(field, json) {
            Ok(value) => drop(input.values.insert(field.index, value)),
            Err(error) => findings.push(Finding::new(format!("/{row}/{name}"), FindingCode::Value(error.code))),
        }
    }
    input
}
