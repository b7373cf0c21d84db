//! What is known of files: which record has them, and since when they are free to go.

use chrono::{DateTime, Utc};
use sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use crate::query::{execute, rows};
use crate::{Error, Session};

const TABLE: &str = "_files";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    pub id: Uuid,
    /// Object and field it was uploaded for, by id.
    pub object: String,
    pub field: String,
    /// The record that took it.
    pub record: Option<Uuid>,
    pub name: String,
    /// Name of its type.
    pub media: String,
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    pub uploaded_by: Uuid,
    pub uploaded_at: DateTime<Utc>,
    /// When the record let go of it.
    pub released_at: Option<DateTime<Utc>>,
}

const COLUMNS: [(&str, ColumnKind); 11] = [
    ("id", ColumnKind::Id),
    ("object", ColumnKind::Text),
    ("field", ColumnKind::Text),
    ("record", ColumnKind::Id),
    ("name", ColumnKind::Text),
    ("media", ColumnKind::Text),
    ("size", ColumnKind::Integer),
    ("hash", ColumnKind::Text),
    ("uploaded_by", ColumnKind::Id),
    ("uploaded_at", ColumnKind::DateTime),
    ("released_at", ColumnKind::DateTime),
];

fn select() -> SelectStatement {
    let mut select = Query::select();
    select.columns(COLUMNS.map(|(name, _)| name)).from(TABLE);
    select
}

fn read(session: &mut dyn Session, select: &SelectStatement) -> Result<Vec<FileRow>, Error> {
    rows(session, select, &COLUMNS.map(|(_, kind)| kind), |cells| {
        Ok(FileRow {
            id: cells.get(0)?,
            object: cells.get(1)?,
            field: cells.get(2)?,
            record: cells.find(3)?,
            name: cells.get(4)?,
            media: cells.get(5)?,
            size: cells.get(6)?,
            hash: cells.get(7)?,
            uploaded_by: cells.get(8)?,
            uploaded_at: cells.get(9)?,
            released_at: cells.find(10)?,
        })
    })
}

pub fn new_file(session: &mut dyn Session, file: &FileRow) -> Result<(), Error> {
    let size = i64::try_from(file.size).map_err(|_| Error::defect("a file larger than a number"))?;
    let mut insert = Query::insert();
    insert.into_table(TABLE).columns(COLUMNS.map(|(name, _)| name)).values_panic([
        file.id.into(),
        file.object.as_str().into(),
        file.field.as_str().into(),
        file.record.into(),
        file.name.as_str().into(),
        file.media.as_str().into(),
        size.into(),
        file.hash.as_str().into(),
        file.uploaded_by.into(),
        file.uploaded_at.into(),
        file.released_at.into(),
    ]);
    execute(session, &insert).map(drop)
}

pub fn find_file(session: &mut dyn Session, id: Uuid) -> Result<Option<FileRow>, Error> {
    Ok(read(session, select().and_where(Expr::col("id").eq(id)))?.pop())
}

/// Those of these ids that there are.
pub fn file_rows(session: &mut dyn Session, ids: &[Uuid]) -> Result<Vec<FileRow>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    read(session, select().and_where(Expr::col("id").is_in(ids.iter().copied())))
}

/// Files a user has uploaded and no record has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub count: u64,
    pub bytes: u64,
}

pub fn waiting_files(session: &mut dyn Session, user: Uuid) -> Result<Waiting, Error> {
    let mut select = Query::select();
    select
        .column("size")
        .from(TABLE)
        .and_where(Expr::col("uploaded_by").eq(user))
        .and_where(Expr::col("record").is_null())
        .and_where(Expr::col("released_at").is_null());
    let sizes: Vec<u64> = rows(session, &select, &[ColumnKind::Integer], |cells| cells.get(0))?;
    Ok(Waiting { count: sizes.len() as u64, bytes: sizes.iter().sum() })
}

/// Gives a file that nobody has to a record; false where somebody came first.
pub fn claim_file(session: &mut dyn Session, id: Uuid, record: Uuid) -> Result<bool, Error> {
    let mut update = Query::update();
    update
        .table(TABLE)
        .value("record", record)
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("record").is_null())
        .and_where(Expr::col("released_at").is_null());
    Ok(execute(session, &update)? == 1)
}

/// The record lets go of its file.
pub fn release_file(session: &mut dyn Session, id: Uuid, record: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table(TABLE)
        .value("released_at", at)
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("record").eq(record));
    execute(session, &update).map(drop)
}

/// The record has its file again; false where it is gone.
pub fn keep_file(session: &mut dyn Session, id: Uuid, record: Uuid) -> Result<bool, Error> {
    let mut update = Query::update();
    update
        .table(TABLE)
        .value("released_at", None::<DateTime<Utc>>)
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("record").eq(record));
    Ok(execute(session, &update)? == 1)
}

/// The record is gone for good, and all its files with it.
pub fn abandon_files(session: &mut dyn Session, record: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table(TABLE)
        .value("record", None::<Uuid>)
        .value("released_at", at)
        .and_where(Expr::col("record").eq(record));
    execute(session, &update).map(drop)
}

/// Files that were uploaded before a moment and that no record took.
pub fn unclaimed_files(session: &mut dyn Session, before: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, Error> {
    let waiting = Cond::all()
        .add(Expr::col("record").is_null())
        .add(Expr::col("released_at").is_null())
        .add(Expr::col("uploaded_at").lt(before));
    ids(session, waiting, limit)
}

/// Files of records that were gone for good before a moment.
pub fn abandoned_files(session: &mut dyn Session, before: DateTime<Utc>, limit: u64) -> Result<Vec<Uuid>, Error> {
    let abandoned = Cond::all().add(Expr::col("record").is_null()).add(Expr::col("released_at").lt(before));
    ids(session, abandoned, limit)
}

/// Files of a field that records let go of before a moment.
pub fn released_files(
    session: &mut dyn Session,
    (object, field): (&str, &str),
    before: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Uuid>, Error> {
    let released = Cond::all()
        .add(Expr::col("record").is_not_null())
        .add(Expr::col("released_at").lt(before))
        .add(Expr::col("object").eq(object))
        .add(Expr::col("field").eq(field));
    ids(session, released, limit)
}

fn ids(session: &mut dyn Session, which: Cond, limit: u64) -> Result<Vec<Uuid>, Error> {
    let mut select = Query::select();
    select.column("id").from(TABLE).cond_where(which).order_by("id", Order::Asc).limit(limit);
    rows(session, &select, &[ColumnKind::Id], |cells| cells.get(0))
}

/// Every file of the tenant after an id, in order of id.
pub fn all_files(session: &mut dyn Session, after: Uuid, limit: u64) -> Result<Vec<FileRow>, Error> {
    let mut select = select();
    select.and_where(Expr::col("id").gt(after)).order_by("id", Order::Asc).limit(limit);
    read(session, &select)
}

pub fn forget_file(session: &mut dyn Session, id: Uuid) -> Result<(), Error> {
    let mut delete = Query::delete();
    delete.from_table(TABLE).and_where(Expr::col("id").eq(id));
    execute(session, &delete).map(drop)
}
