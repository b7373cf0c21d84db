//! Answers kept under the key their caller chose, so that a request sent again is not carried out again.
//!
//! A key is claimed first thing in the transaction of its write: whoever comes second waits there, and then finds the
//! answer or, where the first was rolled back, the key free.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, OnConflict, Query};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use crate::query::{execute, row};
use crate::{Error, Session};

const TABLE: &str = "_idempotency";
/// No answer yet; seen by nobody but the transaction that claimed the key.
const OPEN: i64 = 0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Of the request it was the answer to.
    pub digest: String,
    pub status: u64,
    pub response: String,
}

/// The answer kept under a key of this user.
pub fn kept_answer(session: &mut dyn Session, user: Uuid, key: &str) -> Result<Option<KeptAnswer>, Error> {
    let mut select = Query::select();
    select
        .columns(["body_hash", "status", "response"])
        .from(TABLE)
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("key").eq(key))
        .and_where(Expr::col("status").ne(OPEN));
    let kinds = [ColumnKind::Text, ColumnKind::Integer, ColumnKind::Text];
    row(session, &select, &kinds, |cells| {
        Ok(KeptAnswer { digest: cells.get(0)?, status: cells.get(1)?, response: cells.get(2)? })
    })
}

/// Takes the key for this transaction; false where it is taken.
pub fn claim_key(
    session: &mut dyn Session,
    user: Uuid,
    key: &str,
    digest: &str,
    at: DateTime<Utc>,
) -> Result<bool, Error> {
    let mut insert = Query::insert();
    insert
        .into_table(TABLE)
        .columns(["key", "user_id", "body_hash", "status", "response", "at"])
        .values_panic([key.into(), user.into(), digest.into(), OPEN.into(), "".into(), at.into()])
        .on_conflict(OnConflict::columns(["user_id", "key"]).do_nothing().to_owned());
    Ok(execute(session, &insert)? == 1)
}

/// Puts the answer under a key this transaction claimed.
pub fn keep_answer(session: &mut dyn Session, user: Uuid, key: &str, status: u16, response: &str) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table(TABLE)
        .value("status", i64::from(status))
        .value("response", response)
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("key").eq(key));
    execute(session, &update).map(drop)
}

/// Forgets answers from before a moment.
pub fn forget_answers(session: &mut dyn Session, before: DateTime<Utc>) -> Result<u64, Error> {
    let mut delete = Query::delete();
    delete.from_table(TABLE).and_where(Expr::col("at").lt(before));
    execute(session, &delete)
}
