//! Seed rows of packages: planted at publish where their key is not there yet, never written over.

use trellis_metadata::field_type;
use trellis_metadata::snapshot::{Object, Seed};
use trellis_metadata::value::Value;
use trellis_plan::request::RecordInput;

use uuid::Uuid;

use crate::caller::Caller;
use crate::records::{Authority, Change, Transaction, save};
use crate::tenant::Tenant;
use crate::{Error, Finding, FindingCode};

pub fn plant_all(tx: &Transaction<'_>) -> Result<(), Error> {
    for seed in &tx.snapshot().seeds {
        for (position, row) in seed.rows.iter().enumerate() {
            plant(tx, seed, row, position)?;
        }
    }
    Ok(())
}

fn plant(
    tx: &Transaction<'_>,
    seed: &Seed,
    row: &serde_json::Map<String, serde_json::Value>,
    position: usize,
) -> Result<(), Error> {
    let object = tx.object(seed.object);
    let mut input =
        RecordInput { object: seed.object, id: None, values: std::collections::BTreeMap::new(), children: Vec::new() };
    for (name, json) in row {
        let field = object.field_by_name(name).ok_or_else(|| wrong(seed, position, name))?;
        let value = match field.kind.relation() {
            Some(relation) if json.is_string() => {
                reference(tx, tx.object(relation.target), json, || wrong(seed, position, name))?
            }
            _ => field_type::check(field, json).map_err(|_| wrong(seed, position, name))?,
        };
        input.values.insert(field.index, value);
    }
    let key = input
        .values
        .get(&seed.key)
        .cloned()
        .ok_or_else(|| wrong(seed, position, object.field(seed.key).name.as_str()))?;
    if tx.find_by(seed.object, seed.key, &key)?.is_none() {
        save(tx, Change::Create(input))?;
    }
    Ok(())
}

/// A lookup is written by the target's natural key.
pub fn reference(
    tx: &Transaction<'_>,
    target: &Object,
    json: &serde_json::Value,
    error: impl Fn() -> Error,
) -> Result<Value, Error> {
    let keys =
        target.fields.iter().filter(|field| field.external_id || field.unique || field.index == target.record_name);
    for field in keys {
        if let Ok(key) = field_type::check(field, json)
            && let Some(id) = tx.find_by(target.index, field.index, &key)?
        {
            return Ok(Value::Id(id));
        }
    }
    Err(error())
}

fn wrong(seed: &Seed, position: usize, field: &str) -> Error {
    Error::Invalid(vec![Finding::new(
        format!("/seeds/{}/rows/{position}/{field}", seed.name),
        FindingCode::UnknownReference,
    )])
}

/// What the seeds of the tenant's packages stand for today: object, natural key, record.
pub fn seed_keys(tenant: &Tenant) -> Result<Vec<(String, String, Uuid)>, Error> {
    let pinned = tenant.pin();
    let caller = Caller::system(&pinned);
    tenant.handle.read(|session| {
        let tx = Transaction::new(session, &pinned, &caller, Authority::System);
        let mut keys = Vec::new();
        for seed in &pinned.snapshot.seeds {
            let (object, key) = (tx.object(seed.object), pinned.snapshot.field(seed.object, seed.key));
            for row in &seed.rows {
                let Some(json) = row.get(key.name.as_str()) else { continue };
                let Ok(value) = field_type::check(key, json) else { continue };
                if let Some(id) = tx.find_by(seed.object, seed.key, &value)? {
                    keys.push((object.name.to_string(), value.to_string(), id));
                }
            }
        }
        Ok(keys)
    })
}
