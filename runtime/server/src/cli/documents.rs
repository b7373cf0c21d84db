//! The documents a command works on: of a folder, or of a tenant now or at a revision.

use std::path::Path;

use trellis_engine::publish;
use trellis_metadata::diagnostic::{Diagnostic, Severity};
use trellis_metadata::document::DocumentSet;

use super::author::read_folder;
use super::error::Error;
use super::{Target, remote, serve};

/// The documents of a folder; one that cannot be read is an error.
pub fn of_folder(dir: &Path) -> Result<DocumentSet, Error> {
    let (set, findings) = DocumentSet::parse(read_folder(dir)?);
    sound(set, &findings)
}

/// The documents of a tenant now, with their revision.
pub fn current(target: &Target, tenant: &str) -> Result<(u64, DocumentSet), Error> {
    if let Some(url) = &target.url {
        let (revision, documents) = remote::documents(url, target.token.as_deref(), tenant, None)?;
        let (set, findings) = DocumentSet::from_named_json(documents);
        return Ok((revision, sound(set, &findings)?));
    }
    let runtime = serve::open(target.data.clone(), target.database_url.clone())?;
    let pinned = runtime.tenant(tenant)?.pin();
    Ok((pinned.revision, (*pinned.documents).clone()))
}

pub fn of_tenant(target: &Target, tenant: &str, revision: Option<u64>) -> Result<DocumentSet, Error> {
    if let Some(url) = &target.url {
        let (_, documents) = remote::documents(url, target.token.as_deref(), tenant, revision)?;
        let (set, findings) = DocumentSet::from_named_json(documents);
        return sound(set, &findings);
    }
    let runtime = serve::open(target.data.clone(), target.database_url.clone())?;
    let tenant = runtime.tenant(tenant)?;
    match revision {
        None => Ok((*tenant.pin().documents).clone()),
        Some(revision) => publish::documents_at(&tenant, revision).map_err(|error| unknown(error, revision)),
    }
}

/// A revision that does not exist, said as such.
pub fn unknown(error: trellis_engine::Error, revision: u64) -> Error {
    match error {
        trellis_engine::Error::NotFound => Error::Usage(format!("there is no revision {revision}")),
        other => other.into(),
    }
}

fn sound(set: DocumentSet, findings: &[Diagnostic]) -> Result<DocumentSet, Error> {
    let errors: Vec<String> =
        findings.iter().filter(|finding| finding.severity == Severity::Error).map(ToString::to_string).collect();
    if errors.is_empty() { Ok(set) } else { Err(Error::Usage(errors.join("\n"))) }
}
