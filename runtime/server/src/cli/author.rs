//! `trellis init`, `validate`, `fmt`, `schema`: working on a folder of documents, without any tenant.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use trellis_metadata::diagnostic::{Diagnostic, Severity};
use trellis_metadata::document::{DocumentSet, Kind};
use trellis_metadata::resolve::resolve;

use super::error::Error;
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
        None => EXAMPLE.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
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
        let dir = dir.display();
        format!("{tree}Next:\n  trellis validate {dir}\n  trellis plan {dir} --tenant demo --data data/demo\n  trellis apply {dir} --tenant demo --data data/demo")
    });
    Ok(Done::Clean)
}

pub fn validate(dir: &Path, output: &Output) -> Result<Done, Error> {
    let (set, mut diagnostics) = DocumentSet::parse(read_folder(dir)?);
    diagnostics.extend(resolve(&super::templates::with_required(&set), 1).diagnostics);
    report(&diagnostics, output);
    let refused = diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if refused { Done::Refused } else { Done::Clean })
}

/// Shows findings, each on its own line, and how many there are.
pub fn report(diagnostics: &[Diagnostic], output: &Output) {
    output.answer(&json!({ "diagnostics": diagnostics }), || lines(diagnostics, output));
}

pub fn lines(diagnostics: &[Diagnostic], output: &Output) -> String {
    let mut text: String = diagnostics.iter().map(|finding| format!("{}\n", line(finding, output))).collect();
    let errors = diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    text.push_str(&match (errors, warnings) {
        (0, 0) => output.green("no findings"),
        _ => format!("{errors} errors, {warnings} warnings"),
    });
    text
}

fn line(finding: &Diagnostic, output: &Output) -> String {
    let text = finding.to_string();
    match finding.severity {
        Severity::Error => text.replacen(" error ", &format!(" {} ", output.red("error")), 1),
        Severity::Warning => text.replacen(" warning ", &format!(" {} ", output.yellow("warning")), 1),
    }
}

pub fn format(dir: &Path, check: bool, output: &Output) -> Result<Done, Error> {
    let mut changed = Vec::new();
    for (name, text) in read_folder(dir)? {
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
        println!("{}", serde_json::Value::Object(all));
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

/// All documents of a package folder as (path relative to it, text), in order of path.
pub fn read_folder(dir: &Path) -> Result<Vec<(String, String)>, Error> {
    let mut files = Vec::new();
    walk(dir, dir, &mut files)?;
    if files.is_empty() {
        return Err(Error::Usage(format!("{} holds no documents (*.json)", dir.display())));
    }
    files.sort();
    Ok(files)
}

fn walk(root: &Path, dir: &Path, files: &mut Vec<(String, String)>) -> Result<(), Error> {
    let entries = fs::read_dir(dir).map_err(|error| Error::file(dir, error))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(|error| Error::file(dir, error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            walk(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") && !hidden {
            let text = fs::read_to_string(&path).map_err(|error| Error::file(&path, error))?;
            files.push((path.strip_prefix(root).unwrap_or(&path).display().to_string(), text));
        }
    }
    Ok(())
}
