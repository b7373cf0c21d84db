//! `trellis pull`: a tenant's documents as a package folder, each in its canonical form.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use trellis_metadata::document::{DocumentSet, Kind};
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

/// Path in the package and canonical text of each document.
fn files(set: &DocumentSet) -> BTreeMap<String, String> {
    let one_package = set.of_kind(Kind::Package).count() == 1;
    let path = |kind: Kind, name: &str| match kind {
        Kind::Package if one_package => "package.json".to_owned(),
        kind => format!("{}/{name}.json", kind.folder()),
    };
    let file = |document: &trellis_metadata::document::Document| {
        (path(document.kind(), document.name.as_str()), format_json(document.json()))
    };
    set.documents.iter().map(file).collect()
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

/// Files where documents are kept that are not among `files`.
fn stale(dir: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let folder = dir.join(kind.folder());
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::file(&folder, error)),
        };
        for entry in entries {
            let name = entry.map_err(|error| Error::file(&folder, error))?.file_name().to_string_lossy().into_owned();
            let path = format!("{}/{name}", kind.folder());
            if Path::new(&name).extension().is_some_and(|extension| extension == "json") && !files.contains_key(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
