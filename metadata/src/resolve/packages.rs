//! Stage 2: packages. Versions are semantic, and what a package requires is present.

use semver::{Version, VersionReq};

use super::catalog::{Catalog, Item};
use super::findings::Findings;
use crate::document::package::Package;
use crate::identifier::Identifier;
use crate::snapshot::PackageRef;
use crate::source::join_pointer;

pub fn resolve(catalog: &Catalog<'_>, findings: &mut Findings) -> Vec<PackageRef> {
    for item in &catalog.packages {
        check_version(item, findings);
        check_runtime(item, findings);
        check_dependencies(item, catalog, findings);
    }
    for item in catalog.packages.iter().filter(|item| is_incomplete(item, catalog)) {
        findings.leave_out(&item.document.id);
    }
    let reference = |item: &Item<'_, Package>| PackageRef {
        name: item.document.name.clone(),
        version: item.body.version.clone(),
        label: item.document.label.clone(),
    };
    catalog.packages.iter().map(reference).collect()
}

fn present<'c, 'd>(name: &Identifier, catalog: &'c Catalog<'d>) -> Option<&'c Item<'d, Package>> {
    catalog.packages.iter().find(|other| other.document.name == *name)
}

/// What a package needs is not there, so that whatever else is found in it follows from that.
fn is_incomplete(item: &Item<'_, Package>, catalog: &Catalog<'_>) -> bool {
    item.body.requires.packages.keys().any(|name| present(name, catalog).is_none())
}

fn check_version(item: &Item<'_, Package>, findings: &mut Findings) {
    if let Err(error) = Version::parse(&item.body.version) {
        let message = format!("`{}` is not a semantic version: {error}", item.body.version);
        findings.error(item.document, "/version", "invalid_version", message).help("write it like 1.0.0");
    }
}

fn check_runtime(item: &Item<'_, Package>, findings: &mut Findings) {
    let Some(wanted) = &item.body.requires.runtime else { return };
    let pointer = "/requires/runtime";
    let Some(requirement) = requirement(item, wanted, pointer, findings) else { return };
    let runtime = env!("CARGO_PKG_VERSION");
    if Version::parse(runtime).is_ok_and(|version| !requirement.matches(&version)) {
        let message = format!("the package needs runtime {wanted}; this is {runtime}");
        findings.error(item.document, pointer, "runtime_too_old", message);
    }
}

fn check_dependencies(item: &Item<'_, Package>, catalog: &Catalog<'_>, findings: &mut Findings) {
    for (name, wanted) in &item.body.requires.packages {
        let pointer = join_pointer("/requires/packages", name.as_str());
        let requirement = requirement(item, wanted, &pointer, findings);
        let Some(dependency) = present(name, catalog) else {
            let message = format!("the package `{name}` ({wanted}) is required and not present");
            findings.key_error(item.document, &pointer, "missing_package", message).help(format!(
                "apply `{name}` first, or both in one folder; the rest of this package is checked once it is there"
            ));
            continue;
        };
        let version = Version::parse(&dependency.body.version).ok();
        if let (Some(requirement), Some(version)) = (requirement, version)
            && !requirement.matches(&version)
        {
            let message = format!("`{name}` {wanted} is required; version {version} is present");
            findings.error(item.document, &pointer, "wrong_package_version", message);
        }
    }
}

fn requirement(item: &Item<'_, Package>, text: &str, pointer: &str, findings: &mut Findings) -> Option<VersionReq> {
    match VersionReq::parse(text) {
        Ok(requirement) => Some(requirement),
        Err(error) => {
            let message = format!("`{text}` is not a version requirement: {error}");
            findings.error(item.document, pointer, "invalid_version", message).help("write it like >=1.2, <2");
            None
        }
    }
}
