//! Problem bodies, byte for byte, in every locale.

use trellis_api::rest::parse_changes;
use trellis_api::{ErrorCode, Occurrence, Problem};
use trellis_metadata::label::{Label, Locale};

use crate::support::{golden, profile, snapshot};

#[test]
fn bodies_of_problems() {
    let snapshot = snapshot();
    let object = snapshot.object_by_name("equipment").unwrap();
    let rights = profile(&snapshot, "storekeeper");
    let refused = parse_changes(&snapshot, &rights, object, br#"{"titel":"x","day_price":"-1"}"#).unwrap_err();
    let stale = Problem::new(ErrorCode::StaleVersion)
        .hint(Label::plain("Read the record again."))
        .member("current", serde_json::json!({ "version": 2 }));
    let mut found = String::new();
    for (problem, status) in [(refused, 422), (stale, 412)] {
        for locale in Locale::ALL {
            let bytes =
                problem.to_bytes(Occurrence { status, locale, instance: "/t/demo/api/v1/equipment", trace_id: "7" });
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            found.push_str(&(serde_json::to_string_pretty(&json).unwrap() + "\n"));
        }
    }
    golden("problems.golden", &found);
}

#[test]
fn long_input_is_not_repeated_in_full() {
    let problem = Problem::unknown_object(&"é".repeat(1_000));
    assert!(problem.text(Locale::En).len() < 300);
}
