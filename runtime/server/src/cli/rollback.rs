//! `trellis rollback`: the documents of an earlier revision, published again as a new one.

use clap::Args;
use trellis_engine::Caller;
use trellis_engine::publish::{self, Confirmation};

use super::apply::{settle, told};
use super::documents::unknown;
use super::error::Error;
use super::output::{Done, Output};
use super::{Target, remote, serve};

#[derive(Args, Clone, Debug)]
pub struct RollbackArgs {
    /// Number of the revision to go back to.
    revision: u64,
    #[arg(long)]
    tenant: String,
    /// Hash of the plan, where going back risks anything.
    #[arg(long)]
    accept: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub fn run(args: RollbackArgs, output: &Output) -> Result<Done, Error> {
    let RollbackArgs { revision, tenant, accept, target } = args;
    if let Some(url) = &target.url {
        let done = remote::rollback(url, target.token.as_deref(), &tenant, revision, accept.as_deref())?;
        return Ok(told(&done, output));
    }
    let runtime = serve::open(target.data, target.database_url)?;
    let tenant = runtime.tenant(&tenant)?;
    let changes = publish::back_to(&tenant, revision).map_err(|error| unknown(error, revision))?;
    let confirmation = accept.map_or(Confirmation::SafeOnly, Confirmation::Hash);
    let author = Caller::system(&tenant.pin());
    let message = format!("back to revision {revision}");
    settle(publish::apply(&tenant, changes, &confirmation, &author, &message), &confirmation, output)
}
