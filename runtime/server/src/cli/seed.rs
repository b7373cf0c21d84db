//! `trellis seed`: the deterministic sample dataset, through the write pipeline in large transactions.

use clap::Args;
use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use trellis_engine::identity::{self, Login, NewMember, add_member};
use trellis_engine::{Caller, Runtime, Tenant, bulk};
use trellis_metadata::label::Locale;
use trellis_sample::{Known, Organisation, dataset};
use uuid::Uuid;

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
    runtime: &Arc<Runtime>,
    tenant: &Arc<Tenant>,
    size: Size,
    password: Option<&str>,
    output: &Output,
) -> Result<(), Error> {
    let author = Caller::system(&tenant.pin());
    let dataset = dataset(of(size), business_date(), known(tenant)?);
    organisation(runtime, tenant, &author, &dataset.organisation, password, output)?;
    for table in &dataset.tables {
        let bar = progress(table.object, table.count, output);
        bulk::load(tenant, &author, table.object, table.rows(), |count| bar.inc(count as u64))
            .map_err(|error| Error::Load { object: table.object.to_owned(), source: error })?;
        bar.finish();
    }
    let rows: u64 = dataset.tables.iter().map(|table| table.count).sum();
    if !output.is_json() {
        output.note(&format!("loaded {rows} sample rows"));
    }
    Ok(())
}

fn of(size: Size) -> trellis_sample::Size {
    match size {
        Size::Small => trellis_sample::Size::Small,
        Size::Medium => trellis_sample::Size::Medium,
    }
}

/// The sample business stands on the evening of this day.
fn business_date() -> NaiveDate {
    Utc::now().date_naive()
}

/// Rows that the packages' own seeds made, by their natural key.
fn known(tenant: &Arc<Tenant>) -> Result<Known, Error> {
    let mut known = Known::default();
    for (object, key, id) in trellis_engine::seed_keys(tenant)? {
        known.insert(&object, &key, &id.to_string());
    }
    Ok(known)
}

fn organisation(
    runtime: &Arc<Runtime>,
    tenant: &Arc<Tenant>,
    author: &Caller,
    organisation: &Organisation,
    password: Option<&str>,
    output: &Output,
) -> Result<(), Error> {
    let units = organisation.units.iter().map(|unit| {
        let mut row = serde_json::Map::new();
        row.insert("id".into(), unit.id.clone().into());
        row.insert("code".into(), unit.code.clone().into());
        row.insert("name".into(), unit.name.clone().into());
        row.insert("parent".into(), unit.parent.clone().into());
        row
    });
    bulk::load(tenant, author, "org_unit", units, |_| ())?;
    let bar = progress("user", organisation.users.len() as u64, output);
    // One hash serves all sample users: they share the password, and hashing is slow on purpose.
    let hash = password.map(identity::password::hash).transpose()?;
    for user in &organisation.users {
        let member = NewMember {
            id: Uuid::try_parse(&user.id).ok(),
            name: user.name.clone(),
            email: user.email.clone(),
            roles: user.roles.iter().map(|role| (*role).to_owned()).collect(),
            org_unit: Uuid::try_parse(&user.unit).ok(),
            manager: user.manager.as_deref().and_then(|manager| Uuid::try_parse(manager).ok()),
            locale: Locale::from_tag(user.locale),
        };
        add_member(runtime, tenant, author, member, hash.as_deref().map_or(Login::None, Login::Hash))?;
        bar.inc(1);
    }
    bar.finish();
    Ok(())
}

fn progress(what: &str, total: u64, output: &Output) -> ProgressBar {
    let bar = if output.watches() { ProgressBar::new(total) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg:>20} [{bar:40}] {pos}/{len} rows, {per_sec}, {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar
}
