//! The objects every tenant has: people and the units they work in.

use std::sync::OnceLock;

use crate::document::DocumentSet;
use crate::snapshot::Layer;

/// In the order of [`crate::snapshot::platform_object`].
pub fn documents() -> &'static DocumentSet {
    static DOCUMENTS: OnceLock<DocumentSet> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let files = [
            ("platform/user.json", include_str!("../platform/user.json")),
            ("platform/org_unit.json", include_str!("../platform/org_unit.json")),
        ];
        let files = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
        DocumentSet::parse(files).0.in_layer(Layer::Platform)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::platform_object;

    #[test]
    fn platform_documents_are_valid_and_in_place() {
        let names: Vec<_> = documents().documents.iter().map(|document| document.name.as_str()).collect();
        assert_eq!(names, ["user", "org_unit"]);
        assert_eq!(names.len(), platform_object::COUNT);
    }
}
