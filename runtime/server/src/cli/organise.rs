//! `trellis tenant` and `trellis user`.

use clap::Subcommand;
use serde_json::json;
use trellis_engine::Caller;
use trellis_engine::identity::{Login, NewMember, add_member};

use super::error::Error;
use super::output::{Done, Output};
use super::{Target, serve};

#[derive(Subcommand, Clone, Debug)]
pub enum TenantCommand {
    Create {
        name: String,
        #[command(flatten)]
        target: Target,
    },
    List {
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Subcommand, Clone, Debug)]
pub enum UserCommand {
    /// Add a member; the password is read from standard input unless given in the environment.
    Create {
        email: String,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        name: Option<String>,
        /// Repeat for several.
        #[arg(long = "role")]
        roles: Vec<String>,
        #[arg(long, env = "TRELLIS_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        #[command(flatten)]
        target: Target,
    },
}

pub fn tenant(command: TenantCommand, output: &Output) -> Result<Done, Error> {
    match command {
        TenantCommand::Create { name, target } => {
            let tenant = open(&target)?.create_tenant(&name)?;
            let revision = tenant.pin().revision;
            output.answer(&json!({ "tenant": name, "revision": revision }), || format!("created tenant {name}"));
        }
        TenantCommand::List { target } => {
            let tenants = open(&target)?.tenants()?;
            let rows: Vec<_> = tenants
                .iter()
                .map(|tenant| json!({ "name": tenant.name, "id": tenant.id, "created_at": tenant.created_at }))
                .collect();
            output.answer(&json!({ "tenants": rows }), || {
                tenants.iter().map(|tenant| format!("{}\n", tenant.name)).collect()
            });
        }
    }
    Ok(Done::Clean)
}

pub fn user(command: UserCommand, output: &Output) -> Result<Done, Error> {
    let UserCommand::Create { email, tenant, name, roles, password, target } = command;
    let runtime = open(&target)?;
    let tenant = runtime.tenant(&tenant)?;
    let password = match password {
        Some(password) => password,
        None => std::io::read_to_string(std::io::stdin())
            .map_err(|error| Error::Usage(error.to_string()))?
            .trim_end_matches(['\n', '\r'])
            .to_owned(),
    };
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let member = NewMember { name, email: email.clone(), roles, ..NewMember::default() };
    let id = add_member(&runtime, &tenant, &Caller::system(&tenant.pin()), member, Login::Password(&password))?;
    output.answer(&json!({ "user": id, "email": email }), || format!("created user {email}"));
    Ok(Done::Clean)
}

fn open(target: &Target) -> Result<std::sync::Arc<trellis_engine::Runtime>, Error> {
    if target.url.is_some() {
        return Err(Error::Usage("this command works on the data folder or database; leave --url away".into()));
    }
    serve::open(target.data.clone(), target.database_url.clone())
}
