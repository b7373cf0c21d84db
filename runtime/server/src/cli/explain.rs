//! `trellis explain`: why may somebody do something, or not.

use clap::Subcommand;

use super::error::Error;
use super::output::{Done, Output};
use super::{Target, serve};

#[derive(Subcommand, Clone, Debug)]
pub enum ExplainCommand {
    /// Why a user may or may not do something with an object, a record or a field.
    Access {
        #[arg(long)]
        tenant: String,
        /// E-mail address.
        #[arg(long)]
        user: String,
        #[arg(long)]
        object: String,
        #[arg(long, default_value = "read")]
        verb: String,
        #[arg(long)]
        record: Option<uuid::Uuid>,
        #[arg(long)]
        field: Option<String>,
        #[command(flatten)]
        target: Target,
    },
}

pub fn run(command: ExplainCommand, output: &Output) -> Result<Done, Error> {
    let ExplainCommand::Access { tenant, user, object, verb, record, field, target } = command;
    let runtime = serve::open(target.data, target.database_url)?;
    let tenant = runtime.tenant(&tenant)?;
    let question = trellis_engine::explain::Question { user, object, verb, record, field };
    let explanation = trellis_engine::explain::explain(&tenant, &question)?;
    output.answer(&explanation.to_json(), || explanation.to_string());
    Ok(Done::Clean)
}
