//! The preset packages inside the binary.

use include_dir::{Dir, include_dir};
use trellis_metadata::document::{DocumentSet, Kind};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../metadata/templates");

/// The distribution packages, in order of dependency.
pub const DISTRIBUTION: [&str; 3] = ["core_channel", "product_pricing", "ordering"];

pub fn names() -> impl Iterator<Item = String> {
    TEMPLATES.dirs().filter_map(|dir| Some(dir.path().file_name()?.to_string_lossy().into_owned()))
}

/// The documents of one package as (path in the package, text).
pub fn files(name: &str) -> Option<Vec<(String, String)>> {
    let package = TEMPLATES.get_dir(name)?;
    let mut files = Vec::new();
    collect(package, name, &mut files);
    files.sort();
    Some(files)
}

fn collect(dir: &Dir<'_>, root: &str, files: &mut Vec<(String, String)>) {
    for file in dir.files().filter(|file| file.path().extension().is_some_and(|extension| extension == "json")) {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        files.push((path.display().to_string(), file.contents_utf8().unwrap_or_default().to_owned()));
    }
    dir.dirs().for_each(|dir| collect(dir, root, files));
}

/// A set together with the preset packages it requires, so that it can be checked apart from a tenant.
pub fn with_required(set: &DocumentSet) -> DocumentSet {
    let names: Vec<String> = names().collect();
    let named = |name: &str| set.of_kind(Kind::Package).any(|package| package.name.as_str() == name);
    let mut needed: Vec<String> = set.of_kind(Kind::Package).flat_map(|package| required(package.json())).collect();
    let mut base = DocumentSet::default();
    let mut seen = Vec::new();
    while let Some(name) = needed.pop() {
        if seen.contains(&name) || named(&name) || !names.contains(&name) {
            continue;
        }
        if let Some(files) = files(&name) {
            let (package, _) =
                DocumentSet::parse(files.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
            needed.extend(package.of_kind(Kind::Package).flat_map(|package| required(package.json())));
            base = base.merge(&package);
        }
        seen.push(name);
    }
    base.merge(set)
}

fn required(package: &serde_json::Value) -> Vec<String> {
    package["requires"]["packages"].as_object().map(|packages| packages.keys().cloned().collect()).unwrap_or_default()
}
