//! What happened to a record, as the write pipeline wrote it down.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, Order, Query};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use crate::query::rows;
use crate::{Error, Session};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub kind: String,
    pub version: u64,
    pub actor: Option<Uuid>,
    pub at: DateTime<Utc>,
    /// Changed fields by field id, JSON text.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The newest first.
pub fn history(session: &mut dyn Session, object: &str, record: Uuid, limit: u64) -> Result<Vec<Entry>, Error> {
    let mut select = Query::select();
    select
        .columns(["kind", "version", "actor", "at", "before", "after"])
        .from("_history")
        .and_where(Expr::col("record").eq(record))
        .and_where(Expr::col("object").eq(object))
        .order_by("seq", Order::Desc)
        .limit(limit);
    let kinds = [
        ColumnKind::Text,
        ColumnKind::Integer,
        ColumnKind::Id,
        ColumnKind::DateTime,
        ColumnKind::Text,
        ColumnKind::Text,
    ];
    rows(session, &select, &kinds, |cells| {
        Ok(Entry {
            kind: cells.get(0)?,
            version: cells.get(1)?,
            actor: cells.find(2)?,
            at: cells.get(3)?,
            before: cells.find(4)?,
            after: cells.find(5)?,
        })
    })
}
