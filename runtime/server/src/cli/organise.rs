//! `trellis tenant`, `trellis user` and `trellis token`.

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use serde_json::json;
use trellis_engine::Caller;
use trellis_engine::identity::{
    self, Login, Member, NewMember, add_member, create_api_token, find_member, reset_password,
};

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
    /// Delete a tenant with everything in it, for good. Stop its server first.
    Delete {
        name: String,
        /// The name once more.
        #[arg(long)]
        confirm: String,
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
    /// Give a member another password, read from standard input unless given in the environment; all he is logged in by
    /// ends.
    Password {
        #[command(flatten)]
        whom: Whom,
        #[arg(long, env = "TRELLIS_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Replace the roles of a member.
    Roles {
        #[command(flatten)]
        whom: Whom,
        /// Repeat for several; none takes all away.
        #[arg(long = "role")]
        roles: Vec<String>,
        /// Even if no active administrator is left.
        #[arg(long)]
        force: bool,
    },
    /// List the members with their roles.
    List {
        #[arg(long)]
        tenant: String,
        #[command(flatten)]
        target: Target,
    },
    /// Keep a member out: his password, sessions and tokens no longer let him in.
    Disable {
        #[command(flatten)]
        whom: Whom,
        /// Even the last active administrator of the tenant.
        #[arg(long)]
        force: bool,
    },
    /// Let a member in again.
    Enable(Whom),
}

#[derive(Args, Clone, Debug)]
pub struct Whom {
    email: String,
    #[arg(long)]
    tenant: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Subcommand, Clone, Debug)]
pub enum TokenCommand {
    /// Make an API token of a member; it has his rights and is shown once.
    Create {
        /// E-mail address of the member.
        #[arg(long)]
        user: String,
        #[arg(long)]
        tenant: String,
        /// How many days it lasts.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
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
        TenantCommand::Delete { name, confirm, target } => {
            if name != confirm {
                return Err(Error::Usage(format!("deleting cannot be undone; repeat the name: --confirm {name}")));
            }
            open(&target)?.delete_tenant(&name)?;
            output.answer(&json!({ "deleted": name }), || format!("deleted tenant {name}"));
        }
    }
    Ok(Done::Clean)
}

pub fn user(command: UserCommand, output: &Output) -> Result<Done, Error> {
    match command {
        UserCommand::Create { email, tenant, name, roles, password, target } => {
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            let member = NewMember { name, email, roles, ..NewMember::default() };
            create(member, &tenant, password, &target, output)
        }
        UserCommand::List { tenant, target } => {
            let members = identity::members(&*open(&target)?.tenant(&tenant)?)?;
            output.answer(&json!({ "users": members }), || members.iter().map(line).collect());
            Ok(Done::Clean)
        }
        UserCommand::Password { whom, password } => set_password(&whom, password, output),
        UserCommand::Roles { whom, roles, force } => set_roles(&whom, roles, force, output),
        UserCommand::Disable { whom, force } => set_active(&whom, &Access::Disabled { force }, output),
        UserCommand::Enable(whom) => set_active(&whom, &Access::Enabled, output),
    }
}

fn create(
    member: NewMember,
    tenant: &str,
    password: Option<String>,
    target: &Target,
    output: &Output,
) -> Result<Done, Error> {
    let runtime = open(target)?;
    let tenant = runtime.tenant(tenant)?;
    let password = given_or_read(password)?;
    let email = member.email.clone();
    let id = add_member(&runtime, &tenant, &Caller::system(&tenant.pin()), member, Login::Password(&password))?;
    output.answer(&json!({ "user": id, "email": email }), || format!("created user {email}"));
    Ok(Done::Clean)
}

fn given_or_read(password: Option<String>) -> Result<String, Error> {
    match password {
        Some(password) => Ok(password),
        None => {
            let line = std::io::read_to_string(std::io::stdin()).map_err(|error| Error::Usage(error.to_string()))?;
            Ok(line.trim_end_matches(['\n', '\r']).to_owned())
        }
    }
}

fn set_password(whom: &Whom, password: Option<String>, output: &Output) -> Result<Done, Error> {
    let runtime = open(&whom.target)?;
    let tenant = runtime.tenant(&whom.tenant)?;
    let done = reset_password(&runtime, &tenant, &whom.email, &given_or_read(password)?);
    done.map_err(|error| known(error, whom))?;
    output.answer(&json!({ "email": whom.email }), || format!("{} has a new password", whom.email));
    Ok(Done::Clean)
}

fn set_roles(whom: &Whom, roles: Vec<String>, force: bool, output: &Output) -> Result<Done, Error> {
    let tenant = open(&whom.target)?.tenant(&whom.tenant)?;
    let user = find_member(&tenant, &whom.email)?.ok_or_else(|| no_member(&whom.email, &whom.tenant))?;
    let author = Caller::system(&tenant.pin());
    identity::change_roles(&tenant, &author, user, roles.clone(), force).map_err(|error| last(error, &whom.email))?;
    let text = || format!("{}: {}", whom.email, if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") });
    output.answer(&json!({ "user": user, "roles": roles }), text);
    Ok(Done::Clean)
}

fn known(error: trellis_engine::Error, whom: &Whom) -> Error {
    match error {
        trellis_engine::Error::NotFound => no_member(&whom.email, &whom.tenant),
        other => other.into(),
    }
}

fn line(member: &Member) -> String {
    let state = if member.active { "" } else { " (disabled)" };
    format!("{} {}: {}{state}\n", member.email, member.name, member.roles.join(", "))
}

/// What a member's account is to be.
enum Access {
    Enabled,
    Disabled { force: bool },
}

fn set_active(whom: &Whom, access: &Access, output: &Output) -> Result<Done, Error> {
    let tenant = open(&whom.target)?.tenant(&whom.tenant)?;
    let user = find_member(&tenant, &whom.email)?.ok_or_else(|| no_member(&whom.email, &whom.tenant))?;
    let author = Caller::system(&tenant.pin());
    let (active, state) = match access {
        Access::Enabled => (true, "enabled"),
        Access::Disabled { .. } => (false, "disabled"),
    };
    match access {
        Access::Enabled => identity::enable(&tenant, &author, user)?,
        Access::Disabled { force } => {
            identity::disable(&tenant, &author, user, *force).map_err(|error| last(error, &whom.email))?;
        }
    }
    output.answer(&json!({ "user": user, "active": active }), || format!("{state} {}", whom.email));
    Ok(Done::Clean)
}

fn last(error: trellis_engine::Error, email: &str) -> Error {
    match error {
        trellis_engine::Error::LastAdministrator => {
            Error::Usage(format!("{email}: {error}, or do it all the same with --force"))
        }
        other => other.into(),
    }
}

fn no_member(email: &str, tenant: &str) -> Error {
    Error::Usage(format!("{tenant} has no active member {email} with a login; `trellis user list` tells who there is"))
}

pub fn token(command: TokenCommand, output: &Output) -> Result<Done, Error> {
    let TokenCommand::Create { user, tenant, days, target } = command;
    let runtime = open(&target)?;
    let life = TimeDelta::days(i64::from(days));
    let created = create_api_token(&runtime, &*runtime.tenant(&tenant)?, &user, life);
    let token = created.map_err(|error| match error {
        trellis_engine::Error::NotFound => no_member(&user, &tenant),
        other => other.into(),
    })?;
    output.answer(&json!(token), || token.token.clone());
    Ok(Done::Clean)
}

fn open(target: &Target) -> Result<std::sync::Arc<trellis_engine::Runtime>, Error> {
    if target.url.is_some() {
        return Err(Error::Usage("this command works on the data folder or database; leave --url away".into()));
    }
    serve::open(target.data.clone(), target.database_url.clone())
}
