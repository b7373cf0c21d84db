//! `trellis seed`: the deterministic sample dataset, through the write pipeline in large transactions.

use clap::Args;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use trellis_engine::{Runtime, Tenant};

use super::error::Error;
use super::output::{Done, Output};
use super::{Size, Target, serve};

#[derive(Args, Clone, Debug)]
pub struct SeedArgs {
    #[arg(long, value_enum, default_value = "small")]
    size: Size,
    #[arg(long)]
    tenant: String,
    /// Give every sample user this password.
    #[arg(long, env = "TRELLIS_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub fn run(args: SeedArgs, output: &Output) -> Result<Done, Error> {
    let runtime = serve::open(args.target.data.clone(), args.target.database_url.clone())?;
    let tenant = runtime.tenant(&args.tenant)?;
    load(&runtime, &tenant, args.size, args.password.as_deref(), output)?;
    Ok(Done::Clean)
}

pub fn load(
    _runtime: &Arc<Runtime>,
    _tenant: &Arc<Tenant>,
    _size: Size,
    _password: Option<&str>,
    output: &Output,
) -> Result<(), Error> {
    let _bar = progress(0, output);
    Ok(())
}

fn progress(total: u64, output: &Output) -> ProgressBar {
    let bar = if output.watches() { ProgressBar::new(total) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg:>16} [{bar:40}] {pos}/{len} rows, {per_sec}, {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
