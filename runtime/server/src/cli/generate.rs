//! `trellis gen`: the OpenAPI document and types of a tenant, as one role or the administrator may use it.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use trellis_api::{openapi, typescript};
use trellis_engine::{Profile, TENANT_ADMIN};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::Snapshot;

use super::error::Error;
use super::output::{Done, Output};
use super::{Target, documents};

#[derive(Subcommand, Clone, Debug)]
pub enum GenCommand {
    /// OpenAPI 3.1 of the record API.
    Openapi(Whose),
    /// Types of records, and of what may be inserted and updated.
    Types {
        #[arg(long, value_enum, default_value = "ts")]
        lang: Language,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Language {
    Ts,
}

#[derive(Args, Clone, Debug)]
pub struct Whose {
    #[arg(long)]
    tenant: String,
    /// What somebody with these roles may use; repeat for several. Everything unless said.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// File to write instead of standard output.
    #[arg(short, long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

pub fn run(command: GenCommand, output: &Output) -> Result<Done, Error> {
    match command {
        GenCommand::Openapi(whose) => {
            let snapshot = snapshot(&whose)?;
            let bytes = openapi::document(&snapshot, &profile(&whose, &snapshot)?, &whose.tenant);
            let document: Value = serde_json::from_slice(&bytes).map_err(|error| Error::Usage(error.to_string()))?;
            write(&whose, &document, &format!("{document:#}\n"), output)
        }
        GenCommand::Types { lang: Language::Ts, whose } => {
            let snapshot = snapshot(&whose)?;
            let module = typescript::module(&snapshot, &profile(&whose, &snapshot)?, &whose.tenant);
            write(&whose, &json!({ "types": module }), &module, output)
        }
    }
}

/// The tenant's documents resolved, wherever they are kept.
fn snapshot(whose: &Whose) -> Result<Snapshot, Error> {
    let (revision, set) = documents::current(&whose.target, &whose.tenant)?;
    let resolution = resolve(&set, revision);
    let findings: Vec<String> = resolution.errors().map(ToString::to_string).collect();
    resolution.snapshot.ok_or_else(|| Error::Usage(findings.join("\n")))
}

fn profile(whose: &Whose, snapshot: &Snapshot) -> Result<Profile, Error> {
    let wanted = if whose.roles.is_empty() { vec![TENANT_ADMIN.to_owned()] } else { whose.roles.clone() };
    let role = |role: &String| {
        let known = role == TENANT_ADMIN || snapshot.role_by_name(role).is_some();
        Identifier::new(role).ok().filter(|_| known).ok_or_else(|| Error::Usage(format!("there is no role {role}")))
    };
    let mut roles: Vec<Identifier> = wanted.iter().map(role).collect::<Result<_, _>>()?;
    roles.sort();
    roles.dedup();
    Ok(Profile::compile(snapshot, &roles))
}

fn write(whose: &Whose, value: &Value, text: &str, output: &Output) -> Result<Done, Error> {
    let Some(path) = &whose.out else {
        output.answer(value, || text.to_owned());
        return Ok(Done::Clean);
    };
    fs::write(path, text).map_err(|error| Error::file(path, error))?;
    output.answer(&json!({ "file": path.display().to_string() }), || path.display().to_string());
    Ok(Done::Clean)
}
