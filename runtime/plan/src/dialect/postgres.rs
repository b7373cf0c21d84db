//! PostgreSQL's side: real types, and conversions in place by assignment casts.

use sea_query::{ColumnDef, ColumnType, Table};
use trellis_metadata::column::{ColumnKind, DECIMAL_PRECISION};

use crate::Dialect;

pub(super) fn column_type(kind: ColumnKind) -> ColumnType {
    match kind {
        // Text orders by bytes, as on SQLite and in `Value::compare`, whatever locale the cluster was made with.
        ColumnKind::Text => ColumnType::custom(r#"text COLLATE "C""#),
        ColumnKind::Integer | ColumnKind::Duration => ColumnType::BigInteger,
        ColumnKind::Decimal { scale } => ColumnType::Decimal(Some((DECIMAL_PRECISION.into(), scale.into()))),
        ColumnKind::Boolean => ColumnType::Boolean,
        ColumnKind::Date => ColumnType::Date,
        ColumnKind::DateTime => ColumnType::TimestampWithTimeZone,
        ColumnKind::Time => ColumnType::Time,
        ColumnKind::Id => ColumnType::Uuid,
        ColumnKind::Json => ColumnType::JsonBinary,
    }
}

pub(super) fn declared(kind: ColumnKind) -> String {
    let name = match kind {
        ColumnKind::Decimal { scale } => return format!("numeric({DECIMAL_PRECISION},{scale})"),
        ColumnKind::Text => "text",
        ColumnKind::Integer | ColumnKind::Duration => "bigint",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Date => "date",
        ColumnKind::DateTime => "timestamp with time zone",
        ColumnKind::Time => "time without time zone",
        ColumnKind::Id => "uuid",
        ColumnKind::Json => "jsonb",
    };
    name.to_owned()
}

/// Every conversion the differ allows is an assignment cast, so no USING clause is needed.
pub(super) fn convert_column(table: &str, column: &str, to: ColumnKind) -> Vec<String> {
    let mut definition = ColumnDef::new_with_type(column.to_owned(), column_type(to));
    let alter = Table::alter().table(table.to_owned()).modify_column(&mut definition).take();
    vec![Dialect::Postgres.definition(&alter)]
}
