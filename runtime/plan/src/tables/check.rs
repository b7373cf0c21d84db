//! What to ask the rows before a migration.
//!
//! Questions are asked of the tables as they are, before any step has run, so none mentions a column or table that is
//! yet to be made, and what comes back is asked under the name it is kept by. Whatever a race lets through afterwards,
//! the database refuses and the transaction rolls back. Some only the engine can judge, value by value.

use sea_query::{
    Asterisk, Condition, Expr, ExprTrait, Func, Order, OverStatement, Query, SelectStatement, SimpleExpr,
    WindowStatement,
};
use trellis_metadata::column::{ColumnKind, DECIMAL_PRECISION};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::convert::{Conversion, conversion, power};
use super::layout::UniqueIndex;
use super::step::{Promise, Step};
use super::translate::pages;
use crate::{Bind, Dialect, Source, Statement};

/// Record ids shown with a verdict.
pub const SAMPLES: u64 = 5;

/// One thing to know about the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Position of the step; a step asks at most one question.
    pub step: usize,
    pub statement: Statement,
    pub reply: Reply,
}

/// What the statement of a question answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// At most [`SAMPLES`] rows of record id and total count; no row means none.
    Counted,
    /// A page of record ids and values, after the id `Slot(0)`: the engine judges them.
    Values,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub rows: u64,
    pub samples: Vec<Uuid>,
}

pub fn questions(steps: &[Step], dialect: Dialect) -> Vec<Question> {
    let asker = Asker { steps, dialect };
    let ask = |(position, step)| {
        let (statement, reply) = asker.question(step)?;
        Some(Question { step: position, statement, reply })
    };
    steps.iter().enumerate().filter_map(ask).collect()
}

struct Asker<'a> {
    steps: &'a [Step],
    dialect: Dialect,
}

impl Asker<'_> {
    fn question(&self, step: &Step) -> Option<(Statement, Reply)> {
        let rows = match step {
            Step::TranslateColumn { table, was, column, back, .. } => {
                let mut columns = vec![(was.name.as_str(), was.kind)];
                columns.extend(back.as_deref().map(|back| (back, column.kind)));
                return Some((pages(table.as_str(), &columns, self.dialect), Reply::Values));
            }
            Step::Tighten { table, column, promise: Promise::Limits { stored, .. } } => {
                let name = self.column(table, column);
                return Some((pages(&self.table(table), &[(&name, *stored)], self.dialect), Reply::Values));
            }
            Step::QuarantineTable { table, .. } | Step::RestoreTable { table, .. } => (&table.name, Condition::all()),
            // What was computed is no loss.
            Step::QuarantineColumn { column: was, .. }
            | Step::RestoreColumn { column: was, .. }
            | Step::ReplaceColumn { was, .. }
                if was.is_derived() =>
            {
                return None;
            }
            Step::QuarantineColumn { table, column: was, .. } | Step::ReplaceColumn { table, was, .. } => {
                // Under its own name: what comes back instead has another.
                (table, Condition::all().add(Expr::col(was.name.as_str().to_owned()).is_not_null()))
            }
            Step::RestoreColumn { table, column, .. } => (table, self.present(table, &column.name)),
            Step::ConvertColumn { table, column, from, to } => (table, self.not_converting(table, column, *from, *to)?),
            Step::Tighten { table, column, promise } => (table, self.breaking(table, column, promise)),
            Step::Backfill { table, column, .. } => (table, self.missing(table, column)),
            Step::CreateUniqueIndex { table, index } => return Some((self.duplicates(table, index)?, Reply::Counted)),
            Step::DropIndex { .. }
            | Step::CreateTable { .. }
            | Step::AddColumn { .. }
            | Step::FillComputed { .. }
            | Step::CreateIndex { .. } => return None,
        };
        let (table, condition) = rows;
        let from = Query::select().from(self.table(table)).cond_where(condition).take();
        Some((self.counted(from), Reply::Counted))
    }

    /// Values that lose digits or no longer fit.
    fn not_converting(
        &self,
        table: &Identifier,
        column: &Identifier,
        from: ColumnKind,
        to: ColumnKind,
    ) -> Option<Condition> {
        let Conversion::Rescale { from: before, to: after } = conversion(from, to)? else { return None };
        let stored = || Expr::col(self.column(table, column));
        let stored_scale = self.dialect.stored_scale(from);
        if after < before {
            // Bring the last digit that stays to the unit place; what is left behind it would be lost.
            let rest = if stored_scale > after {
                stored().modulo(power(stored_scale - after))
            } else {
                stored().mul(power(after)).modulo(1_i64)
            };
            return Some(Condition::all().add(rest.ne(0_i64)));
        }
        let limit = power(DECIMAL_PRECISION - after + stored_scale);
        Some(Condition::any().add(stored().gte(limit)).add(stored().lte(-limit)))
    }

    fn breaking(&self, table: &Identifier, column: &Identifier, promise: &Promise) -> Condition {
        let value = || Expr::col((self.table(table), self.column(table, column)));
        let broken = match promise {
            Promise::Required => return self.missing(table, column).add(live()),
            Promise::MaxLength(length) => Func::char_length(value()).gt(i64::from(*length)),
            // Asked value by value.
            Promise::Limits { .. } => Expr::val(false),
            Promise::Codes(codes) => value().is_not_in(codes.iter().cloned()),
            Promise::Target(target) | Promise::Found(target) if self.is_created(target) => {
                return self.present(table, column);
            }
            Promise::Target(target) | Promise::Found(target) => {
                let found = Query::select()
                    .column(("target", "id"))
                    .from_as(self.table(target), "target")
                    .and_where(Expr::col(("target", "id")).equals((self.table(table), self.column(table, column))))
                    .take();
                return self.present(table, column).add(Expr::exists(found).not());
            }
        };
        Condition::all().add(live()).add(broken)
    }

    fn missing(&self, table: &Identifier, column: &Identifier) -> Condition {
        if self.is_new(table, column) {
            Condition::all()
        } else {
            Condition::all().add(Expr::col(self.column(table, column)).is_null())
        }
    }

    /// Live rows that share their key with another live row.
    fn duplicates(&self, table: &Identifier, index: &UniqueIndex) -> Option<Statement> {
        let rebuilt = |step: &Step| matches!(step, Step::DropIndex { index: dropped, .. } if *dropped == index.name);
        // A null keeps its row out of the index, so a new column without a default lets none collide.
        let empty = |column: &&Identifier| self.is_new(table, column) && !self.is_backfilled(table, column);
        if self.is_created(table) || self.steps.iter().any(rebuilt) || index.columns.iter().any(|column| empty(&column))
        {
            return None;
        }
        // A new column that is backfilled is equal in all rows.
        let mut window = WindowStatement::new();
        let mut keyed = Query::select();
        keyed.column("id").from(self.table(table)).and_where(live());
        for column in index.columns.iter().filter(|column| !self.is_new(table, column)) {
            window.add_partition_by(Expr::col(self.column(table, column)));
            keyed.and_where(Expr::col(self.column(table, column)).is_not_null());
        }
        keyed.expr_window_as(count_rows(), window, "same");
        let shared = Query::select().from_subquery(keyed, "keyed").and_where(Expr::col("same").gt(1_i64)).take();
        Some(self.counted(shared))
    }

    fn present(&self, table: &Identifier, column: &Identifier) -> Condition {
        Condition::all().add(Expr::col(self.column(table, column)).is_not_null())
    }

    /// The name it has now.
    fn table(&self, table: &Identifier) -> String {
        let kept = self.steps.iter().find_map(|step| match step {
            Step::RestoreTable { table: restored, kept_as } if restored.name == *table => Some(kept_as.as_str()),
            _ => None,
        });
        kept.unwrap_or(table.as_str()).to_owned()
    }

    /// Likewise.
    fn column(&self, table: &Identifier, column: &Identifier) -> String {
        let kept = self.steps.iter().find_map(|step| match step {
            Step::RestoreColumn { table: altered, column: restored, kept_as }
                if altered == table && restored.name == *column =>
            {
                Some(kept_as.as_str())
            }
            _ => None,
        });
        kept.unwrap_or(column.as_str()).to_owned()
    }

    fn is_created(&self, table: &Identifier) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::CreateTable { table: created, .. } if created.name == *table))
    }

    fn is_new(&self, table: &Identifier, column: &Identifier) -> bool {
        self.steps.iter().any(|step| match step {
            Step::AddColumn { table: altered, column: added, .. }
            | Step::ReplaceColumn { table: altered, column: added, .. } => altered == table && added.name == *column,
            _ => false,
        })
    }

    fn is_backfilled(&self, table: &Identifier, column: &Identifier) -> bool {
        let fills =
            |step: &Step| matches!(step, Step::Backfill { table: t, column: c, .. } if t == table && c == column);
        self.steps.iter().any(fills)
    }

    /// Samples and the total in one statement.
    fn counted(&self, mut select: SelectStatement) -> Statement {
        select
            .column("id")
            .expr_window_as(count_rows(), WindowStatement::new(), "total")
            .order_by("id", Order::Asc)
            .limit(SAMPLES);
        let (sql, values) = self.dialect.bound(&select);
        let binds = values.into_iter().map(bind).collect();
        Statement { sql, binds, columns: vec![ColumnKind::Id, ColumnKind::Integer] }
    }
}

fn live() -> SimpleExpr {
    Expr::col("deleted_at").is_null()
}

fn count_rows() -> SimpleExpr {
    Func::count(Expr::col(Asterisk)).into()
}

/// Only our own numbers and option codes are bound here; numbers compare with the column as it is stored.
fn bind(value: sea_query::Value) -> Bind {
    let (value, kind) = match value {
        sea_query::Value::String(Some(text)) => (Value::text(text), ColumnKind::Text),
        sea_query::Value::BigInt(Some(number)) => (Value::Integer(number), ColumnKind::Integer),
        sea_query::Value::BigUnsigned(Some(number)) => (Value::Integer(number as i64), ColumnKind::Integer),
        _ => (Value::Null, ColumnKind::Text),
    };
    Bind { source: Source::Value(value), kind }
}
