//! Sessions and tokens, found by the hash of the secret the caller shows.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Query};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use super::Control;
use super::settings::hex;
use crate::query::{self, Cells};
use crate::{Error, Pending, Session};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A browser's.
    Session,
    Access,
    Refresh,
    Api,
}

impl SessionKind {
    const ALL: [Self; 4] = [Self::Session, Self::Access, Self::Refresh, Self::Api];

    fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Api => "api",
        }
    }
}

/// One session or token. The secret itself is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    pub token_hash: [u8; 32],
    pub kind: SessionKind,
    pub account: Uuid,
    pub tenant: Uuid,
    pub user_id: Uuid,
    pub csrf: Option<String>,
    pub created_at: DateTime<Utc>,
    /// None lasts until revoked.
    pub expires_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// What descends from one login is revoked together.
    pub family: Uuid,
}

const COLUMNS: [(&str, ColumnKind); 10] = [
    ("kind", ColumnKind::Text),
    ("account", ColumnKind::Id),
    ("tenant", ColumnKind::Id),
    ("user_id", ColumnKind::Id),
    ("csrf", ColumnKind::Text),
    ("created_at", ColumnKind::DateTime),
    ("expires_at", ColumnKind::DateTime),
    ("last_seen_at", ColumnKind::DateTime),
    ("revoked_at", ColumnKind::DateTime),
    ("family", ColumnKind::Id),
];

impl Control {
    pub fn insert_session(&self, record: SessionRecord) -> Pending<(), Error> {
        self.write(move |session| insert(session, record))
    }

    /// As it is kept: whether it is expired or revoked is for the caller to judge.
    pub fn find_session(&self, token_hash: &[u8; 32]) -> Result<Option<SessionRecord>, Error> {
        let mut select = Query::select();
        select
            .columns(COLUMNS.map(|(name, _)| name))
            .from("sessions")
            .and_where(Expr::col("token_hash").eq(hex(token_hash)));
        let kinds = COLUMNS.map(|(_, kind)| kind);
        self.read(|session| query::row(session, &select, &kinds, |row| record(row, *token_hash)))
    }

    pub fn touch_session(&self, token_hash: &[u8; 32], seen_at: DateTime<Utc>) -> Pending<(), Error> {
        let condition = Expr::col("token_hash").eq(hex(token_hash));
        self.write(move |session| {
            let mut update = Query::update();
            update.table("sessions").value("last_seen_at", seen_at).and_where(condition);
            query::execute(session, &update).map(drop)
        })
    }

    /// Trades a token that is good for one use for the `next` ones of its family: true. When it was used before, the
    /// whole family ends: false. One transaction, so that of two who use a token at once neither is left with a pair.
    pub fn rotate_session(
        &self,
        token_hash: &[u8; 32],
        family: Uuid,
        next: Vec<SessionRecord>,
        at: DateTime<Utc>,
    ) -> Pending<bool, Error> {
        let used = Expr::col("token_hash").eq(hex(token_hash));
        self.write(move |session| {
            if revoke(session, used, at)? == 0 {
                revoke(session, Expr::col("family").eq(family), at)?;
                return Ok(false);
            }
            next.into_iter().try_for_each(|record| insert(session, record))?;
            Ok(true)
        })
    }

    pub fn revoke_family(&self, family: Uuid, at: DateTime<Utc>) -> Pending<u64, Error> {
        self.write(move |session| revoke(session, Expr::col("family").eq(family), at))
    }

    pub fn revoke_all_of(&self, account: Uuid, at: DateTime<Utc>) -> Pending<u64, Error> {
        self.write(move |session| revoke(session, Expr::col("account").eq(account), at))
    }

    /// Of a member of one tenant: his account's sessions elsewhere go on.
    pub fn revoke_member(&self, tenant: Uuid, user_id: Uuid, at: DateTime<Utc>) -> Pending<u64, Error> {
        let his = Expr::col("tenant").eq(tenant).and(Expr::col("user_id").eq(user_id));
        self.write(move |session| revoke(session, his, at))
    }

    /// Forgets what expired or was revoked before `before`.
    pub fn forget_sessions(&self, before: DateTime<Utc>) -> Pending<u64, Error> {
        self.write(move |session| {
            let mut delete = Query::delete();
            let over = Expr::col("expires_at").lt(before).or(Expr::col("revoked_at").lt(before));
            delete.from_table("sessions").and_where(over);
            query::execute(session, &delete)
        })
    }
}

fn insert(session: &mut dyn Session, record: SessionRecord) -> Result<(), Error> {
    let mut insert = Query::insert();
    insert
        .into_table("sessions")
        .columns(COLUMNS.map(|(name, _)| name).into_iter().chain(["token_hash"]))
        .values_panic([
            record.kind.word().into(),
            record.account.into(),
            record.tenant.into(),
            record.user_id.into(),
            record.csrf.into(),
            record.created_at.into(),
            record.expires_at.into(),
            record.last_seen_at.into(),
            record.revoked_at.into(),
            record.family.into(),
            hex(&record.token_hash).into(),
        ]);
    query::execute(session, &insert).map(drop)
}

/// How many were open until now.
fn revoke(session: &mut dyn Session, condition: Expr, at: DateTime<Utc>) -> Result<u64, Error> {
    let mut update = Query::update();
    update.table("sessions").value("revoked_at", at).and_where(condition).and_where(Expr::col("revoked_at").is_null());
    query::execute(session, &update)
}

fn record(row: &Cells<'_>, token_hash: [u8; 32]) -> Result<SessionRecord, Error> {
    let word: String = row.get(0)?;
    let kind = SessionKind::ALL.into_iter().find(|kind| kind.word() == word);
    Ok(SessionRecord {
        token_hash,
        kind: kind.ok_or_else(|| Error::defect("a session of no known kind"))?,
        account: row.get(1)?,
        tenant: row.get(2)?,
        user_id: row.get(3)?,
        csrf: row.find(4)?,
        created_at: row.get(5)?,
        expires_at: row.find(6)?,
        last_seen_at: row.find(7)?,
        revoked_at: row.find(8)?,
        family: row.get(9)?,
    })
}
