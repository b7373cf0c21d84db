//! `trellis backup` and `trellis restore`: copies of a data folder and of single tenants.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::error::Error;
use super::output::{Done, Output, count};
use super::{Target, serve};

#[derive(Args, Clone, Debug)]
pub struct BackupArgs {
    /// Folder for the copy; it must not hold one yet.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    target: Target,
}

#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// Folder of a copy made by `trellis backup`.
    from: PathBuf,
    /// This tenant only, into a data folder that is in use.
    #[arg(long)]
    tenant: Option<String>,
    /// Another name for the tenant.
    #[arg(long = "as", requires = "tenant")]
    name: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub fn back_up(args: &BackupArgs, output: &Output) -> Result<Done, Error> {
    demand_files(&args.target)?;
    let runtime = serve::open(args.target.data.clone(), None)?;
    let tenants = runtime.storage.back_up(&args.out)?;
    let names: Vec<&str> = tenants.iter().map(|tenant| tenant.name.as_str()).collect();
    let folder = args.out.display().to_string();
    output.answer(&json!({ "folder": folder, "tenants": names }), || {
        format!("copied {} to {folder}: {}", count(names.len(), "tenant"), names.join(", "))
    });
    Ok(Done::Clean)
}

pub fn restore(args: &RestoreArgs, output: &Output) -> Result<Done, Error> {
    demand_files(&args.target)?;
    let data = &args.target.data;
    let Some(tenant) = &args.tenant else {
        let tenants = trellis_engine::restore(&args.from, data)?;
        let names: Vec<&str> = tenants.iter().map(|tenant| tenant.name.as_str()).collect();
        output.answer(&json!({ "tenants": names }), || format!("restored {}", names.join(", ")));
        return Ok(Done::Clean);
    };
    let name = args.name.as_ref().unwrap_or(tenant);
    serve::open(data.clone(), None)?.storage.restore_tenant(&args.from, tenant, name)?;
    output.answer(&json!({ "tenants": [name] }), || format!("restored {tenant} as {name}"));
    Ok(Done::Clean)
}

/// A database server has tools of its own, which see all of it at one instant.
fn demand_files(target: &Target) -> Result<(), Error> {
    if target.database_url.is_some() || target.url.is_some() {
        let message = "copies are made of a data folder (--data); for PostgreSQL use pg_dump and pg_restore, one schema of \
                       a tenant with --schema";
        return Err(Error::Usage(message.into()));
    }
    Ok(())
}
