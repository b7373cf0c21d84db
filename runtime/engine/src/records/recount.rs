//! Every roll-up of every live record, counted again and compared with what is kept.

use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{Field, FieldKind, Object};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::transaction::Transaction;
use crate::Error;

/// A roll-up that is not what its children add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Miscount {
    pub object: Identifier,
    pub field: Identifier,
    pub id: Uuid,
    pub kept: Value,
    pub counted: Value,
}

pub fn recount(tx: &Transaction<'_>) -> Result<Vec<Miscount>, Error> {
    let mut found = Vec::new();
    for object in &tx.snapshot().objects {
        let fields = object.fields.iter().filter(|field| matches!(field.kind, FieldKind::Rollup(_)));
        let fields: Vec<&Field> = fields.collect();
        if fields.is_empty() {
            continue;
        }
        for id in tx.all_ids(object.index)? {
            compare(tx, object, &fields, id, &mut found)?;
            tx.forget_cached();
        }
    }
    Ok(found)
}

fn compare(
    tx: &Transaction<'_>,
    object: &Object,
    fields: &[&Field],
    id: Uuid,
    found: &mut Vec<Miscount>,
) -> Result<(), Error> {
    let Some(image) = tx.load(object.index, id)? else { return Ok(()) };
    for field in fields {
        let FieldKind::Rollup(rollup) = &field.kind else { continue };
        let counted = super::compute::total(tx, object.index, field, rollup, id)?;
        let kept = image.get(field.index);
        if *kept != counted {
            let (object, field, kept) = (object.name.clone(), field.name.clone(), kept.clone());
            found.push(Miscount { object, field, id, kept, counted });
        }
    }
    Ok(())
}
