//! `trellis demo`: a tenant with the distribution packages and sample data, on loopback only.

use clap::Args;
use std::net::ToSocketAddrs;
use std::path::PathBuf;

use trellis_engine::publish::{self, Confirmation, DocumentChanges};
use trellis_engine::{Caller, Tenant};

use super::error::Error;
use super::output::{Done, Output};
use super::{Size, seed, serve, templates};
use crate::limits::LimitArgs;

pub const TENANT: &str = "demo";
pub const PASSWORD: &str = "demo-only";

#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    #[arg(long, env = "TRELLIS_DATA", default_value = "data/demo")]
    data: PathBuf,
    #[arg(long, env = "TRELLIS_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    #[arg(long, value_enum, default_value = "small")]
    size: Size,
    #[arg(long, env = "TRELLIS_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

pub fn run(args: DemoArgs, output: &Output) -> Result<Done, Error> {
    demand_loopback(&args.listen)?;
    let runtime = serve::open(args.data, args.database_url)?;
    if runtime.tenants()?.iter().all(|tenant| tenant.name != TENANT) {
        let tenant = runtime.create_tenant(TENANT)?;
        install(&tenant)?;
        seed::load(&runtime, &tenant, args.size, Some(PASSWORD), output)?;
    }
    serve::listen(runtime, &args.listen, None, &LimitArgs::default(), |address| {
        output
            .answer(&serde_json::json!({ "url": format!("http://{address}"), "tenant": TENANT }), || welcome(address));
        Ok(())
    })
}

/// The well-known password must not be reachable from another machine.
fn demand_loopback(listen: &str) -> Result<(), Error> {
    let addresses = listen.to_socket_addrs().map_err(|source| Error::Listen { address: listen.to_owned(), source })?;
    if addresses.into_iter().all(|address| address.ip().is_loopback()) {
        return Ok(());
    }
    Err(Error::Usage(format!("the demo has a well-known password and listens on loopback only, not on {listen}")))
}

fn install(tenant: &std::sync::Arc<Tenant>) -> Result<(), Error> {
    let files = templates::DISTRIBUTION.iter().flat_map(|name| {
        let files = templates::files(name).unwrap_or_default();
        files.into_iter().map(move |(path, text)| (format!("{name}/{path}"), text))
    });
    let changes = DocumentChanges::from_files(files);
    let plan = publish::apply(
        tenant,
        changes,
        &Confirmation::SafeOnly,
        &Caller::system(&tenant.pin()),
        "distribution packages",
    )?;
    match plan.diagnostics.iter().find(|_| plan.has_errors()) {
        Some(finding) => Err(Error::Usage(format!("the preset packages do not resolve: {finding}"))),
        None => Ok(()),
    }
}

const LOGINS: [(&str, &str); 9] = [
    ("admin@demo", "tenant administrator"),
    ("hq@demo", "brand headquarters"),
    ("region@demo", "region manager"),
    ("supervisor@demo", "supervisor"),
    ("rep@demo", "brand representative"),
    ("dealer@demo", "dealer"),
    ("dealer_rep@demo", "dealer's representative"),
    ("dealer2@demo", "another dealer"),
    ("dealer2_rep@demo", "another dealer's representative"),
];

fn welcome(address: std::net::SocketAddr) -> String {
    let logins: String = LOGINS.iter().map(|(email, who)| format!("  {email:<18} {who}\n")).collect();
    format!(
        "Trellis demo
  pages    http://{address}/t/{TENANT}/login
  API      http://{address}/t/{TENANT}/api/v1/outlet
  OpenAPI  http://{address}/t/{TENANT}/api/v1/openapi.json

Logins (password {PASSWORD}):
{logins}
Try:
  TOKEN=$(curl -s http://{address}/auth/v1/token -d '{{\"tenant\":\"{TENANT}\",\"email\":\"dealer_rep@demo\",\"password\":\"{PASSWORD}\"}}' | sed -E 's/.*\"access_token\":\"([^\"]+)\".*/\\1/')
  curl -s -H \"Authorization: Bearer $TOKEN\" 'http://{address}/t/{TENANT}/api/v1/outlet?select=outlet_code,name,status&order=name&limit=5'
  curl -s -H \"Authorization: Bearer $TOKEN\" 'http://{address}/t/{TENANT}/api/v1/sales_order?select=order_no,status,net_amt,lines(product(name),uom_qty)&limit=2'

Stop with Ctrl-C."
    )
}
