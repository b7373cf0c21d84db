//! The first administrator of an installation that has no tenant yet, let in once by the token of the first start.

use std::sync::Arc;

use trellis_access::TENANT_ADMIN;

use super::members::{Login, NewMember, add_member};
use super::same_secret;
use crate::{Caller, Error, Runtime, Tenant};

/// Who sets the installation up, and the tenant they want.
#[derive(Clone, Debug)]
pub struct FirstAdministrator {
    pub tenant: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// The token, as long as it opens anything: an installation with a tenant has its administrators.
pub fn setup_token(runtime: &Runtime) -> Result<Option<String>, Error> {
    if !runtime.tenants()?.is_empty() {
        return Ok(None);
    }
    Ok(runtime.storage.control().setup_token()?)
}

/// Creates the tenant and its administrator. The token is used up by success only.
pub fn set_up(runtime: &Runtime, token: &str, first: &FirstAdministrator) -> Result<Arc<Tenant>, Error> {
    let known = setup_token(runtime)?.is_some_and(|known| same_secret(&known, token));
    let control = runtime.storage.control();
    if !known || !control.take_setup_token(token).wait()? {
        return Err(Error::Unauthorized);
    }
    create(runtime, first).inspect_err(|_| {
        if let Err(error) = control.give_back_setup_token(token).wait() {
            tracing::error!(%error, "the setup link is used up, though the setup failed; use `trellis user create`");
        }
    })
}

fn create(runtime: &Runtime, first: &FirstAdministrator) -> Result<Arc<Tenant>, Error> {
    let tenant = runtime.create_tenant(&first.tenant)?;
    let member = NewMember {
        name: first.name.clone(),
        email: first.email.clone(),
        roles: vec![TENANT_ADMIN.to_owned()],
        ..NewMember::default()
    };
    add_member(runtime, &tenant, &Caller::system(&tenant.pin()), member, Login::Password(&first.password))?;
    Ok(tenant)
}
