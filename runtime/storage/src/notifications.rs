//! What the runtime told a user, in the application.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Func, OnConflict, Order, Query};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use crate::query::{execute, row, rows};
use crate::{Error, Session};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub id: Uuid,
    pub user: Uuid,
    pub at: DateTime<Utc>,
    pub title: String,
    pub body: String,
    /// Path of the record it is about.
    pub link: Option<String>,
    pub read_at: Option<DateTime<Utc>>,
    /// Telling the same thing twice tells it once.
    pub dedup_key: String,
}

/// Tells it, unless the same key was told before; true when it was new.
pub fn notify(session: &mut dyn Session, notification: &Notification) -> Result<bool, Error> {
    let mut insert = Query::insert();
    insert
        .into_table("_notifications")
        .columns(["id", "user_id", "at", "title", "body", "link", "read_at", "dedup_key"])
        .values_panic([
            notification.id.into(),
            notification.user.into(),
            notification.at.into(),
            notification.title.as_str().into(),
            notification.body.as_str().into(),
            notification.link.clone().into(),
            notification.read_at.into(),
            notification.dedup_key.as_str().into(),
        ])
        .on_conflict(OnConflict::column("dedup_key").do_nothing().to_owned());
    Ok(execute(session, &insert)? == 1)
}

/// The newest first.
pub fn notifications(session: &mut dyn Session, user: Uuid, limit: u64) -> Result<Vec<Notification>, Error> {
    let mut select = Query::select();
    select
        .columns(["id", "user_id", "at", "title", "body", "link", "read_at", "dedup_key"])
        .from("_notifications")
        .and_where(Expr::col("user_id").eq(user))
        .order_by("at", Order::Desc)
        .order_by("id", Order::Desc)
        .limit(limit);
    let kinds = [
        ColumnKind::Id,
        ColumnKind::Id,
        ColumnKind::DateTime,
        ColumnKind::Text,
        ColumnKind::Text,
        ColumnKind::Text,
        ColumnKind::DateTime,
        ColumnKind::Text,
    ];
    rows(session, &select, &kinds, |cells| {
        Ok(Notification {
            id: cells.get(0)?,
            user: cells.get(1)?,
            at: cells.get(2)?,
            title: cells.get(3)?,
            body: cells.get(4)?,
            link: cells.find(5)?,
            read_at: cells.find(6)?,
            dedup_key: cells.get(7)?,
        })
    })
}

pub fn unread(session: &mut dyn Session, user: Uuid) -> Result<u64, Error> {
    let mut select = Query::select();
    select
        .expr(Func::count(Expr::col("id")))
        .from("_notifications")
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("read_at").is_null());
    Ok(row(session, &select, &[ColumnKind::Integer], |cells| cells.get(0))?.unwrap_or_default())
}

pub fn mark_read(session: &mut dyn Session, user: Uuid, at: DateTime<Utc>) -> Result<u64, Error> {
    let mut update = Query::update();
    update
        .table("_notifications")
        .value("read_at", at)
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("read_at").is_null());
    execute(session, &update)
}
