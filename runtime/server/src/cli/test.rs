//! `trellis test`: the scenarios of a package, each on a tenant of its own that is gone afterwards.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use trellis_engine::scenario::{self, Difference};
use trellis_engine::{Runtime, Tenant};
use trellis_metadata::diagnostic::Severity;
use trellis_metadata::document::scenario::Scenario;
use trellis_metadata::document::{Body, Document, DocumentSet};
use trellis_metadata::resolve::resolve;
use uuid::Uuid;

use super::author::read_folder;
use super::error::Error;
use super::findings::report;
use super::output::{Done, Output};
use super::{serve, templates};

#[derive(Args, Clone, Debug)]
pub struct TestArgs {
    /// Package folder, or a folder of packages.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Run this scenario only; repeat for several.
    #[arg(long)]
    only: Vec<String>,
    /// Run on this PostgreSQL database instead of temporary SQLite files.
    #[arg(long)]
    database_url: Option<String>,
}

/// A scenario and how it ended.
struct Ended {
    name: String,
    file: String,
    differences: Vec<Difference>,
}

pub fn run(args: &TestArgs, output: &Output) -> Result<Done, Error> {
    let (own, diagnostics) = DocumentSet::parse(read_folder(&args.dir)?);
    let documents = templates::with_required(&own);
    let mut findings = diagnostics;
    if findings.is_empty() {
        findings = resolve(&documents, 1).diagnostics;
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        report(&findings, output);
        return Ok(Done::Refused);
    }
    let chosen = choose(&own, &args.only)?;
    let place = TemporaryFolder::new();
    let runtime = serve::open(place.0.clone(), args.database_url.clone())?;
    let mut ended = Vec::new();
    for (document, scenario) in chosen {
        let differences = carry_out(&runtime, &documents, document, scenario)?;
        ended.push(Ended { name: document.name.to_string(), file: document.file.clone(), differences });
    }
    let failed = ended.iter().filter(|scenario| !scenario.differences.is_empty()).count();
    let passed = ended.len() - failed;
    output.answer(&told(&ended, passed, failed), || {
        let lines: String = ended.iter().map(|scenario| lines(scenario, output)).collect();
        format!("{lines}{passed} passed, {failed} failed")
    });
    Ok(if failed == 0 { Done::Clean } else { Done::Refused })
}

/// The scenarios of the folder, in order of name; those of required packages are theirs.
fn choose<'d>(own: &'d DocumentSet, only: &[String]) -> Result<Vec<(&'d Document, &'d Scenario)>, Error> {
    let all = own.documents.iter().filter_map(|document| match &document.body {
        Body::Scenario(scenario) => Some((document, &**scenario)),
        _ => None,
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(document, _)| document.name.clone());
    let named = |name: &String| all.iter().any(|(document, _)| document.name.as_str() == name);
    if let Some(missing) = only.iter().find(|name| !named(name)) {
        let names: Vec<&str> = all.iter().map(|(document, _)| document.name.as_str()).collect();
        return Err(Error::Usage(format!("there is no scenario {missing}; there are: {}", names.join(", "))));
    }
    all.retain(|(document, _)| only.is_empty() || only.iter().any(|name| document.name.as_str() == name));
    Ok(all)
}

fn carry_out(
    runtime: &Arc<Runtime>,
    documents: &DocumentSet,
    document: &Document,
    scenario: &Scenario,
) -> Result<Vec<Difference>, Error> {
    let name = format!("scenario_{}", Uuid::now_v7().simple());
    let outcome = scenario::prepare(runtime, &name, documents)
        .and_then(|tenant: Arc<Tenant>| scenario::run(runtime, &tenant, document, scenario, &trellis_workflow::settle));
    // Gone again whatever happened; that the first failure is told matters more than one here.
    let gone = runtime.delete_tenant(&name);
    let outcome = outcome?;
    gone?;
    Ok(outcome.differences)
}

fn told(ended: &[Ended], passed: usize, failed: usize) -> Value {
    let scenario = |ended: &Ended| {
        json!({
            "name": ended.name,
            "file": ended.file,
            "passed": ended.differences.is_empty(),
            "differences": ended.differences,
        })
    };
    json!({ "scenarios": ended.iter().map(scenario).collect::<Vec<_>>(), "passed": passed, "failed": failed })
}

fn lines(ended: &Ended, output: &Output) -> String {
    if ended.differences.is_empty() {
        return format!("{} {}\n", output.green("passed"), ended.name);
    }
    let difference = |difference: &Difference| {
        let Difference { pointer, expected, found } = difference;
        format!("    {pointer}: expected {expected}, found {found}\n")
    };
    let differences: String = ended.differences.iter().map(difference).collect();
    format!("{} {} ({})\n{differences}", output.red("failed"), ended.name, ended.file)
}

/// Gone when dropped.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("trellis-test-{}", Uuid::now_v7())))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %self.0.display(), %error, "the temporary folder stays");
        }
    }
}
