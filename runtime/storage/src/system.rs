//! The tables every tenant's database starts with.

use trellis_plan::ColumnKind::{DateTime, Id, Integer, Json, Text};
use trellis_plan::Dialect;

use crate::definition::Definition;
use crate::definition::Null::{Allowed, Never};
use crate::{Error, Session};

const STATE: Definition = Definition {
    name: "_state",
    columns: &[
        ("id", Integer, Never),
        ("revision", Integer, Never),
        ("epoch", Integer, Never),
        ("layout", Json, Never),
    ],
    key: &["id"],
    unique: &[],
    indexes: &[],
};

const REVISIONS: Definition = Definition {
    name: "_revisions",
    columns: &[
        ("revision", Integer, Never),
        ("documents", Json, Never),
        ("hash", Text, Never),
        ("author", Id, Allowed),
        ("note", Text, Allowed),
        ("created_at", DateTime, Never),
    ],
    key: &["revision"],
    unique: &[],
    indexes: &[],
};

const OUTBOX: Definition = Definition {
    name: "_outbox",
    columns: &[
        ("id", Id, Never),
        ("topic", Text, Never),
        ("payload", Json, Never),
        ("created_at", DateTime, Never),
        ("done_at", DateTime, Allowed),
    ],
    key: &["id"],
    unique: &[],
    indexes: &[("_outbox_open", &["done_at", "id"])],
};

pub(crate) fn create(session: &mut dyn Session) -> Result<(), Error> {
    for table in [STATE, REVISIONS, OUTBOX] {
        define(session, &table)?;
    }
    Ok(())
}

pub(crate) fn define(session: &mut dyn Session, table: &Definition) -> Result<(), Error> {
    let dialect: Dialect = session.dialect();
    table.ddl(dialect).iter().try_for_each(|ddl| session.define(ddl))
}
