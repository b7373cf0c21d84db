//! `on_conflict=`: the declared unique key a record is found by.

use trellis_metadata::diagnostic::nearest;
use trellis_metadata::snapshot::{FieldIndex, Object, UniqueKey};

use super::names::Scope;
use crate::error_code::ErrorCode;
use crate::problem::FieldError;

/// The unique key with exactly the named fields, or of that name; only fields the caller may read can be meant.
pub(super) fn conflict_key(scope: &Scope<'_>, names: &[String]) -> Result<Vec<FieldIndex>, FieldError> {
    let fields: Option<Vec<_>> = names.iter().map(|name| scope.find_field(name).map(|field| field.index)).collect();
    let known = fields.filter(|fields| is_unique_key(scope.object, fields));
    known.or_else(|| key_named(scope, names)).ok_or_else(|| {
        let (name, keys) = (names.join(","), keys(scope));
        FieldError::new(ErrorCode::UnknownConflictKey, "?on_conflict")
            .with("name", &name)
            .with("object", &scope.object.name)
            .suggest(nearest(&name, keys.iter().map(String::as_str)))
    })
}

fn key_named(scope: &Scope<'_>, names: &[String]) -> Option<Vec<FieldIndex>> {
    let [name] = names else { return None };
    let key = readable_keys(scope).find(|key| key.name.as_str() == name)?;
    Some(key.fields.clone())
}

fn readable_keys<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a UniqueKey> {
    let scope = *scope;
    scope.object.unique_keys.iter().filter(move |key| key.fields.iter().all(|field| scope.can_read(*field)))
}

/// What could be named, as it would be written.
fn keys(scope: &Scope<'_>) -> Vec<String> {
    let object = scope.object;
    let listed = |key: &UniqueKey| {
        let names: Vec<&str> = key.fields.iter().map(|field| object.field(*field).name.as_str()).collect();
        names.join(",")
    };
    let single = scope.readable_fields().filter(|field| field.unique).map(|field| field.name.to_string());
    let composite = readable_keys(scope).flat_map(|key| [listed(key), key.name.to_string()]);
    single.chain(composite).chain(["id".to_owned()]).collect()
}

fn is_unique_key(object: &Object, fields: &[FieldIndex]) -> bool {
    let same =
        |key: &UniqueKey| key.fields.len() == fields.len() && key.fields.iter().all(|field| fields.contains(field));
    let single = matches!(fields, [field] if object.field(*field).unique || field.0 == 0);
    single || object.unique_keys.iter().any(same)
}
