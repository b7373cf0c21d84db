//! Reading: two statements.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::connection;
use super::record::{COLUMNS, Visit};

/// The record as JSON, and its version.
pub fn one(file: &Path, id: Uuid) -> rusqlite::Result<Option<(Vec<u8>, i64)>> {
    connection::read(file, |connection| {
        let sql = const_format(&ONE, || format!("SELECT {COLUMNS} FROM visit WHERE id = ?1 AND deleted_at IS NULL"));
        let mut statement = connection.prepare_cached(sql)?;
        statement
            .query_row([id.as_bytes().as_slice()], |row| {
                let visit = visit(row)?;
                Ok((serde_json::to_vec(&visit).unwrap_or_default(), visit.version))
            })
            .optional()
    })
}

/// Records of one status up to a date, the latest first.
pub fn list(file: &Path, status: &str, until: &str, owner: Option<Uuid>, limit: u32) -> rusqlite::Result<Vec<u8>> {
    connection::read(file, |connection| {
        let mut out = Vec::with_capacity(16 * 1024);
        out.push(b'[');
        let mut each = |row: &Row<'_>| {
            if out.len() > 1 {
                out.push(b',');
            }
            let visit = visit(row)?;
            serde_json::to_writer(&mut out, &visit).map_err(|_| rusqlite::Error::InvalidQuery)
        };
        if let Some(owner) = owner {
            let sql = const_format(&OWN, || {
                format!(
                    "SELECT {COLUMNS} FROM visit WHERE owner_id = ?4 AND status = ?1 AND planned_on <= ?2 \
                     AND deleted_at IS NULL ORDER BY planned_on DESC, id LIMIT ?3"
                )
            });
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![status, until, limit, owner.as_bytes().as_slice()])?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
        } else {
            let sql = const_format(&ALL, || {
                format!(
                    "SELECT {COLUMNS} FROM visit WHERE status = ?1 AND planned_on <= ?2 AND deleted_at IS NULL \
                     ORDER BY planned_on DESC, id LIMIT ?3"
                )
            });
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![status, until, limit])?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
        }
        out.push(b']');
        Ok(out)
    })
}

type Text = std::sync::OnceLock<String>;

static ONE: Text = Text::new();
static ALL: Text = Text::new();
static OWN: Text = Text::new();

fn const_format(kept: &'static Text, make: impl FnOnce() -> String) -> &'static str {
    kept.get_or_init(make)
}

fn visit<'r>(row: &'r Row<'_>) -> rusqlite::Result<Visit<'r>> {
    Ok(Visit {
        id: id(row, 0)?.unwrap_or_default(),
        created_at: instant(row, 1)?.unwrap_or_default(),
        created_by: id(row, 2)?,
        updated_at: instant(row, 3)?.unwrap_or_default(),
        updated_by: id(row, 4)?,
        owner_id: id(row, 5)?,
        org_unit_id: id(row, 6)?,
        version: row.get(7)?,
        code: text(row, 8)?,
        title: text(row, 9)?,
        note: text(row, 10)?,
        status: text(row, 11)?,
        priority: row.get(12)?,
        amount: row.get(13)?,
        discount: row.get(14)?,
        planned_on: text(row, 15)?,
        seen_at: instant(row, 16)?,
        settled: row.get(17)?,
        contact: text(row, 18)?,
        city: text(row, 19)?,
    })
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> rusqlite::Result<Option<&'r str>> {
    Ok(row.get_ref(index)?.as_str_or_null()?)
}

fn id(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(match row.get_ref(index)? {
        ValueRef::Blob(bytes) => Uuid::from_slice(bytes).ok(),
        _ => None,
    })
}

fn instant(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<i64>>(index)?.and_then(DateTime::from_timestamp_micros))
}
