//! The OpenAPI of the example package, as two roles.

use serde_json::Value as Json;
use trellis_api::openapi;

use crate::support::{catalogue, golden, profile, snapshot};

#[test]
fn each_role_sees_its_own_document() {
    let snapshot = snapshot();
    for role in ["borrower", "storekeeper", "clerk"] {
        let bytes = openapi::document(&snapshot, &profile(&snapshot, role), "demo");
        let document: Json = serde_json::from_slice(&bytes).unwrap();
        golden(&format!("openapi.{role}.golden.json"), &(serde_json::to_string_pretty(&document).unwrap() + "\n"));
        resolve_references(&document, &document);
    }
}

#[test]
fn each_field_type_says_what_it_takes_and_gives() {
    let snapshot = catalogue();
    let bytes = openapi::document(&snapshot, &profile(&snapshot, "keeper"), "demo");
    let document: Json = serde_json::from_slice(&bytes).unwrap();
    let part = |name: &str| document["components"][name].as_object().unwrap().clone();
    let of_item = |name: &String| name.starts_with("item");
    let mut schemas = part("schemas");
    let mut parameters = part("parameters");
    schemas.retain(|name, _| of_item(name));
    parameters.retain(|name, _| of_item(name));
    let found = serde_json::json!({ "schemas": schemas, "parameters": parameters });
    golden("openapi.field_types.golden.json", &(serde_json::to_string_pretty(&found).unwrap() + "\n"));
}

#[test]
fn what_a_role_may_not_see_is_not_in_its_document() {
    let snapshot = snapshot();
    let text = String::from_utf8(openapi::document(&snapshot, &profile(&snapshot, "clerk"), "demo")).unwrap();
    for hidden in ["amount", "borrower", "loan_line", "equipment", "to_on"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let nobody = String::from_utf8(openapi::document(&snapshot, &profile(&snapshot, "nobody"), "demo")).unwrap();
    assert!(!nobody.contains("loan"));
}

fn resolve_references(document: &Json, part: &Json) {
    match part {
        Json::Object(members) => {
            if let Some(target) = members.get("$ref").and_then(Json::as_str) {
                assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} leads nowhere");
            }
            members.values().for_each(|member| resolve_references(document, member));
        }
        Json::Array(items) => items.iter().for_each(|item| resolve_references(document, item)),
        _ => {}
    }
}
