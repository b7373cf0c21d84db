//! A schema violation in our words: a stable code, a sentence, and a way out.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use crate::diagnostic::nearest;
use crate::source::join_pointer;

/// Unknown keys of one object that are each reported.
const MAX_KEYS: usize = 50;

const NAME_RULE: &str = "use a lower-case letter, then up to 62 lower-case letters, digits or underscores";

/// One thing wrong with a document's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: &'static str,
    pub pointer: String,
    /// The key itself is wrong, not its value.
    pub at_key: bool,
    pub message: String,
    pub help: Option<String>,
}

/// One violation may be several problems: each unknown key is its own.
pub fn translate(error: &ValidationError<'_>, schema: &Value) -> Vec<Problem> {
    let pointer = error.instance_path().as_str().to_owned();
    let problem =
        |code, message: String, help| Problem { code, pointer: pointer.clone(), at_key: false, message, help };
    let one = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            if owner(error, schema).is_some_and(|owner| owner.get("patternProperties").is_some()) {
                return unexpected
                    .iter()
                    .take(MAX_KEYS)
                    .map(|key| invalid_name(&join_pointer(&pointer, key), key))
                    .collect();
            }
            let known = known_keys(error, schema);
            return unexpected.iter().take(MAX_KEYS).map(|key| unknown_key(&pointer, key, &known)).collect();
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            problem("missing_key", format!("the key `{key}` is missing"), None)
        }
        ValidationErrorKind::Type { kind } => {
            problem("wrong_type", format!("expected {}, found {}", expected(kind), found(error.instance())), None)
        }
        // Its type is wrong too, and that says more.
        ValidationErrorKind::Enum { .. } if !error.instance().is_string() => return Vec::new(),
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let help = error.instance().as_str().and_then(|given| nearest(given, options.iter().copied()));
            let help = help.map_or_else(
                || format!("use one of: {}", options.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            problem("not_an_option", format!("{} is not allowed here", error.instance()), Some(help))
        }
        ValidationErrorKind::Constant { expected_value } => problem(
            "not_an_option",
            format!("{} is not allowed here", error.instance()),
            Some(format!("write {expected_value}")),
        ),
        ValidationErrorKind::Pattern { .. } => {
            let described = owner(error, schema).and_then(|owner| owner.get("description")).and_then(Value::as_str);
            return vec![pattern_problem(error, described, pointer)];
        }
        ValidationErrorKind::PropertyNames { error: inner } => {
            let key = inner.instance().as_str().unwrap_or_default().to_owned();
            let pointer = join_pointer(&pointer, &key);
            return vec![Problem { at_key: true, ..pattern_problem(inner, None, pointer) }];
        }
        ValidationErrorKind::MinProperties { .. } | ValidationErrorKind::MaxProperties { .. } => problem(
            "wrong_type",
            "expected exactly one key".into(),
            Some(format!("keys: {}", known_keys(error, schema).join(", "))),
        ),
        ValidationErrorKind::MinLength { limit } => {
            problem("too_short", format!("needs at least {limit} characters"), None)
        }
        ValidationErrorKind::MaxLength { limit } => {
            problem("too_long", format!("may have at most {limit} characters"), None)
        }
        ValidationErrorKind::MinItems { limit } => problem("too_short", format!("needs at least {limit} items"), None),
        ValidationErrorKind::MaxItems { limit } => problem("too_long", format!("may have at most {limit} items"), None),
        ValidationErrorKind::Minimum { limit } => problem("out_of_range", format!("must be at least {limit}"), None),
        ValidationErrorKind::Maximum { limit } => problem("out_of_range", format!("must be at most {limit}"), None),
        _ => problem("invalid_document", shortened(&error.to_string()), None),
    };
    vec![one]
}

fn unknown_key(pointer: &str, key: &str, known: &[String]) -> Problem {
    let help = nearest(key, known.iter().map(String::as_str))
        .map(|near| format!("did you mean `{near}`?"))
        .or_else(|| (!known.is_empty()).then(|| format!("keys: {}", known.join(", "))));
    Problem {
        code: "unknown_key",
        pointer: join_pointer(pointer, key),
        at_key: true,
        message: format!("unknown key `{}`", shortened(key)),
        help,
    }
}

fn pattern_problem(error: &ValidationError<'_>, described: Option<&str>, pointer: String) -> Problem {
    let given = shortened(&error.instance().to_string());
    let pattern = match error.kind() {
        ValidationErrorKind::Pattern { pattern } => pattern.as_str(),
        _ => "",
    };
    let name_like = pattern.starts_with("^[a-z]");
    let (code, help) = if name_like {
        ("invalid_name", NAME_RULE.to_owned())
    } else {
        ("bad_format", described.map_or_else(|| format!("it must match {pattern}"), str::to_owned))
    };
    let message = if name_like {
        format!("{given} is not a valid name")
    } else {
        format!("{given} does not have the expected form")
    };
    Problem { code, pointer, at_key: false, message, help: Some(help) }
}

fn invalid_name(pointer: &str, key: &str) -> Problem {
    Problem {
        code: "invalid_name",
        pointer: pointer.to_owned(),
        at_key: true,
        message: format!("`{}` is not a valid name", shortened(key)),
        help: Some(NAME_RULE.to_owned()),
    }
}

/// The object schema that raised `error`; its path goes through `$ref`s, each of which starts again at a definition.
fn owner<'a>(error: &ValidationError<'_>, schema: &'a Value) -> Option<&'a Value> {
    let path = error.schema_path().as_str();
    let (owner, _) = path.rsplit_once('/')?;
    owner.split('/').skip(1).try_fold(schema, |at, step| {
        if step == "$ref" {
            return at.get("$ref")?.as_str()?.strip_prefix('#').and_then(|reference| schema.pointer(reference));
        }
        at.pointer(&format!("/{step}"))
    })
}

/// The keys of the object schema that raised `error`, by walking to it in our own schema.
fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let keys = owner(error, schema).and_then(|owner| owner.get("properties")).and_then(Value::as_object);
    keys.map(|keys| keys.keys().filter(|key| !key.starts_with('$')).cloned().collect()).unwrap_or_default()
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(name) => noun(&name.to_string()).to_owned(),
        TypeKind::Multiple(names) => {
            let names: Vec<String> = names.iter().map(|name| noun(&name.to_string()).to_owned()).collect();
            names.join(" or ")
        }
    }
}

fn found(json: &Value) -> &'static str {
    match json {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn noun(schema_type: &str) -> &str {
    match schema_type {
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 120 { text.to_owned() } else { text.chars().take(117).chain("...".chars()).collect() }
}
