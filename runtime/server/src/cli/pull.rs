//! `trellis pull`: a tenant's documents as a package folder, each in its canonical form.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use trellis_metadata::document::{Document, DocumentSet, Kind};
use trellis_metadata::format::format_json;

use super::error::Error;
use super::output::{Done, Output};
use super::{Target, documents};

#[derive(Args, Clone, Debug)]
pub struct PullArgs {
    /// Folder to write to; made when missing.
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[arg(long)]
    tenant: String,
    /// An earlier revision instead of the current one.
    #[arg(long)]
    revision: Option<u64>,
    /// Remove files of documents that the tenant does not have, in the folders of documents only.
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    target: Target,
}

pub fn run(args: &PullArgs, output: &Output) -> Result<Done, Error> {
    let files = files(&documents::of_tenant(&args.target, &args.tenant, args.revision)?);
    let mut written = Vec::new();
    for (path, text) in &files {
        if write(&args.dir.join(path), text)? {
            written.push(path.clone());
        }
    }
    let stale = stale(&args.dir, &files)?;
    if args.prune {
        for path in &stale {
            let path = args.dir.join(path);
            fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
    }
    let (removed, left) = if args.prune { (stale, Vec::new()) } else { (Vec::new(), stale) };
    let answer = json!({ "documents": files.len(), "written": written, "removed": removed, "left": left });
    output.answer(&answer, || {
        let line = |sign: String| move |path: &String| format!("  {sign} {path}\n");
        let mut text: String = written.iter().map(line(output.green("~"))).collect();
        text.extend(removed.iter().map(line(output.red("-"))));
        text.extend(left.iter().map(|path| format!("  not in the tenant: {path} (--prune removes it)\n")));
        text.push_str(&format!("{} documents, {} files written", files.len(), written.len()));
        text
    });
    Ok(Done::Clean)
}

/// Path and canonical text of each document: one package as its folder, several each in a folder of its own with the
/// tenant's own documents beside them.
fn files(set: &DocumentSet) -> BTreeMap<String, String> {
    let package = set.of_kind(Kind::Package).next().map(|package| package.id.clone());
    let is_one = set.documents.iter().all(|document| document.package == package);
    let path = |document: &Document| match (&package, document.path()) {
        (Some(package), path) if is_one => path.strip_prefix(&format!("{package}/")).unwrap_or(&path).to_owned(),
        (_, path) => path,
    };
    set.documents.iter().map(|document| (path(document), format_json(document.json()))).collect()
}

/// True when the file was not like this already.
fn write(path: &Path, text: &str) -> Result<bool, Error> {
    if fs::read_to_string(path).is_ok_and(|current| current == text) {
        return Ok(false);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| Error::file(parent, error))?;
    }
    fs::write(path, text).map_err(|error| Error::file(path, error))?;
    Ok(true)
}

/// Files where documents are kept that are not among `files`: in the folders of kinds, of the folder itself and of each
/// package in it.
fn stale(dir: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for package in packages(dir)? {
        for kind in Kind::ALL {
            let folder = format!("{package}{}", kind.folder());
            let names = names(&dir.join(&folder))?.into_iter();
            let documents =
                names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "json"));
            found.extend(documents.map(|name| format!("{folder}/{name}")));
        }
    }
    found.retain(|path| !files.contains_key(path));
    found.sort();
    Ok(found)
}

/// Where packages are: here, and in the folders that hold a package document.
fn packages(dir: &Path) -> Result<Vec<String>, Error> {
    let inner = names(dir)?.into_iter().filter(|name| dir.join(name).join("package.json").is_file());
    Ok(std::iter::once(String::new()).chain(inner.map(|name| format!("{name}/"))).collect())
}

/// What a folder holds; nothing where there is none.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(folder, error)),
    };
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.map(|entry| entry.file_name().to_string_lossy().into_owned()).map_err(|error| Error::file(folder, error))
    };
    entries.map(name).collect()
}
