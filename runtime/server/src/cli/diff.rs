//! `trellis diff`: what differs between two folders or tenants, by document and property.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use trellis_metadata::difference::{Change, Difference, Property, between};
use trellis_metadata::document::DocumentSet;

use super::error::Error;
use super::output::{Done, Output};
use super::{Target, documents};

#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// A package folder, `tenant:NAME` or `tenant:NAME@REVISION`.
    before: String,
    after: String,
    #[command(flatten)]
    target: Target,
}

pub fn run(args: &DiffArgs, output: &Output) -> Result<Done, Error> {
    let found = between(&side(&args.before, &args.target)?, &side(&args.after, &args.target)?);
    output.answer(&json!({ "differences": found }), || {
        if found.is_empty() { "no differences".into() } else { found.iter().map(|one| document(one, output)).collect() }
    });
    Ok(if found.is_empty() { Done::Clean } else { Done::Pending })
}

fn side(text: &str, target: &Target) -> Result<DocumentSet, Error> {
    let Some(tenant) = text.strip_prefix("tenant:") else { return documents::of_folder(Path::new(text)) };
    let Some((tenant, revision)) = tenant.split_once('@') else { return documents::of_tenant(target, tenant, None) };
    let revision = revision.parse().map_err(|_| {
        Error::Usage(format!("`{revision}` is not the number of a revision; write it like tenant:demo@3"))
    })?;
    documents::of_tenant(target, tenant, Some(revision))
}

fn document(found: &Difference, output: &Output) -> String {
    let sign = match found.change {
        Change::Add => output.green("+"),
        Change::Remove => output.red("-"),
        Change::Change => output.yellow("~"),
    };
    let properties: String = found.properties.iter().map(|one| property(one, output)).collect();
    format!("{sign} {} {}\n{properties}", found.kind, found.id)
}

fn property(found: &Property, output: &Output) -> String {
    let pointer = if found.pointer.is_empty() { "/" } else { &found.pointer };
    match (&found.before, &found.after) {
        (Some(before), Some(after)) => format!("    {pointer}: {} → {}\n", short(before), short(after)),
        (None, Some(after)) => format!("    {} {pointer}: {}\n", output.green("+"), short(after)),
        (Some(before), None) => format!("    {} {pointer}: {}\n", output.red("-"), short(before)),
        (None, None) => String::new(),
    }
}

/// As much of a value as fits a line.
fn short(value: &Value) -> String {
    const WIDTH: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= WIDTH {
        return text;
    }
    text.chars().take(WIDTH).chain(['…']).collect()
}
