//! sea-query statements over storage's own tables, lowered to the [`Statement`]s sessions run, with short verbs to
//! run them.

use sea_query::{PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder};
use trellis_plan::{Arguments, Bind, Cell, ColumnKind, Dialect, Row, Source, Statement, Value};

use crate::{Error, Session};

/// Runs a write; returns how many rows it touched.
pub(crate) fn execute(session: &mut dyn Session, query: &impl QueryStatementWriter) -> Result<u64, Error> {
    let statement = lower(session.dialect(), query, &[])?;
    session.execute(&statement, &Arguments::slots(&[]))
}

/// Every row as `read` makes it; `columns` are the kinds of the selected columns.
pub(crate) fn rows<T>(
    session: &mut dyn Session,
    query: &impl QueryStatementWriter,
    columns: &[ColumnKind],
    mut read: impl FnMut(&Cells<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let statement = lower(session.dialect(), query, columns)?;
    let mut found = Vec::new();
    session.query(&statement, &Arguments::slots(&[]), &mut |row| {
        found.push(read(&Cells { row, columns })?);
        Ok(())
    })?;
    Ok(found)
}

/// The first row, if any.
pub(crate) fn row<T>(
    session: &mut dyn Session,
    query: &impl QueryStatementWriter,
    columns: &[ColumnKind],
    read: impl FnMut(&Cells<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    Ok(rows(session, query, columns, read)?.into_iter().next())
}

/// A row of known columns, read as values.
pub(crate) struct Cells<'r> {
    row: &'r dyn Row,
    columns: &'r [ColumnKind],
}

impl Cells<'_> {
    pub fn value(&self, index: usize) -> Result<Value, Error> {
        let kind = self.columns.get(index).copied().unwrap_or(ColumnKind::Text);
        Ok(self.row.cell(index, kind)?.to_value())
    }

    /// JSON as it is kept, without a tree in between.
    pub fn json_text(&self, index: usize) -> Result<String, Error> {
        match self.row.cell(index, ColumnKind::Json)? {
            Cell::Json(text) => Ok(text.to_owned()),
            _ => Err(Error::defect(format!("column {index} is null"))),
        }
    }

    /// A column that is never null.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, Error> {
        self.find(index)?.ok_or_else(|| Error::defect(format!("column {index} is null")))
    }

    pub fn find<T: FromValue>(&self, index: usize) -> Result<Option<T>, Error> {
        Ok(T::from_value(self.value(index)?))
    }
}

pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($kind:ty: $pattern:pat => $take:expr;)*) => {
        $(impl FromValue for $kind {
            fn from_value(value: Value) -> Option<Self> {
                if let $pattern = value { Some($take) } else { None }
            }
        })*
    };
}

from_value! {
    i64: Value::Integer(number) => number;
    u64: Value::Integer(number) => number as u64;
    bool: Value::Boolean(truth) => truth;
    String: Value::Text(text) => text.as_ref().to_owned();
    uuid::Uuid: Value::Id(id) => id;
    chrono::DateTime<chrono::Utc>: Value::DateTime(instant) => instant;
    serde_json::Value: Value::Json(json) => json.as_ref().clone();
}

fn lower(dialect: Dialect, query: &impl QueryStatementWriter, columns: &[ColumnKind]) -> Result<Statement, Error> {
    let (sql, values) = match dialect {
        Dialect::Sqlite => query.build_any(&SqliteQueryBuilder),
        Dialect::Postgres => query.build_any(&PostgresQueryBuilder),
    };
    let binds = values.0.into_iter().map(bind).collect::<Option<_>>();
    let binds = binds.ok_or_else(|| Error::defect("a value of no column kind"))?;
    Ok(Statement { sql, binds, columns: columns.to_vec() })
}

fn bind(value: sea_query::Value) -> Option<Bind> {
    use sea_query::Value as Sea;
    let (kind, value) = match value {
        Sea::Bool(truth) => (ColumnKind::Boolean, truth.map(Value::Boolean)),
        Sea::Int(number) => (ColumnKind::Integer, number.map(|n| Value::Integer(n.into()))),
        Sea::BigInt(number) => (ColumnKind::Integer, number.map(Value::Integer)),
        Sea::BigUnsigned(number) => {
            (ColumnKind::Integer, number.map(|n| i64::try_from(n).map(Value::Integer)).transpose().ok()?)
        }
        Sea::String(text) => (ColumnKind::Text, text.map(Value::text)),
        Sea::Uuid(id) => (ColumnKind::Id, id.map(Value::Id)),
        Sea::ChronoDateTimeUtc(instant) => (ColumnKind::DateTime, instant.map(Value::DateTime)),
        Sea::Json(json) => (ColumnKind::Json, json.map(|json| Value::Json((*json).into()))),
        _ => return None,
    };
    Some(Bind { source: Source::Value(value.unwrap_or_default()), kind })
}
