//! Every code is explained to a person, and nothing else is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use trellis_api::{ErrorCode, Problem};
use trellis_metadata::label::Locale;

#[test]
fn every_code_has_a_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for code in ErrorCode::ALL {
        let page = fs::read_to_string(folder.join(format!("{}.md", code.as_str()))).unwrap_or_default();
        assert!(page.starts_with(&format!("# {}: ", code.as_str())), "{} has no page", code.as_str());
        for part in ["**Cause**", "**What to do**"] {
            assert!(page.contains(part), "{} lacks {part}", code.as_str());
        }
    }
}

#[test]
fn codes_are_distinct_and_speak_three_languages() {
    let codes: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), ErrorCode::ALL.len());
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::find(code.as_str()), Some(*code));
        for locale in Locale::ALL {
            let text = Problem::new(*code).text(locale);
            assert!(!text.is_empty() && !text.contains('{'), "{text}");
        }
    }
}
