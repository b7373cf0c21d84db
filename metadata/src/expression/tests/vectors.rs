//! The shared vectors: the same file is run by every place that evaluates expressions.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use super::fixture::{Record, compiled};
use super::random::steps;
use crate::expression::evaluate;
use crate::snapshot::FieldIndex;
use crate::value::Value;

#[derive(Deserialize)]
struct Vectors {
    /// What each field is; also those of records that lookups point at, by dotted path.
    fields: HashMap<String, String>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    source: String,
    #[serde(default)]
    record: HashMap<String, Json>,
    /// Absent: there was no record.
    previous: Option<HashMap<String, Json>>,
    #[serde(default)]
    roles: Vec<String>,
    /// Canonical JSON: decimals and temporal values are texts.
    expected: Json,
}

#[test]
fn shared_vectors_give_the_expected_values() {
    let file: Vectors = serde_json::from_str(include_str!("../../../tests/expression/vectors.json")).unwrap();
    let mut wrong = Vec::new();
    for vector in &file.vectors {
        let expression = compiled(&vector.source).unwrap_or_else(|errors| panic!("{}: {errors:#?}", vector.source));
        let read = |given: &HashMap<String, Json>| -> HashMap<Vec<FieldIndex>, Value> {
            given
                .iter()
                .map(|(path, json)| (steps(&path.split('.').collect::<Vec<_>>()), value(&file.fields[path], json)))
                .collect()
        };
        let record = Record {
            fields: read(&vector.record),
            previous: vector.previous.as_ref().map(read),
            roles: vector.roles.clone(),
        };
        let found = evaluate(&expression, &record).to_json();
        if found != vector.expected {
            wrong.push(format!("{} with {:?}: {found}, expected {}", vector.source, vector.record, vector.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn value(kind: &str, json: &Json) -> Value {
    let text = || json.as_str().unwrap();
    match (kind, json) {
        (_, Json::Null) => Value::Null,
        ("integer", _) => Value::Integer(json.as_i64().unwrap()),
        ("decimal", _) => Value::Decimal(text().parse().unwrap()),
        ("boolean", _) => Value::Boolean(json.as_bool().unwrap()),
        ("date", _) => Value::Date(text().parse().unwrap()),
        ("datetime", _) => Value::DateTime(text().parse().unwrap()),
        ("time", _) => Value::Time(text().parse().unwrap()),
        ("id", _) => Value::Id(text().parse().unwrap()),
        ("multi_choice", Json::Array(codes)) => {
            Value::List(codes.iter().map(|code| code.as_str().unwrap().into()).collect())
        }
        ("geolocation", _) => Value::Json(Arc::new(json.clone())),
        _ => Value::text(text()),
    }
}
