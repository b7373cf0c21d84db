//! The control plane's tables.

use trellis_plan::ColumnKind::{DateTime, Id, Text};

use crate::definition::Definition;
use crate::definition::Null::{Allowed, Never};
use crate::{Error, Session};

const TENANTS: Definition = Definition {
    name: "tenants",
    columns: &[("id", Id, Never), ("name", Text, Never), ("created_at", DateTime, Never), ("placement", Text, Never)],
    key: &["id"],
    unique: &[("ux_tenants_name", &["name"])],
    indexes: &[],
};

const ACCOUNTS: Definition = Definition {
    name: "accounts",
    columns: &[
        ("id", Id, Never),
        ("email", Text, Never),
        ("password_hash", Text, Never),
        ("created_at", DateTime, Never),
        ("disabled_at", DateTime, Allowed),
    ],
    key: &["id"],
    unique: &[("ux_accounts_email", &["email"])],
    indexes: &[],
};

const MEMBERSHIPS: Definition = Definition {
    name: "memberships",
    columns: &[("account", Id, Never), ("tenant", Id, Never), ("user_id", Id, Never)],
    key: &["account", "tenant"],
    unique: &[("ux_memberships_user", &["tenant", "user_id"])],
    indexes: &[],
};

const SESSIONS: Definition = Definition {
    name: "sessions",
    columns: &[
        ("token_hash", Text, Never),
        ("kind", Text, Never),
        ("account", Id, Never),
        ("tenant", Id, Never),
        ("user_id", Id, Never),
        ("csrf", Text, Allowed),
        ("created_at", DateTime, Never),
        ("expires_at", DateTime, Allowed),
        ("last_seen_at", DateTime, Allowed),
        ("revoked_at", DateTime, Allowed),
        ("family", Id, Never),
    ],
    key: &["token_hash"],
    unique: &[],
    indexes: &[("ix_sessions_account", &["account"]), ("ix_sessions_family", &["family"])],
};

const SETTINGS: Definition = Definition {
    name: "settings",
    columns: &[("key", Text, Never), ("value", Text, Never)],
    key: &["key"],
    unique: &[],
    indexes: &[],
};

pub(super) fn create(session: &mut dyn Session) -> Result<(), Error> {
    [TENANTS, ACCOUNTS, MEMBERSHIPS, SESSIONS, SETTINGS].iter().try_for_each(|table| define(session, table))
}

fn define(session: &mut dyn Session, table: &Definition) -> Result<(), Error> {
    table.ddl(session.dialect()).iter().try_for_each(|ddl| session.define(ddl))
}
