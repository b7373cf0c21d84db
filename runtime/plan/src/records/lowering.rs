//! The state of building one statement: binds, aliases, depth. Turns a sea-query statement into a finished one.
//!
//! Each constant becomes a [`Bind`]; sea-query carries only the bind's number through its printer, so that the order of
//! placeholders is the printer's business and the values are ours.

use sea_query::{
    Alias, Expr, IntoIden, PostgresQueryBuilder, QueryStatementWriter, SelectStatement, SqliteQueryBuilder,
    Value as Slot,
};
use trellis_access::Profile;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, Snapshot};
use trellis_metadata::value::Value;

use crate::error::Error;
use crate::statement::{Bind, Dialect, Source, Statement};

/// SQLite takes 32,766 parameters, PostgreSQL 65,535.
const MAX_BINDS: usize = 30_000;
/// Conditions in conditions, and the parts of all conditions around one: far below what the databases' parsers take
/// (SQLite allows trees 1,000 deep, and a chain of `OR` is a tree).
const MAX_DEPTH: usize = 40;
const MAX_PARTS: usize = 600;

pub(super) struct Lowering<'a> {
    pub snapshot: &'a Snapshot,
    pub dialect: Dialect,
    /// Answers for related objects in what a caller asks for; absent where only rules are lowered.
    pub profile: Option<&'a Profile>,
    binds: Vec<Bind>,
    aliases: usize,
    depth: usize,
    parts: usize,
    /// Below a `Not`: unknown and false differ there.
    pub negated: bool,
}

impl<'a> Lowering<'a> {
    pub fn new(snapshot: &'a Snapshot, dialect: Dialect) -> Self {
        Self { snapshot, dialect, profile: None, binds: Vec::new(), aliases: 0, depth: 0, parts: 0, negated: false }
    }

    pub fn for_caller(context: super::Context<'a>) -> Self {
        Self { profile: Some(context.profile), ..Self::new(context.snapshot, context.dialect) }
    }

    pub fn object(&self, index: ObjectIndex) -> &'a Object {
        self.snapshot.object(index)
    }

    pub fn bind(&mut self, source: Source, kind: ColumnKind) -> Expr {
        Expr::val(self.place(source, kind))
    }

    /// The number that stands for a bind where the builder takes plain values only.
    pub fn place(&mut self, source: Source, kind: ColumnKind) -> i64 {
        self.binds.push(Bind { source, kind });
        self.binds.len() as i64 - 1
    }

    pub fn slot(&mut self, index: usize, kind: ColumnKind) -> Expr {
        self.bind(Source::Slot(index), kind)
    }

    pub fn integer(&mut self, number: i64) -> Expr {
        self.bind(Source::Value(Value::Integer(number)), ColumnKind::Integer)
    }

    /// `EXISTS (SELECT 1 …)`.
    ///
    /// SQLite 3.51 turns a plain one into a join and then counts its matches towards OFFSET; a LIMIT inside keeps it
    /// an EXISTS. PostgreSQL reads it better without.
    pub fn some(&mut self, mut select: SelectStatement) -> Expr {
        select.expr(self.integer(1));
        if self.dialect == Dialect::Sqlite {
            select.limit(1);
        }
        Expr::exists(select)
    }

    pub fn alias(&mut self) -> Alias {
        self.aliases += 1;
        Alias::new(format!("t{}", self.aliases - 1))
    }

    /// Runs `inner` one level deeper, below a condition of so many parts.
    pub fn deeper<T>(&mut self, parts: usize, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH || self.parts + parts > MAX_PARTS {
            return Err(Error::TooComplex);
        }
        self.depth += 1;
        self.parts += parts;
        let done = inner(self);
        self.parts -= parts;
        self.depth -= 1;
        done
    }

    pub fn finish(&self, statement: &impl QueryStatementWriter, columns: Vec<ColumnKind>) -> Result<Statement, Error> {
        let (sql, values) = match self.dialect {
            Dialect::Sqlite => statement.build(SqliteQueryBuilder),
            Dialect::Postgres => statement.build(PostgresQueryBuilder),
        };
        let binds: Vec<Bind> = values.iter().map(|value| self.bind_of(value)).collect::<Result<_, _>>()?;
        if binds.len() > MAX_BINDS {
            return Err(Error::TooComplex);
        }
        Ok(Statement { sql, binds, columns })
    }

    fn bind_of(&self, value: &Slot) -> Result<Bind, Error> {
        match value {
            Slot::BigInt(Some(index)) => {
                usize::try_from(*index).ok().and_then(|index| self.binds.get(index)).cloned().ok_or(Error::Build)
            }
            // LIMIT and OFFSET, which the builder takes as numbers only.
            Slot::BigUnsigned(Some(number)) => Ok(Bind {
                source: Source::Value(Value::Integer(i64::try_from(*number).map_err(|_| Error::Build)?)),
                kind: ColumnKind::Integer,
            }),
            _ => Err(Error::Build),
        }
    }
}

pub(super) fn always(constant: bool) -> Expr {
    Expr::Constant(constant.into())
}

/// Neither true nor false.
pub(super) fn unknown() -> Expr {
    Expr::Keyword(sea_query::Keyword::Null)
}

pub(super) fn all_of(parts: Vec<Expr>) -> Expr {
    parts.into_iter().reduce(sea_query::ExprTrait::and).unwrap_or_else(|| always(true))
}

pub(super) fn any_of(parts: Vec<Expr>) -> Expr {
    parts.into_iter().reduce(sea_query::ExprTrait::or).unwrap_or_else(|| always(false))
}

/// Table of an object.
pub(super) fn table(object: &Object) -> Alias {
    Alias::new(object.id.as_str())
}

/// Column of a field.
pub(super) fn column(object: &Object, field: FieldIndex) -> Alias {
    Alias::new(object.field(field).id.as_str())
}

pub(super) fn cell(alias: &Alias, object: &Object, field: FieldIndex) -> Expr {
    Expr::col((alias.clone().into_iden(), column(object, field).into_iden()))
}

/// `SELECT … FROM table AS alias`.
pub(super) fn from(object: &Object, alias: &Alias) -> SelectStatement {
    sea_query::Query::select().from_as(table(object), alias.clone()).to_owned()
}
