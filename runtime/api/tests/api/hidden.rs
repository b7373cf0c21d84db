//! A hidden name is answered with exactly the bytes of a name that never existed.

use trellis_api::rest::{Asking, BodyOptions, parse_changes, parse_records, parse_select, parse_write};
use trellis_api::{Occurrence, Problem};
use trellis_metadata::label::Locale;

use crate::support::{key, options, profile, snapshot};

fn bytes(problem: &Problem, locale: Locale) -> String {
    let occurrence = Occurrence { status: 400, locale, instance: "/t/demo/api/v1/loan", trace_id: "0" };
    String::from_utf8(problem.to_bytes(occurrence)).unwrap()
}

/// `{}` stands for the name.
const QUERIES: [&str; 11] = [
    "{}=eq.1",
    "{}=nonsense",
    "select={}",
    "select=x:{}",
    "select={}(*)",
    "select={}(name)&{}.name=eq.1",
    "order={}.desc",
    "or=(status.eq.draft,{}.gt.1)",
    "{}.limit=3",
    "not.and=({}.is.null,status.eq.draft)",
    "select=status,{}&order={}&{}=in.(1)",
];

const BODIES: [&str; 3] = [r#"{"{}":1}"#, r#"{"status":"draft","{}":null}"#, r#"{"{}":[{"quantity":1}]}"#];

#[test]
fn hidden_is_like_missing() {
    let snapshot = snapshot();
    let clerk = profile(&snapshot, "clerk");
    let object = snapshot.object_by_name("loan").unwrap();
    let key = key();
    // Each pair: a name the clerk may not see (field, lookup, collection), and one of equal length that never was.
    for (hidden, missing) in [("amount", "xqzwkj"), ("borrower", "xqzwkjvy"), ("lines", "xqzwk")] {
        let same = |hidden_problem: Problem, missing_problem: Problem, template: &str| {
            for locale in Locale::ALL {
                let (a, b) = (bytes(&hidden_problem, locale), bytes(&missing_problem, locale));
                assert_eq!(a, b.replace(missing, hidden), "{template}");
            }
        };
        for template in QUERIES {
            let list = |name| {
                parse_select(&snapshot, &clerk, object, Asking::Address(&template.replace("{}", name)), options(&key))
                    .unwrap_err()
            };
            same(list(hidden), list(missing), template);
            let write = |name| parse_write(&snapshot, &clerk, object, &template.replace("{}", name)).unwrap_err();
            same(write(hidden), write(missing), template);
        }
        for template in BODIES {
            let create = |name| {
                let body = template.replace("{}", name);
                parse_records(&snapshot, &clerk, object, body.as_bytes(), BodyOptions::default()).unwrap_err()
            };
            same(create(hidden), create(missing), template);
            let update =
                |name| parse_changes(&snapshot, &clerk, object, template.replace("{}", name).as_bytes()).unwrap_err();
            same(update(hidden), update(missing), template);
        }
        let write = |name| parse_write(&snapshot, &clerk, object, &format!("on_conflict={name}")).unwrap_err();
        same(write(hidden), write(missing), "on_conflict");
    }
}

#[test]
fn hidden_names_are_never_suggested() {
    let snapshot = snapshot();
    let clerk = profile(&snapshot, "clerk");
    let object = snapshot.object_by_name("loan").unwrap();
    let key = key();
    for query in ["amoun=eq.1", "select=amoun", "order=amoun", "select=line(*)", "select=borrowe(*)"] {
        let refused = parse_select(&snapshot, &clerk, object, Asking::Address(query), options(&key)).unwrap_err();
        let text = bytes(&refused, Locale::En);
        assert!(!text.contains("Did you mean"), "{text}");
    }
    let refused = parse_changes(&snapshot, &clerk, object, br#"{"amoun":1,"line":[]}"#).unwrap_err();
    assert!(!bytes(&refused, Locale::En).contains("Did you mean"));
}
