//! What happened to a record, as the write pipeline wrote it down.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Order, Query};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use crate::query::rows;
use crate::{Error, Session};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Grows with every write of the tenant.
    pub seq: i64,
    pub kind: String,
    pub version: u64,
    pub actor: Option<Uuid>,
    pub at: DateTime<Utc>,
    /// Changed fields by field id, JSON text.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The newest first; of those before the entry `before`, where one is named.
pub fn history(
    session: &mut dyn Session,
    object: &str,
    record: Uuid,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let mut select = Query::select();
    select
        .columns(["seq", "kind", "version", "actor", "at", "before", "after"])
        .from("_history")
        .and_where(Expr::col("record").eq(record))
        .and_where(Expr::col("object").eq(object))
        .order_by("seq", Order::Desc)
        .limit(limit);
    if let Some(before) = before {
        select.and_where(Expr::col("seq").lt(before));
    }
    let kinds = [
        ColumnKind::Integer,
        ColumnKind::Text,
        ColumnKind::Integer,
        ColumnKind::Id,
        ColumnKind::DateTime,
        ColumnKind::Text,
        ColumnKind::Text,
    ];
    rows(session, &select, &kinds, |cells| {
        Ok(Entry {
            seq: cells.get(0)?,
            kind: cells.get(1)?,
            version: cells.get(2)?,
            actor: cells.find(3)?,
            at: cells.get(4)?,
            before: cells.find(5)?,
            after: cells.find(6)?,
        })
    })
}
