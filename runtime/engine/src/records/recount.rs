//! Every computed field of every live record, computed again and compared with what is kept.

use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex};
use trellis_metadata::value::Value;
use trellis_plan::records::Lock;
use uuid::Uuid;

use super::compute;
use super::sets::AT_ONCE;
use super::transaction::Transaction;
use crate::Error;

/// A computed value that is not what its inputs come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Miscount {
    pub object: Identifier,
    pub field: Identifier,
    pub id: Uuid,
    pub kept: Value,
    pub counted: Value,
}

/// What is wrong, inputs before what is computed from them: each field is judged by its inputs as they are kept.
pub fn recount(tx: &Transaction<'_>) -> Result<Vec<Miscount>, Error> {
    let mut found = Vec::new();
    for (object, field) in &tx.snapshot().computed_order {
        for some in tx.all_ids(*object)?.chunks(AT_ONCE) {
            compare(tx, (*object, *field), some, &mut found)?;
            tx.forget_cached();
        }
    }
    Ok(found)
}

/// Computes every field anew that has such values, and what depends on them; answers with what was wrong.
pub fn recompute(tx: &Transaction<'_>) -> Result<Vec<Miscount>, Error> {
    let wrong = recount(tx)?;
    for (object, field) in &tx.snapshot().computed_order {
        let names = (&tx.object(*object).name, &tx.object(*object).field(*field).name);
        if wrong.iter().any(|wrong| (&wrong.object, &wrong.field) == names) {
            compute::fill(tx, *object, *field)?;
        }
    }
    Ok(wrong)
}

fn compare(
    tx: &Transaction<'_>,
    (object, field): (ObjectIndex, FieldIndex),
    ids: &[Uuid],
    found: &mut Vec<Miscount>,
) -> Result<(), Error> {
    let object = tx.object(object);
    let field = object.field(field);
    let images = tx.load_all(object.index, ids.iter().copied(), Lock::None)?;
    let mut counted = compute::values(tx, object, field, &images)?;
    for image in &images {
        let (id, kept) = (image.id(), image.get(field.index));
        if let Some(counted) = counted.remove(&id).filter(|counted| counted != kept) {
            let (object, field, kept) = (object.name.clone(), field.name.clone(), kept.clone());
            found.push(Miscount { object, field, id, kept, counted });
        }
    }
    Ok(())
}
