//! The system tables of a tenant: made with it at revision 0, and completed when an older one is opened.

use trellis_plan::tables::system::missing;

use crate::catalogue::catalogue;
use crate::{Error, Session, TenantHandle, state};

pub(crate) fn create(session: &mut dyn Session) -> Result<(), Error> {
    add_missing(session)?;
    state::begin(session)
}

/// Adds what later versions of the program keep besides. Blocks.
pub(crate) fn complete(tenant: &TenantHandle) -> Result<(), Error> {
    let is_whole = |session: &mut dyn Session| {
        let found = catalogue(session)?;
        Ok::<_, Error>(missing(&found, session.dialect()).is_empty())
    };
    if tenant.read(is_whole)? { Ok(()) } else { tenant.write_exclusive(add_missing).wait() }
}

fn add_missing(session: &mut dyn Session) -> Result<(), Error> {
    let found = catalogue(session)?;
    missing(&found, session.dialect()).iter().try_for_each(|statement| session.define(&statement.sql))
}
