//! A step as statements of a dialect.
//!
//! Names are validated identifiers or our own; sea-query quotes them all. Names are unqualified: on PostgreSQL storage
//! sets the search path to the tenant's schema.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sea_query::{
    ColumnDef, ConditionalStatement, Expr, ExprTrait, Index, IndexCreateStatement, Query, Table as Definition,
};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::value::Value;

use super::layout::{Column, Table};
use super::step::Step;
use crate::{Bind, Dialect, Source, Statement};

/// In the order they run; none for steps that change no table.
pub fn render(step: &Step, dialect: Dialect) -> Vec<Statement> {
    let texts = match step {
        Step::DropIndex { index, .. } => vec![drop_index(index, dialect)],
        Step::RestoreTable { table, kept_as } => vec![rename_table(kept_as, table.name.as_str(), dialect)],
        Step::QuarantineColumn { table, column, kept_as } => {
            vec![rename_column(table.as_str(), column.name.as_str(), kept_as, dialect)]
        }
        Step::QuarantineTable { table, kept_as } => vec![rename_table(table.name.as_str(), kept_as, dialect)],
        Step::CreateTable { table, primary_key } => vec![create_table(table, primary_key, dialect)],
        Step::AddColumn { table, column, .. } => vec![add_column(table.as_str(), column, dialect)],
        Step::RestoreColumn { table, column, kept_as } => {
            vec![rename_column(table.as_str(), kept_as, column.name.as_str(), dialect)]
        }
        Step::ReplaceColumn { table, was, column, kept_as } => vec![
            rename_column(table.as_str(), was.name.as_str(), kept_as, dialect),
            add_column(table.as_str(), column, dialect),
        ],
        Step::TranslateColumn { table, was, column, kept_as, back } => vec![
            rename_column(table.as_str(), was.name.as_str(), kept_as, dialect),
            match back {
                Some(back) => rename_column(table.as_str(), back, column.name.as_str(), dialect),
                None => add_column(table.as_str(), column, dialect),
            },
        ],
        Step::ConvertColumn { table, column, from, to } => {
            dialect.convert_column(table.as_str(), column.as_str(), *from, *to)
        }
        Step::Backfill { table, column, kind, value } => return vec![backfill(table, column, *kind, value, dialect)],
        Step::CreateUniqueIndex { table, index } => {
            let mut create = create_index(table.as_str(), &index.name, &index.columns);
            vec![dialect.definition(create.unique().and_where(Expr::col("deleted_at").is_null()))]
        }
        Step::CreateIndex { table, index } => {
            vec![dialect.definition(&create_index(table.as_str(), &index.name, &index.columns))]
        }
        Step::Tighten { .. } | Step::FillComputed { .. } => Vec::new(),
    };
    texts.into_iter().map(text_only).collect()
}

pub(super) fn text_only(sql: String) -> Statement {
    Statement { sql, binds: Vec::new(), columns: Vec::new() }
}

fn create_table(table: &Table, primary_key: &str, dialect: Dialect) -> String {
    let mut create = Definition::create();
    create.table(table.name.as_str().to_owned());
    for column in &table.columns {
        create.col(column_def(column, dialect));
    }
    create.primary_key(Index::create().name(primary_key).col("id"));
    if let Some(options) = dialect.table_options(false) {
        create.extra(options);
    }
    dialect.definition(&create)
}

fn column_def(column: &Column, dialect: Dialect) -> ColumnDef {
    let mut definition = ColumnDef::new_with_type(column.name.as_str().to_owned(), dialect.column_type(column.kind));
    if column.never_null() {
        definition.not_null();
    }
    definition
}

fn add_column(table: &str, column: &Column, dialect: Dialect) -> String {
    let alter = Definition::alter().table(table.to_owned()).add_column(column_def(column, dialect)).take();
    dialect.definition(&alter)
}

fn rename_column(table: &str, from: &str, to: &str, dialect: Dialect) -> String {
    dialect
        .definition(&Definition::alter().table(table.to_owned()).rename_column(from.to_owned(), to.to_owned()).take())
}

fn rename_table(from: &str, to: &str, dialect: Dialect) -> String {
    dialect.definition(&Definition::rename().table(from.to_owned(), to.to_owned()).take())
}

fn drop_index(name: &str, dialect: Dialect) -> String {
    dialect.definition(Index::drop().name(name))
}

fn create_index(table: &str, name: &str, columns: &[Identifier]) -> IndexCreateStatement {
    let mut create = Index::create();
    create.name(name).table(table.to_owned());
    for column in columns {
        create.col(column.as_str().to_owned());
    }
    create
}

fn backfill(
    table: &Identifier,
    column: &Identifier,
    kind: ColumnKind,
    value: &serde_json::Value,
    dialect: Dialect,
) -> Statement {
    let column = column.as_str().to_owned();
    // The placeholder's own value is never used: the bind below takes its place.
    let update = Query::update()
        .table(table.as_str().to_owned())
        .value(column.clone(), Expr::val(0_i64))
        .and_where(Expr::col(column).is_null())
        .take();
    let (sql, _) = dialect.bound(&update);
    let source = Source::Value(literal(kind, value));
    Statement { sql, binds: vec![Bind { source, kind }], columns: Vec::new() }
}

/// The value a literal default stands for; null when it does not fit, which the resolver has refused before.
fn literal(kind: ColumnKind, json: &serde_json::Value) -> Value {
    let text = json.as_str();
    let value = match kind {
        ColumnKind::Text => text.map(Value::text),
        ColumnKind::Integer | ColumnKind::Duration => json.as_i64().map(Value::Integer),
        ColumnKind::Decimal { .. } => {
            let number = text.map_or_else(|| json.to_string(), str::to_owned);
            number.parse().ok().map(Value::Decimal)
        }
        ColumnKind::Boolean => json.as_bool().map(Value::Boolean),
        ColumnKind::Date => text.and_then(|text| text.parse::<NaiveDate>().ok()).map(Value::Date),
        ColumnKind::DateTime => text.and_then(|text| text.parse::<DateTime<Utc>>().ok()).map(Value::DateTime),
        ColumnKind::Time => text.and_then(|text| text.parse::<NaiveTime>().ok()).map(Value::Time),
        ColumnKind::Id => text.and_then(|text| text.parse().ok()).map(Value::Id),
        ColumnKind::Json => Some(Value::Json(json.clone().into())),
    };
    value.unwrap_or_default()
}
