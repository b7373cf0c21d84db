//! One change to the tables of a tenant.

use serde::Serialize;
use serde_json::json;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::identifier::Identifier;

use super::layout::{Column, PlainIndex, Table, UniqueIndex};

/// Declared in the order steps run; the reason for each place stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// First: an index would follow a renamed column, keep its name taken, and refuse rows half way through a rewrite.
    DropIndex { table: Identifier, index: String },
    /// Before its columns are touched. Indexes have their own steps.
    RestoreTable { table: Table, kept_as: String },
    /// Before anything takes the free name.
    QuarantineColumn { table: Identifier, column: Column, kept_as: String },
    /// Likewise.
    QuarantineTable { table: Table, kept_as: String },
    /// Before columns are touched, so that everything to work on exists. Indexes have their own steps.
    CreateTable { table: Table, primary_key: String },
    /// Before conversions: cheap and never in their way. `stays` is what quarantine keeps of the field and the new
    /// column cannot hold.
    AddColumn {
        table: Identifier,
        column: Column,
        #[serde(skip_serializing_if = "Option::is_none")]
        stays: Option<(String, ColumnKind)>,
    },
    /// Likewise; the column as it was dropped.
    RestoreColumn { table: Identifier, column: Column, kept_as: String },
    /// A change of type that keeps no value: the old column into quarantine, an empty one in its place.
    ReplaceColumn { table: Identifier, was: Column, column: Column, kept_as: String },
    /// A change of type that keeps what the new type can hold of each value: the old column into quarantine, and in its
    /// place an empty one or, where the field had that type before, the values it had then (`back`). The engine, which
    /// alone reads values by type, goes through the records.
    TranslateColumn {
        table: Identifier,
        was: Column,
        column: Column,
        kept_as: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        back: Option<String>,
    },
    /// Every value is rewritten; after this columns have their final types.
    ConvertColumn { table: Identifier, column: Identifier, from: ColumnKind, to: ColumnKind },
    /// Changes no table; asks whether the rows keep what the documents now promise.
    Tighten { table: Identifier, column: Identifier, promise: Promise },
    /// In the final type, and before indexes that would have to be kept up row by row.
    Backfill { table: Identifier, column: Identifier, kind: ColumnKind, value: serde_json::Value },
    /// A mark for the engine, which alone can compute. After backfills, which may be inputs.
    FillComputed { table: Identifier, column: Identifier },
    /// On the final values: what it refuses must not be mended later.
    CreateUniqueIndex { table: Identifier, index: UniqueIndex },
    /// Last: nothing depends on it.
    CreateIndex { table: Identifier, index: PlainIndex },
}

/// What a document began to say about a column that has rows already.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    Required,
    MaxLength(u32),
    Codes(Vec<String>),
    /// Any other rule of a field of type `to`, asked of the values that one of type `from` stored.
    Limits {
        from: String,
        stored: ColumnKind,
        to: String,
    },
    Target(Identifier),
    /// A reference that comes back: what it points at may have gone meanwhile.
    Found(Identifier),
}

impl Step {
    /// Place in the declaration.
    pub fn order(&self) -> u8 {
        match self {
            Step::DropIndex { .. } => 0,
            Step::RestoreTable { .. } => 1,
            Step::QuarantineColumn { .. } => 2,
            Step::QuarantineTable { .. } => 3,
            Step::CreateTable { .. } => 4,
            Step::AddColumn { .. } => 5,
            Step::RestoreColumn { .. } => 6,
            Step::ReplaceColumn { .. } => 7,
            Step::TranslateColumn { .. } => 8,
            Step::ConvertColumn { .. } => 9,
            Step::Tighten { .. } => 10,
            Step::Backfill { .. } => 11,
            Step::FillComputed { .. } => 12,
            Step::CreateUniqueIndex { .. } => 13,
            Step::CreateIndex { .. } => 14,
        }
    }

    /// Stable name, for machines and translations.
    pub fn code(&self) -> &'static str {
        match self {
            Step::DropIndex { .. } => "drop_index",
            Step::RestoreTable { .. } => "restore_table",
            Step::QuarantineColumn { .. } => "quarantine_column",
            Step::QuarantineTable { .. } => "quarantine_table",
            Step::CreateTable { .. } => "create_table",
            Step::AddColumn { .. } => "add_column",
            Step::RestoreColumn { .. } => "restore_column",
            Step::ReplaceColumn { .. } => "replace_column",
            Step::TranslateColumn { .. } => "translate_column",
            Step::ConvertColumn { .. } => "convert_column",
            Step::Tighten { promise, .. } => promise.code(),
            Step::Backfill { .. } => "backfill",
            Step::FillComputed { .. } => "fill_computed",
            Step::CreateUniqueIndex { .. } => "create_unique_index",
            Step::CreateIndex { .. } => "create_index",
        }
    }

    /// The object id.
    pub fn table(&self) -> &Identifier {
        match self {
            Step::RestoreTable { table, .. }
            | Step::QuarantineTable { table, .. }
            | Step::CreateTable { table, .. } => &table.name,
            Step::DropIndex { table, .. }
            | Step::QuarantineColumn { table, .. }
            | Step::AddColumn { table, .. }
            | Step::RestoreColumn { table, .. }
            | Step::ReplaceColumn { table, .. }
            | Step::TranslateColumn { table, .. }
            | Step::ConvertColumn { table, .. }
            | Step::Tighten { table, .. }
            | Step::Backfill { table, .. }
            | Step::FillComputed { table, .. }
            | Step::CreateUniqueIndex { table, .. }
            | Step::CreateIndex { table, .. } => table,
        }
    }

    /// The field ids concerned; none when the whole table is.
    pub fn columns(&self) -> Vec<&Identifier> {
        match self {
            Step::DropIndex { .. }
            | Step::RestoreTable { .. }
            | Step::QuarantineTable { .. }
            | Step::CreateTable { .. } => Vec::new(),
            Step::QuarantineColumn { column, .. }
            | Step::AddColumn { column, .. }
            | Step::RestoreColumn { column, .. }
            | Step::ReplaceColumn { column, .. }
            | Step::TranslateColumn { column, .. } => vec![&column.name],
            Step::ConvertColumn { column, .. }
            | Step::Tighten { column, .. }
            | Step::Backfill { column, .. }
            | Step::FillComputed { column, .. } => vec![column],
            Step::CreateUniqueIndex { index, .. } => index.columns.iter().collect(),
            Step::CreateIndex { index, .. } => index.columns.iter().collect(),
        }
    }

    /// The blanks of a translated description.
    pub fn params(&self) -> serde_json::Value {
        let mut params = json!({ "table": self.table(), "columns": self.columns() });
        match self {
            Step::DropIndex { index, .. } => params["index"] = json!(index),
            Step::RestoreTable { kept_as, .. }
            | Step::RestoreColumn { kept_as, .. }
            | Step::QuarantineColumn { kept_as, .. }
            | Step::QuarantineTable { kept_as, .. } => {
                params["kept_as"] = json!(kept_as);
            }
            Step::AddColumn { stays: Some((kept_as, kind)), .. } => {
                params["kept_as"] = json!(kept_as);
                params["from"] = json!(kind_text(*kind));
            }
            Step::ReplaceColumn { was, column, kept_as, .. } | Step::TranslateColumn { was, column, kept_as, .. } => {
                params["from"] = json!(was.type_text());
                params["to"] = json!(column.type_text());
                params["kept_as"] = json!(kept_as);
            }
            Step::ConvertColumn { from, to, .. } => {
                params["from"] = json!(kind_text(*from));
                params["to"] = json!(kind_text(*to));
            }
            Step::Tighten { promise, .. } => params["promise"] = json!(promise),
            Step::Backfill { value, .. } => params["value"] = value.clone(),
            _ => {}
        }
        params
    }

    /// One English sentence.
    pub fn describe(&self) -> String {
        match self {
            Step::DropIndex { table, index } => format!("Drop index {index} of {table}."),
            Step::RestoreTable { table, kept_as } => {
                format!("Take object {} into use again with the records kept as {kept_as}.", table.name)
            }
            Step::QuarantineColumn { table, column, kept_as } => {
                format!("Take field {}.{} out of use; its values are kept as {kept_as}.", table, column.name)
            }
            Step::QuarantineTable { table, kept_as } => {
                format!("Take object {} out of use; its records are kept as {kept_as}.", table.name)
            }
            Step::CreateTable { table, .. } => {
                format!("Create object {} with {} columns.", table.name, table.columns.len())
            }
            Step::AddColumn { table, column, stays: None } => {
                format!("Add field {}.{} ({}).", table, column.name, kind_text(column.kind))
            }
            Step::AddColumn { table, column, stays: Some((kept_as, kind)) } => format!(
                "Add field {}.{} ({}), empty: what is kept as {kept_as} ({}) stays in quarantine.",
                table,
                column.name,
                kind_text(column.kind),
                kind_text(*kind)
            ),
            Step::RestoreColumn { table, column, kept_as } => {
                format!("Take field {}.{} into use again with the values kept as {kept_as}.", table, column.name)
            }
            Step::ReplaceColumn { table, was, column, kept_as } => format!(
                "Replace field {}.{} ({}) by an empty one ({}); its values are kept as {kept_as}.",
                table,
                column.name,
                was.type_text(),
                column.type_text()
            ),
            Step::TranslateColumn { table, was, column, kept_as, back: None } => format!(
                "Read each value of field {}.{} ({}) anew as {}; what it was is kept as {kept_as}.",
                table,
                column.name,
                was.type_text(),
                column.type_text()
            ),
            Step::TranslateColumn { table, was, column, kept_as, back: Some(back) } => format!(
                "Take field {}.{} from {} back to {}: the values kept as {back} where they were not changed since, the \
                 others read anew; what it was is kept as {kept_as}.",
                table,
                column.name,
                was.type_text(),
                column.type_text()
            ),
            Step::ConvertColumn { table, column, from, to } => {
                format!("Convert field {table}.{column} from {} to {}.", kind_text(*from), kind_text(*to))
            }
            Step::Tighten { table, column, promise } => match promise {
                Promise::Required => format!("Require a value in field {table}.{column}."),
                Promise::MaxLength(length) => format!("Limit field {table}.{column} to {length} characters."),
                Promise::Codes(codes) => format!("Limit field {table}.{column} to {} options.", codes.len()),
                Promise::Limits { .. } => format!("Hold field {table}.{column} to its new limits."),
                Promise::Target(target) => format!("Point field {table}.{column} at {target}."),
                Promise::Found(target) => {
                    format!("Look whether {target} still has what field {table}.{column} points at.")
                }
            },
            Step::Backfill { table, column, value, .. } => {
                format!("Set field {table}.{column} to {value} where it is empty.")
            }
            Step::FillComputed { table, column } => format!("Compute field {table}.{column} for existing records."),
            Step::CreateUniqueIndex { table, index } => {
                format!("Keep {} unique among live records of {table}.", join(&index.columns))
            }
            Step::CreateIndex { table, index } => format!("Index {} of {table}.", join(&index.columns)),
        }
    }
}

impl Promise {
    fn code(&self) -> &'static str {
        match self {
            Promise::Required => "require",
            Promise::MaxLength(_) => "limit_length",
            Promise::Codes(_) => "limit_options",
            Promise::Limits { .. } => "limit_values",
            Promise::Target(_) => "retarget",
            Promise::Found(_) => "find_targets",
        }
    }
}

/// `decimal(2)`, `text` …, as a person reads it.
pub fn kind_text(kind: ColumnKind) -> String {
    match kind {
        ColumnKind::Text => "text".into(),
        ColumnKind::Integer => "integer".into(),
        ColumnKind::Decimal { scale } => format!("decimal({scale})"),
        ColumnKind::Boolean => "boolean".into(),
        ColumnKind::Date => "date".into(),
        ColumnKind::DateTime => "datetime".into(),
        ColumnKind::Time => "time".into(),
        ColumnKind::Duration => "duration".into(),
        ColumnKind::Id => "reference".into(),
        ColumnKind::Json => "json".into(),
    }
}

fn join(columns: &[Identifier]) -> String {
    columns.iter().map(Identifier::as_str).collect::<Vec<_>>().join(", ")
}
