//! Nothing a caller sends can make the reader panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use trellis_access::Profile;
use trellis_api::Occurrence;
use trellis_api::prefer::Preferences;
use trellis_api::rest::{Asking, BodyOptions, negotiate, parse_changes, parse_records, parse_select, parse_write};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Snapshot;

use crate::support::{key, options, profile, snapshot};

static WORLD: LazyLock<(Snapshot, Profile)> = LazyLock::new(|| {
    let snapshot = snapshot();
    let profile = profile(&snapshot, "storekeeper");
    (snapshot, profile)
});

/// Pieces of the grammar in any order reach deeper than random letters.
fn query() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("select="),
        Just("order="),
        Just("limit="),
        Just("and=("),
        Just("or=("),
        Just("not."),
        Just("status"),
        Just("lines"),
        Just("quantity"),
        Just("borrower"),
        Just("*"),
        Just("("),
        Just(")"),
        Just(","),
        Just("."),
        Just("eq."),
        Just("in.("),
        Just("is.null"),
        Just("cs.{"),
        Just("\""),
        Just("\\"),
        Just("%22"),
        Just("&"),
        Just("="),
        Just(":"),
        Just("!inner"),
        Just("1"),
        Just("draft"),
        Just("é"),
        Just("%F0"),
        Just("cursor="),
        Just("-"),
    ];
    prop_oneof![".{0,200}", proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(":"),
        Just(","),
        Just("\"lines\""),
        Just("\"status\""),
        Just("\"id\""),
        Just("\"_delete\""),
        Just("\"draft\""),
        Just("null"),
        Just("true"),
        Just("1e999"),
        Just("-0.0"),
        Just("\"\\ud800\""),
        Just("\"\\"),
        Just("é"),
    ];
    let text = proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..200), text]
}

fn render(outcome: Result<(), trellis_api::Problem>) {
    if let Err(problem) = outcome {
        for locale in Locale::ALL {
            let bytes = problem.to_bytes(Occurrence { status: 400, locale, instance: "/", trace_id: "0" });
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert!(!json["detail"].as_str().unwrap().is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn queries_never_panic(query in query()) {
        let (snapshot, profile) = &*WORLD;
        let key = key();
        for object in &snapshot.objects {
            render(parse_select(snapshot, profile, object, Asking::Address(&query), options(&key)).map(drop));
            render(parse_write(snapshot, profile, object, &query).map(drop));
        }
    }

    #[test]
    fn bodies_never_panic(body in body()) {
        let (snapshot, profile) = &*WORLD;
        for object in &snapshot.objects {
            render(parse_records(snapshot, profile, object, &body, BodyOptions::default()).map(drop));
            render(parse_changes(snapshot, profile, object, &body).map(drop));
        }
    }

    #[test]
    fn headers_never_panic(header in ".{0,100}") {
        render(Preferences::parse([header.as_str()]).map(drop));
        render(negotiate(Some(&header)).map(drop));
    }
}
