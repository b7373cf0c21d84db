//! What is left of a document whose shape is wrong, so that the names in it and in others can still be checked.
//!
//! Each wrong part is cut out and its problem is reported elsewhere; nothing made of what is left is ever published.
//! Places stay true: a list is kept as it is or cut out whole.

use serde_json::Value;

use super::Kind;
use crate::schema::{self, Problem};
use crate::source::join_pointer;

/// A part that has to go may leave its surroundings wrong; so often that is followed outwards.
const MAX_ROUNDS: usize = 8;

/// What could be kept, and the names that went with the rest.
#[derive(Debug, Default)]
pub struct Salvaged {
    /// Satisfies the schema of its kind; absent when nothing does.
    pub json: Option<Value>,
    /// Fields and collections that are no longer there: that nothing has these names is no news.
    pub lost: Vec<String>,
}

pub fn salvage(kind: Kind, document: &Value, problems: &[Problem]) -> Salvaged {
    let mut json = document.clone();
    let mut lost = Vec::new();
    let mut wrong: Vec<String> = problems.iter().map(|problem| problem.pointer.clone()).collect();
    for _ in 0..MAX_ROUNDS {
        if !wrong.iter().all(|pointer| cut(&mut json, pointer, &mut lost)) {
            break;
        }
        wrong = schema::validate(kind, &json).into_iter().map(|problem| problem.pointer).collect();
        if wrong.is_empty() {
            return Salvaged { json: Some(json), lost };
        }
    }
    Salvaged { json: None, lost }
}

/// Cuts the innermost member of an object that `pointer` passes through. False when that is the document itself.
fn cut(json: &mut Value, pointer: &str, lost: &mut Vec<String>) -> bool {
    let mut at = pointer;
    while let Some((parent, key)) = at.rsplit_once('/') {
        let key = key.replace("~1", "/").replace("~0", "~");
        match json.pointer_mut(parent) {
            Some(Value::Object(map)) => {
                if let Some(removed) = map.shift_remove(&key) {
                    remember(parent, &key, &removed, lost);
                }
                return true;
            }
            // Gone with an earlier cut.
            None => return true,
            Some(_) => at = parent,
        }
    }
    false
}

fn remember(parent: &str, key: &str, removed: &Value, lost: &mut Vec<String>) {
    if parent == join_pointer("", "fields") {
        lost.push(key.to_owned());
    }
    lost.extend(removed.get("collection").and_then(Value::as_str).map(str::to_owned));
}
