//! Predicates as SQL conditions, three-valued exactly like `predicate::holds` in memory.
//!
//! A rule reads raw rows; what a caller asks reads only what he may see, here and through every relation.

use std::sync::Arc;

use sea_query::{
    Alias, BinOper, CaseStatement, CommonTableExpression, Expr, ExprTrait, Func, IntoIden, Query, SelectStatement,
    UnionType, WithClause,
};
use trellis_access::{FieldMask, Grant};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::{ActorAttribute, FieldPath};
use trellis_metadata::predicate::{Case, Operand, Predicate, Scope};
use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, Verb, system_field};
use trellis_metadata::value::Value;

use super::compare::{Term, bytewise};
use super::lowering::{Lowering, all_of, always, any_of, cell, from, unknown};
use super::pattern::{ESCAPE, Pattern};
use crate::error::Error;
use crate::request::Trash;
use crate::statement::{Dialect, Source};

/// A relation a condition is about.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    pub alias: Alias,
    pub object: &'a Object,
    pub sight: Sight<'a>,
}

/// Who reads.
#[derive(Clone, Copy)]
pub(super) enum Sight<'a> {
    /// The runtime, deciding a rule: every column.
    Rule,
    /// A caller, through his grant.
    Caller(&'a Grant),
}

impl<'a> Frame<'a> {
    pub fn rule(object: &'a Object, alias: Alias) -> Self {
        Self { alias, object, sight: Sight::Rule }
    }

    /// The cell without asking who may see it: for the runtime's own joins and tests.
    pub fn cell(&self, field: FieldIndex) -> Expr {
        cell(&self.alias, self.object, field)
    }

    pub fn hidden(&self, field: FieldIndex) -> Error {
        Error::HiddenField { object: self.object.index, field }
    }
}

impl<'a> Lowering<'a> {
    pub fn condition(&mut self, frame: &Frame<'a>, predicate: &Predicate) -> Result<Expr, Error> {
        let parts = match predicate {
            Predicate::And(parts) | Predicate::Or(parts) => parts.len(),
            _ => 1,
        };
        self.deeper(parts, |this| this.any_condition(frame, predicate))
    }

    fn any_condition(&mut self, frame: &Frame<'a>, predicate: &Predicate) -> Result<Expr, Error> {
        Ok(match predicate {
            Predicate::Always(constant) => always(*constant),
            Predicate::Compare { left, op, right } => {
                let (left, right) = (self.term(frame, left)?, self.term(frame, right)?);
                self.compare(left, *op, right)
            }
            Predicate::In { left, items } => {
                let left = self.term(frame, left)?;
                let items = items.iter().map(|item| self.term(frame, item)).collect::<Result<_, _>>()?;
                self.contains(left, items)
            }
            Predicate::IsNull(operand) => self.term(frame, operand)?.null(),
            Predicate::Like { left, pattern, case } => {
                let left = self.term(frame, left)?;
                self.like(left, pattern, *case)?
            }
            Predicate::Contains { left, codes } => {
                let left = self.term(frame, left)?;
                self.holds_codes(left, codes)
            }
            Predicate::Within { left, codes } => {
                let left = self.term(frame, left)?;
                self.holds_only(left, codes)
            }
            Predicate::And(all) => all_of(self.conditions(frame, all)?),
            Predicate::Or(any) => any_of(self.conditions(frame, any)?),
            Predicate::Not(inner) => {
                let outside = std::mem::replace(&mut self.negated, true);
                let inner = self.condition(frame, inner);
                self.negated = outside;
                inner?.not()
            }
            Predicate::HasChild { object, via, where_ } => {
                let outer = self.readable(frame, system_field::ID)?;
                self.exists(frame, *object, *via, outer, where_)?
            }
            Predicate::Parent { via, object, where_ } => {
                let outer = self.readable(frame, *via)?;
                self.exists(frame, *object, system_field::ID, outer, where_)?
            }
            Predicate::Below { via, object, above, where_ } => {
                let inside = self.below(frame, *via, (*object, *above), where_)?;
                if self.negated { settled(inside) } else { inside }
            }
            Predicate::Scope(scope) => {
                let inside = self.scope(frame, *scope)?;
                // In memory a scope is never unknown; only a negation could tell.
                if self.negated { settled(inside) } else { inside }
            }
            // A profile folds role tests; one that was not folded grants nothing, negated or not.
            Predicate::HasRole(_) => unknown(),
        })
    }

    fn conditions(&mut self, frame: &Frame<'a>, parts: &[Predicate]) -> Result<Vec<Expr>, Error> {
        parts.iter().map(|part| self.condition(frame, part)).collect()
    }

    fn term(&mut self, frame: &Frame<'a>, operand: &Operand) -> Result<Term, Error> {
        Ok(match operand {
            Operand::Value(value) => Term::Constant(value.clone()),
            Operand::Field(path) => self.path(frame, path)?,
            Operand::Actor(attribute) => {
                let kind = match attribute {
                    ActorAttribute::Id | ActorAttribute::OrgUnitId => ColumnKind::Id,
                    ActorAttribute::Name | ActorAttribute::Email => ColumnKind::Text,
                };
                Term::Known(self.bind(Source::Actor(*attribute), kind), kind)
            }
            Operand::Today => Term::Known(self.bind(Source::Today, ColumnKind::Date), ColumnKind::Date),
            Operand::Now => Term::Known(self.bind(Source::Now, ColumnKind::DateTime), ColumnKind::DateTime),
        })
    }

    /// The cell, when whoever reads may use it in a condition.
    pub fn readable(&self, frame: &Frame<'a>, field: FieldIndex) -> Result<Expr, Error> {
        if let Sight::Caller(grant) = frame.sight {
            let queried = self.profile.and_then(|profile| profile.grant(frame.object.index, Verb::Query));
            if !grant.covers(field) || !queried.is_some_and(|query| query.covers(field)) {
                return Err(frame.hidden(field));
            }
        }
        Ok(frame.cell(field))
    }

    fn path(&mut self, frame: &Frame<'a>, path: &FieldPath) -> Result<Term, Error> {
        let (value, kind) = self.value(frame, path)?;
        Ok(Term::Known(value, kind))
    }

    /// The value at the end of a path, as far as whoever reads may follow it.
    pub fn value(&mut self, frame: &Frame<'a>, path: &FieldPath) -> Result<(Expr, ColumnKind), Error> {
        Ok((self.steps(frame, &path.steps)?, self.snapshot.path_field(path).column))
    }

    fn steps(&mut self, frame: &Frame<'a>, steps: &[FieldIndex]) -> Result<Expr, Error> {
        let [step, rest @ ..] = steps else { return Ok(unknown()) };
        let here = self.readable(frame, *step)?;
        let Some(next) = rest.first() else { return Ok(here) };
        let relation = frame.object.field(*step).kind.relation();
        let target = relation.ok_or(Error::NotARelation { object: frame.object.index, field: *step })?.target;
        self.deeper(1, |this| {
            let fields = [system_field::ID, *next].into_iter().collect();
            let (mut select, inner) = this.related(frame, target, &fields)?;
            let value = this.steps(&inner, rest)?;
            select.expr(value).and_where(inner.cell(system_field::ID).eq(here));
            Ok(Expr::SubQuery(None, Box::new(select.into())))
        })
    }

    /// A live row of `object` whose `key` is `outer` meets the condition.
    fn exists(
        &mut self,
        frame: &Frame<'a>,
        object: ObjectIndex,
        key: FieldIndex,
        outer: Expr,
        where_: &Predicate,
    ) -> Result<Expr, Error> {
        let mut fields = reads(where_);
        fields.insert(key);
        let (mut select, inner) = self.related(frame, object, &fields)?;
        let key = self.readable(&inner, key)?;
        // The condition inside starts afresh: EXISTS is never unknown.
        let outside = std::mem::replace(&mut self.negated, false);
        let condition = self.condition(&inner, where_);
        self.negated = outside;
        select.and_where(key.eq(outer)).and_where(condition?);
        Ok(self.some(select))
    }

    /// The record is among those that meet the condition and all that lie below them. Only rules ask this, so that every
    /// row counts; what does not depend on the row is found once for the whole statement.
    fn below(
        &mut self,
        frame: &Frame<'a>,
        via: FieldIndex,
        (object, above): (ObjectIndex, FieldIndex),
        where_: &Predicate,
    ) -> Result<Expr, Error> {
        let start = self.readable(frame, via)?;
        let object = self.object(object);
        let mut live = || {
            let row = Frame::rule(object, self.alias());
            let rows = from(object, &row.alias)
                .expr(row.cell(system_field::ID))
                .and_where(row.cell(system_field::DELETED_AT).is_null())
                .to_owned();
            (rows, row)
        };
        let ((mut top, first), (mut lower, next)) = (live(), live());
        let outside = std::mem::replace(&mut self.negated, false);
        let condition = self.deeper(1, |this| this.condition(&first, where_));
        self.negated = outside;
        top.and_where(condition?);
        let (reached, id) = (self.alias(), Alias::new("id"));
        let known = Expr::col((reached.clone().into_iden(), id.clone().into_iden()));
        lower.inner_join(reached.clone(), next.cell(above).eq(known.clone()));
        top.union(UnionType::Distinct, lower);
        let steps = CommonTableExpression::new().query(top).column(id).table_name(reached.clone()).to_owned();
        let all = Query::select()
            .expr(known)
            .from(reached)
            .with_cte(WithClause::new().recursive(true).cte(steps).to_owned())
            .to_owned();
        Ok(start.in_subquery(all))
    }

    /// Live rows of another object, as whoever reads `frame` may see them.
    fn related(
        &mut self,
        frame: &Frame<'a>,
        object: ObjectIndex,
        fields: &FieldMask,
    ) -> Result<(SelectStatement, Frame<'a>), Error> {
        match frame.sight {
            Sight::Rule => {
                let (object, alias) = (self.object(object), self.alias());
                let frame = Frame::rule(object, alias.clone());
                let live = frame.cell(system_field::DELETED_AT).is_null();
                Ok((from(object, &alias).and_where(live).to_owned(), frame))
            }
            Sight::Caller(_) => {
                let grant = self.granted(object)?;
                self.visible(grant, fields, Trash::Exclude)
            }
        }
    }

    pub fn granted(&self, object: ObjectIndex) -> Result<&'a Grant, Error> {
        self.profile.and_then(|profile| profile.grant(object, Verb::Read)).ok_or(Error::HiddenObject { object })
    }

    fn scope(&mut self, frame: &Frame<'a>, scope: Scope) -> Result<Expr, Error> {
        let (field, attribute, closure) = match scope {
            Scope::Own => (system_field::OWNER_ID, ActorAttribute::Id, None),
            Scope::Subordinates => (system_field::OWNER_ID, ActorAttribute::Id, Some("_manager_closure")),
            Scope::Unit => (system_field::ORG_UNIT_ID, ActorAttribute::OrgUnitId, None),
            Scope::UnitAndBelow => (system_field::ORG_UNIT_ID, ActorAttribute::OrgUnitId, Some("_unit_closure")),
        };
        let cell = self.readable(frame, field)?;
        let actor = self.bind(Source::Actor(attribute), ColumnKind::Id);
        let own = cell.clone().eq(actor);
        let Some(closure) = closure else { return Ok(own) };
        let actor = self.bind(Source::Actor(attribute), ColumnKind::Id);
        let alias = self.alias();
        let in_closure = |name: &str| Expr::col((alias.clone().into_iden(), Alias::new(name).into_iden()));
        let below = Query::select()
            .expr(in_closure("below"))
            .from_as(Alias::new(closure), alias.clone())
            .and_where(in_closure("above").eq(actor))
            .to_owned();
        Ok(own.or(cell.in_subquery(below)))
    }

    fn like(&mut self, left: Term, pattern: &str, case: Case) -> Result<Expr, Error> {
        let pattern = Pattern::parse(pattern)?;
        let text = match left {
            Term::Known(expr, ColumnKind::Text) => expr,
            Term::Constant(Value::Text(text)) => self.bind(Source::Value(Value::Text(text)), ColumnKind::Text),
            Term::Known(..) | Term::Constant(_) => return Ok(unknown()),
        };
        let dialect = self.dialect;
        let mut bind = |text: String| self.bind(Source::Value(Value::text(text)), ColumnKind::Text);
        let escaped = |bind: Expr| bind.binary(BinOper::Escape, Expr::Constant(ESCAPE.into()));
        Ok(match (dialect, case) {
            (Dialect::Sqlite, Case::Sensitive) => text.binary(BinOper::Custom("GLOB"), bind(pattern.glob())),
            (Dialect::Sqlite, Case::Insensitive) | (Dialect::Postgres, Case::Sensitive) => {
                text.binary(BinOper::Like, escaped(bind(pattern.like())))
            }
            (Dialect::Postgres, Case::Insensitive) => {
                let lower = bind(pattern.like().to_ascii_lowercase());
                Expr::from(Func::lower(bytewise(text))).binary(BinOper::Like, escaped(lower))
            }
        })
    }

    /// The stored list holds every code; unknown when it is null.
    fn holds_codes(&mut self, left: Term, codes: &[Arc<str>]) -> Expr {
        let Term::Known(list, ColumnKind::Json) = left else { return unknown() };
        if self.dialect == Dialect::Postgres {
            let codes = Value::List(codes.iter().map(|code| Value::Text(code.clone())).collect());
            let codes = self.bind(Source::Value(codes), ColumnKind::Json);
            return list.binary(BinOper::Custom("@>"), codes);
        }
        let every = codes.iter().map(|code| self.holds_code(list.clone(), code)).collect();
        CaseStatement::new().case(list.is_not_null(), all_of(every)).into()
    }

    /// The stored list holds no other than the codes; unknown when it is null.
    fn holds_only(&mut self, left: Term, codes: &[Arc<str>]) -> Expr {
        let Term::Known(list, ColumnKind::Json) = left else { return unknown() };
        if self.dialect == Dialect::Postgres {
            let codes = Value::List(codes.iter().map(|code| Value::Text(code.clone())).collect());
            let codes = self.bind(Source::Value(codes), ColumnKind::Json);
            return list.binary(BinOper::Custom("<@"), codes);
        }
        let alias = self.alias();
        let value = Expr::col((alias.clone().into_iden(), Alias::new("value").into_iden()));
        let mut bind = |code: &Arc<str>| self.bind(Source::Value(Value::Text(code.clone())), ColumnKind::Text);
        let codes: Vec<Expr> = codes.iter().map(&mut bind).collect();
        let items = Func::cust(Alias::new("json_each")).arg(list.clone());
        let mut other = Query::select().from_function(items, alias).to_owned();
        // Not in an empty list the builder would write with values of its own.
        if !codes.is_empty() {
            other.and_where(value.is_not_in(codes));
        }
        let other = self.some(other);
        CaseStatement::new().case(list.is_not_null(), other.not()).into()
    }

    fn holds_code(&mut self, list: Expr, code: &Arc<str>) -> Expr {
        let alias = self.alias();
        let value = Expr::col((alias.clone().into_iden(), Alias::new("value").into_iden()));
        let code = self.bind(Source::Value(Value::Text(code.clone())), ColumnKind::Text);
        let items = Func::cust(Alias::new("json_each")).arg(list);
        self.some(Query::select().from_function(items, alias).and_where(value.eq(code)).to_owned())
    }
}

/// True or false, unknown counting as false.
pub(super) fn settled(condition: Expr) -> Expr {
    CaseStatement::new().case(condition, always(true)).finally(always(false)).into()
}

/// The fields of its own record that a predicate reads.
pub(super) fn reads(predicate: &Predicate) -> FieldMask {
    let mut fields = FieldMask::default();
    let mut open = vec![predicate];
    while let Some(predicate) = open.pop() {
        let mut operand = |operand: &Operand| {
            if let Operand::Field(FieldPath { steps, .. }) = operand {
                steps.first().into_iter().for_each(|field| fields.insert(*field));
            }
        };
        match predicate {
            Predicate::Always(_) | Predicate::HasRole(_) => {}
            Predicate::Compare { left, right, .. } => [left, right].into_iter().for_each(operand),
            Predicate::In { left, items } => {
                operand(left);
                items.iter().for_each(operand);
            }
            Predicate::IsNull(left)
            | Predicate::Like { left, .. }
            | Predicate::Contains { left, .. }
            | Predicate::Within { left, .. } => operand(left),
            Predicate::And(parts) | Predicate::Or(parts) => open.extend(parts),
            Predicate::Not(inner) => open.push(inner),
            Predicate::HasChild { .. } => fields.insert(system_field::ID),
            Predicate::Parent { via, .. } | Predicate::Below { via, .. } => fields.insert(*via),
            Predicate::Scope(Scope::Own | Scope::Subordinates) => fields.insert(system_field::OWNER_ID),
            Predicate::Scope(Scope::Unit | Scope::UnitAndBelow) => fields.insert(system_field::ORG_UNIT_ID),
        }
    }
    fields
}
