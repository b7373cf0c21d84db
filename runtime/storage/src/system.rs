//! What a new tenant's database starts with: the system tables, at revision 0.

use trellis_plan::tables::system::create_system_tables;

use crate::{Error, Session, state};

pub(crate) fn create(session: &mut dyn Session) -> Result<(), Error> {
    for statement in create_system_tables(session.dialect()) {
        session.define(&statement.sql)?;
    }
    state::begin(session)
}
