//! Groups and totals over the masked relation.
//!
//! The database groups and sums; averages, `having` and order are worked out over its exact sums afterwards, so that
//! they are the same digit for digit on both databases.

use rust_decimal::{Decimal, RoundingStrategy};
use sea_query::{Alias, Expr, ExprTrait, Func, IntoIden, Query};
use trellis_access::{FieldMask, Grant};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{FieldIndex, system_field};
use trellis_metadata::value::Value;

use super::Context;
use super::lowering::Lowering;
use super::predicate::Frame;
use crate::error::Error;
use crate::request::{
    Bucket, MAX_DIGITS, MAX_GROUPS, Measure, SelectRequest, TotalColumn, TotalSource, TotalsRequest, Trash,
};
use crate::row::Row;
use crate::statement::{Dialect, Source, Statement};

/// Digits an average has beyond those of its field.
const FINER: u8 = 4;

/// A statement with the meaning of its result columns.
#[derive(Clone, Debug, PartialEq)]
pub struct TotalsPlan {
    pub statement: Statement,
    columns: Vec<ResultColumn>,
}

#[derive(Clone, Debug, PartialEq)]
struct ResultColumn {
    kind: ColumnKind,
    reading: Reading,
}

/// How a column of the answer comes from those of the statement, by position.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    Plain(usize),
    Sum(usize),
    Average { sum: usize, count: usize },
}

/// A sum with more digits than are kept.
#[derive(Debug)]
pub struct TooManyDigits;

impl TotalsPlan {
    /// Kinds of the answer's columns.
    pub fn kinds(&self) -> impl Iterator<Item = ColumnKind> + '_ {
        self.columns.iter().map(|column| column.kind)
    }

    /// The answer's values of one row of the statement.
    pub fn read(&self, row: &dyn Row) -> Result<Vec<Value>, TooManyDigits> {
        self.columns.iter().map(|column| self.value(row, column)).collect()
    }

    fn value(&self, row: &dyn Row, column: &ResultColumn) -> Result<Value, TooManyDigits> {
        let cell = |index: usize| row.cell(index, self.statement.columns[index]).map(crate::row::Cell::to_value);
        let sum = |index: usize| match cell(index) {
            Ok(Value::Decimal(sum)) if sum.mantissa().unsigned_abs() < 10_u128.pow(MAX_DIGITS) => Ok(Some(sum)),
            Ok(Value::Null) => Ok(None),
            _ => Err(TooManyDigits),
        };
        Ok(match column.reading {
            Reading::Plain(index) => cell(index).map_err(|_| TooManyDigits)?,
            Reading::Sum(index) => sum(index)?.map_or(Value::Null, |sum| summed(sum, column.kind)),
            Reading::Average { sum: total, count } => {
                let count = cell(count).ok().and_then(|count| count.as_decimal()).unwrap_or_default();
                sum(total)?.map_or(Value::Null, |sum| averaged(sum, count, column.kind))
            }
        })
    }
}

fn summed(sum: Decimal, kind: ColumnKind) -> Value {
    match kind {
        ColumnKind::Integer => i64::try_from(sum.mantissa()).map_or(Value::Null, Value::Integer),
        _ => Value::Decimal(sum),
    }
}

fn averaged(sum: Decimal, count: Decimal, kind: ColumnKind) -> Value {
    let (ColumnKind::Decimal { scale }, Some(average)) = (kind, sum.checked_div(count)) else { return Value::Null };
    let mut average = average.round_dp_with_strategy(u32::from(scale), RoundingStrategy::MidpointAwayFromZero);
    average.rescale(u32::from(scale));
    Value::Decimal(average)
}

/// Plans the groups of a request, one row each.
pub fn totals(context: Context<'_>, grant: &Grant, request: &TotalsRequest) -> Result<TotalsPlan, Error> {
    let mut lowering = Lowering::for_caller(context);
    let (mut rows, frame) = lowering.filtered(grant, &source(request), &fields(request))?;
    rows.expr_as(frame.cell(system_field::ID), Alias::new(ROW));
    let alias = lowering.alias();
    let mut building = Building { lowering, frame, alias: alias.clone(), kinds: Vec::new(), columns: Vec::new() };
    let mut grouped = Query::select();
    for (at, column) in request.columns.iter().enumerate() {
        building.add(at, column, &mut rows, &mut grouped)?;
    }
    let Building { lowering, kinds, columns, .. } = building;
    grouped.from_subquery(rows, alias).limit(u64::from(MAX_GROUPS) + 1);
    Ok(TotalsPlan { statement: lowering.finish(&grouped, kinds)?, columns })
}

/// The id under a name no field has.
const ROW: &str = "_row";

fn source(request: &TotalsRequest) -> SelectRequest {
    SelectRequest {
        object: request.object,
        columns: Vec::new(),
        embeds: Vec::new(),
        filter: request.filter.clone(),
        order: Vec::new(),
        limit: 0,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    }
}

fn fields(request: &TotalsRequest) -> FieldMask {
    let field = |column: &TotalColumn| match &column.source {
        TotalSource::Group { path, .. } => path.steps.first().copied(),
        TotalSource::Count(field) => *field,
        TotalSource::Measure { field, .. } => Some(*field),
    };
    request.columns.iter().filter_map(field).collect()
}

struct Building<'a> {
    lowering: Lowering<'a>,
    frame: Frame<'a>,
    /// Of the rows, as the groups see them.
    alias: Alias,
    /// Of the statement's columns so far.
    kinds: Vec<ColumnKind>,
    columns: Vec<ResultColumn>,
}

impl Building<'_> {
    /// Adds what the column needs to the rows and to the groups over them.
    fn add(
        &mut self,
        at: usize,
        column: &TotalColumn,
        rows: &mut sea_query::SelectStatement,
        grouped: &mut sea_query::SelectStatement,
    ) -> Result<(), Error> {
        let name = Alias::new(format!("_c{at}"));
        let inner = Expr::col((self.alias.clone().into_iden(), name.clone().into_iden()));
        match &column.source {
            TotalSource::Group { path, bucket } => {
                let (value, kind) = self.lowering.value(&self.frame, path)?;
                self.groupable(kind, path.steps[0])?;
                let (value, kind) = match bucket {
                    Some(bucket) => (self.lowering.bucket(value, kind, *bucket)?, ColumnKind::Date),
                    None => (value, kind),
                };
                rows.expr_as(value, name);
                grouped.expr(inner.clone()).add_group_by([inner]);
                self.take(kind, Reading::Plain, kind);
            }
            TotalSource::Count(field) => {
                let counted = match field {
                    None => Expr::col((self.alias.clone().into_iden(), Alias::new(ROW).into_iden())),
                    Some(field) => {
                        rows.expr_as(self.lowering.readable(&self.frame, *field)?, name);
                        inner
                    }
                };
                grouped.expr(Func::count(counted));
                self.take(ColumnKind::Integer, Reading::Plain, ColumnKind::Integer);
            }
            TotalSource::Measure { function, field } => {
                rows.expr_as(self.lowering.readable(&self.frame, *field)?, name);
                self.measure(*function, *field, inner, grouped)?;
            }
        }
        Ok(())
    }

    fn measure(
        &mut self,
        function: Measure,
        field: FieldIndex,
        inner: Expr,
        grouped: &mut sea_query::SelectStatement,
    ) -> Result<(), Error> {
        let kind = self.frame.object.field(field).column;
        match function {
            Measure::Min | Measure::Max => {
                self.groupable(kind, field)?;
                let inner = self.lowering.sortable(inner, kind);
                grouped.expr(if function == Measure::Min { Func::min(inner) } else { Func::max(inner) });
                self.take(kind, Reading::Plain, kind);
            }
            Measure::Sum | Measure::Avg => {
                let scale = match kind {
                    ColumnKind::Integer => 0,
                    ColumnKind::Decimal { scale } => scale,
                    _ => return Err(Error::NotSortable { object: self.frame.object.index, field }),
                };
                grouped.expr(Func::sum(inner.clone()));
                let sum = self.kinds.len();
                self.kinds.push(ColumnKind::Decimal { scale });
                let column = if function == Measure::Sum {
                    ResultColumn { kind, reading: Reading::Sum(sum) }
                } else {
                    grouped.expr(Func::count(inner));
                    self.kinds.push(ColumnKind::Integer);
                    let kind = ColumnKind::Decimal { scale: scale + FINER };
                    ResultColumn { kind, reading: Reading::Average { sum, count: sum + 1 } }
                };
                self.columns.push(column);
            }
        }
        Ok(())
    }

    fn take(&mut self, stored: ColumnKind, reading: impl Fn(usize) -> Reading, kind: ColumnKind) {
        self.columns.push(ResultColumn { kind, reading: reading(self.kinds.len()) });
        self.kinds.push(stored);
    }

    /// Structures are neither equal nor ordered.
    fn groupable(&self, kind: ColumnKind, field: FieldIndex) -> Result<(), Error> {
        if kind == ColumnKind::Json {
            return Err(Error::NotSortable { object: self.frame.object.index, field });
        }
        Ok(())
    }
}

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

impl Lowering<'_> {
    fn word(&mut self, word: &str) -> Expr {
        self.bind(Source::Value(Value::text(word)), ColumnKind::Text)
    }

    fn call(&mut self, name: &'static str, first: Expr, words: &[&str]) -> Expr {
        let words: Vec<Expr> = words.iter().map(|word| self.word(word)).collect();
        Func::cust(Alias::new(name)).args(std::iter::once(first).chain(words)).into()
    }

    /// The first day of the piece of the calendar that holds the value.
    fn bucket(&mut self, value: Expr, kind: ColumnKind, bucket: Bucket) -> Result<Expr, Error> {
        let is_instant = match kind {
            ColumnKind::DateTime => true,
            ColumnKind::Date => false,
            _ => return Err(Error::Build),
        };
        Ok(match self.dialect {
            Dialect::Postgres => self.truncated(value, is_instant, bucket),
            Dialect::Sqlite => {
                let day = if is_instant { self.day_of(value) } else { value };
                self.first_day(day, bucket)
            }
        })
    }

    fn truncated(&mut self, value: Expr, is_instant: bool, bucket: Bucket) -> Expr {
        let local = if is_instant {
            let zone = self.word("UTC");
            Func::cust(Alias::new("timezone")).args([zone, value]).into()
        } else {
            Expr::from(Func::cast_as(value, Alias::new("timestamp")))
        };
        let piece = self.word(match bucket {
            Bucket::Day => "day",
            Bucket::Week => "week",
            Bucket::Month => "month",
            Bucket::Quarter => "quarter",
            Bucket::Year => "year",
        });
        let first: Expr = Func::cust(Alias::new("date_trunc")).args([piece, local]).into();
        Func::cast_as(first, Alias::new("date")).into()
    }

    /// Stored are microseconds; the whole second before, also before 1970.
    fn day_of(&mut self, micros: Expr) -> Expr {
        let mut unit = || self.integer(SECOND);
        let (a, b, c, d) = (unit(), unit(), unit(), unit());
        let beyond = micros.clone().modulo(a).add(b).modulo(c);
        self.call("date", micros.sub(beyond).div(d), &["unixepoch"])
    }

    fn first_day(&mut self, day: Expr, bucket: Bucket) -> Expr {
        match bucket {
            Bucket::Day => day,
            Bucket::Week => self.call("date", day, &["weekday 0", "-6 days"]),
            Bucket::Month => self.call("date", day, &["start of month"]),
            Bucket::Year => self.call("date", day, &["start of year"]),
            Bucket::Quarter => {
                let pattern = self.word("%m");
                let month: Expr = Func::cust(Alias::new("strftime")).args([pattern, day.clone()]).into();
                let month: Expr = Func::cast_as(month, Alias::new("integer")).into();
                let (one, three) = (self.integer(1), self.integer(3));
                let back = self.word("-%d months");
                let back: Expr = Func::cust(Alias::new("printf")).args([back, month.sub(one).modulo(three)]).into();
                let start = self.word("start of month");
                Func::cust(Alias::new("date")).args([day, start, back]).into()
            }
        }
    }
}
