//! `trellis init`, `validate`, `fmt`, `schema`: working on a folder of documents, without any tenant.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trellis_metadata::diagnostic::Severity;
use trellis_metadata::document::{DocumentSet, Kind};
use trellis_metadata::format::format_json;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::resolve::resolve;

use super::error::Error;
use super::findings::report;
use super::output::{Done, Output};

/// A started package.
const EXAMPLE: &[(&str, &str)] = &[
    ("package.json", include_str!("../../example/package.json")),
    ("objects/task.json", include_str!("../../example/objects/task.json")),
    ("roles/task_member.json", include_str!("../../example/roles/task_member.json")),
];

pub fn init(dir: &Path, template: Option<&str>, output: &Output) -> Result<Done, Error> {
    if dir.join("package.json").exists() {
        return Err(Error::Usage(format!("{} is a package already", dir.display())));
    }
    let files: Vec<(String, String)> = match template {
        None => example(dir)?,
        Some(name) => super::templates::files(name).ok_or_else(|| {
            let names: Vec<_> = super::templates::names().collect();
            Error::Usage(format!("there is no template {name}; there are {}", names.join(", ")))
        })?,
    };
    for (path, text) in &files {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::file(parent, error))?;
        }
        fs::write(&path, text).map_err(|error| Error::file(&path, error))?;
    }
    let names: Vec<&String> = files.iter().map(|(path, _)| path).collect();
    output.answer(&json!({ "files": names }), || {
        let tree: String = names.iter().map(|name| format!("  {name}\n")).collect();
        let (dir, place) = (dir.display(), place());
        format!("{tree}Next:\n  trellis validate {dir}\n  trellis plan {dir} {place}\n  trellis apply {dir} {place}")
    });
    Ok(Done::Clean)
}

/// The started package, named after its folder and written canonically.
fn example(dir: &Path) -> Result<Vec<(String, String)>, Error> {
    let absolute = std::path::absolute(dir).map_err(|error| Error::file(dir, error))?;
    let folder = absolute.file_name().map(|name| name.to_string_lossy().replace('-', "_")).unwrap_or_default();
    let name = Identifier::new(&folder).map_err(|_| {
        Error::Usage(format!(
            "a package is named after its folder, and `{folder}` is no name: use small letters, digits and _, a letter first"
        ))
    })?;
    let written = EXAMPLE.iter().map(|(path, text)| {
        let mut document: Value = serde_json::from_str(text).map_err(|error| Error::Usage(error.to_string()))?;
        if document["kind"] == Kind::Package.name() {
            document["name"] = name.as_str().into();
            document["label"] = name.as_str().replace('_', " ").into();
        }
        Ok(((*path).to_owned(), format_json(&document)))
    });
    written.collect()
}

/// What the next commands need to know besides the folder: nothing that the environment says already.
fn place() -> String {
    let is_said =
        ["TRELLIS_DATA", "TRELLIS_DATABASE_URL", "TRELLIS_URL"].iter().any(|key| std::env::var_os(key).is_some());
    if !is_said && Path::new("data/demo").is_dir() {
        return "--tenant demo --data data/demo".into();
    }
    "--tenant TENANT".into()
}

pub fn validate(dir: &Path, output: &Output) -> Result<Done, Error> {
    let (set, mut diagnostics) = DocumentSet::parse(read_folder(dir)?);
    diagnostics.extend(resolve(&super::templates::with_required(&set), 1).diagnostics);
    report(&diagnostics, output);
    let refused = diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if refused { Done::Refused } else { Done::Clean })
}

pub fn format(dir: &Path, check: bool, output: &Output) -> Result<Done, Error> {
    let mut changed = Vec::new();
    for (name, text) in read_folder(dir)? {
        let text = String::from_utf8(text).unwrap_or_default();
        let Ok(canonical) = trellis_metadata::format::format(&text) else {
            return Err(Error::Usage(format!("{name} is not a document; `trellis validate` says why")));
        };
        if canonical != text {
            if !check {
                let path = dir.join(&name);
                fs::write(&path, canonical).map_err(|error| Error::file(&path, error))?;
            }
            changed.push(name);
        }
    }
    let verb = if check { "would change" } else { "changed" };
    output.answer(&json!({ "changed": changed }), || changed.iter().map(|name| format!("{verb} {name}\n")).collect());
    Ok(if check && !changed.is_empty() { Done::Pending } else { Done::Clean })
}

pub fn schema(out: Option<&Path>, output: &Output) -> Result<Done, Error> {
    let Some(dir) = out else {
        let all: serde_json::Map<_, _> = Kind::ALL
            .iter()
            .map(|kind| (kind.name().to_owned(), trellis_metadata::schema::schema(*kind).clone()))
            .collect();
        let all = Value::Object(all);
        output.answer(&all, || all.to_string());
        return Ok(Done::Clean);
    };
    fs::create_dir_all(dir).map_err(|error| Error::file(dir, error))?;
    let mut written = Vec::new();
    for kind in Kind::ALL {
        let path = dir.join(format!("{}.schema.json", kind.name()));
        fs::write(&path, format!("{:#}\n", trellis_metadata::schema::schema(*kind)))
            .map_err(|error| Error::file(&path, error))?;
        written.push(path.display().to_string());
    }
    output.answer(&json!({ "files": written }), || written.iter().map(|path| format!("{path}\n")).collect());
    Ok(Done::Clean)
}

/// Path in the folder and bytes of each document.
pub type Files = Vec<(String, Vec<u8>)>;

/// All documents of a package folder, in order of path. What they hold is judged with them, all at once.
pub fn read_folder(dir: &Path) -> Result<Files, Error> {
    let mut files = Vec::new();
    walk(dir, dir, &mut files)?;
    if files.is_empty() {
        return Err(Error::Usage(format!("{} holds no documents (*.json)", dir.display())));
    }
    files.sort();
    Ok(files)
}

fn walk(root: &Path, dir: &Path, files: &mut Files) -> Result<(), Error> {
    let entries = fs::read_dir(dir).map_err(|error| Error::file(dir, error))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(|error| Error::file(dir, error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            walk(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") && !hidden {
            let bytes = fs::read(&path).map_err(|error| Error::file(&path, error))?;
            files.push((path.strip_prefix(root).unwrap_or(&path).display().to_string(), bytes));
        }
    }
    Ok(())
}
