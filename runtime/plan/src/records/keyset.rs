//! Order and continuation: a total order by the caller's keys and then the id, and the rows after a given one.
//!
//! The comparison follows the order exactly, nulls and mixed directions included, so that pages neither skip nor
//! repeat a row.

use sea_query::{Expr, ExprTrait, NullOrdering, Order, OrderedStatement};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::CompareOp;
use trellis_metadata::snapshot::{FieldIndex, system_field};
use trellis_metadata::value::Value;

use super::compare::Term;
use super::lowering::{Lowering, all_of, any_of};
use super::predicate::{Frame, Sight};
use crate::error::Error;
use crate::request::{Nulls, OrderKey};

/// The caller's keys with the id appended, unless he ends with it already.
pub(super) fn total(order: &[OrderKey]) -> Vec<OrderKey> {
    let end = order.iter().position(|key| key.field == system_field::ID).map_or(order.len(), |at| at + 1);
    let mut keys = order[..end].to_vec();
    if end == order.len() && keys.last().is_none_or(|key| key.field != system_field::ID) {
        keys.push(OrderKey { field: system_field::ID, descending: false, nulls: Nulls::Last });
    }
    keys
}

impl<'a> Lowering<'a> {
    pub fn order<S: OrderedStatement>(
        &mut self,
        select: &mut S,
        frame: &Frame<'a>,
        keys: &[OrderKey],
    ) -> Result<(), Error> {
        for key in keys {
            let kind = frame.object.field(key.field).column;
            if kind == ColumnKind::Json {
                return Err(Error::NotSortable { object: frame.object.index, field: key.field });
            }
            let cell = self.readable(frame, key.field)?;
            let cell = self.sortable(cell, kind);
            let direction = if key.descending { Order::Desc } else { Order::Asc };
            if never_null(frame, key.field) {
                select.order_by_expr(cell, direction);
            } else {
                let nulls = match key.nulls {
                    Nulls::First => NullOrdering::First,
                    Nulls::Last => NullOrdering::Last,
                };
                select.order_by_expr_with_nulls(cell, direction, nulls);
            }
        }
        Ok(())
    }

    /// Rows that come after the one with these key values.
    pub fn after(&mut self, frame: &Frame<'a>, keys: &[OrderKey], values: &[Value]) -> Result<Expr, Error> {
        if keys.len() != values.len() {
            return Err(Error::Continuation);
        }
        let mut later = Vec::new();
        let mut pairs: Vec<(&OrderKey, &Value)> = keys.iter().zip(values).collect();
        while let Some((last, value)) = pairs.pop() {
            let Some(strictly) = self.strictly_after(frame, last, value)? else { continue };
            let mut all =
                pairs.iter().map(|(key, value)| self.same(frame, key, value)).collect::<Result<Vec<_>, _>>()?;
            all.push(strictly);
            later.push(all_of(all));
        }
        later.reverse();
        let later = any_of(later);
        Ok(match self.bound(frame, keys, values)? {
            Some(bound) => bound.and(later),
            None => later,
        })
    }

    /// An implied range on the first key, which an index can serve.
    fn bound(&mut self, frame: &Frame<'a>, keys: &[OrderKey], values: &[Value]) -> Result<Option<Expr>, Error> {
        let (Some(key), Some(value)) = (keys.first(), values.first()) else { return Ok(None) };
        let nulls_follow = key.nulls == Nulls::Last && !never_null(frame, key.field);
        if keys.len() == 1 || value.is_null() || nulls_follow {
            return Ok(None);
        }
        let op = if key.descending { CompareOp::Le } else { CompareOp::Ge };
        let term = self.key(frame, key)?;
        Ok(Some(self.compare(term, op, Term::Constant(value.clone()))))
    }

    fn key(&mut self, frame: &Frame<'a>, key: &OrderKey) -> Result<Term, Error> {
        Ok(Term::Known(self.readable(frame, key.field)?, frame.object.field(key.field).column))
    }

    fn same(&mut self, frame: &Frame<'a>, key: &OrderKey, value: &Value) -> Result<Expr, Error> {
        let term = self.key(frame, key)?;
        Ok(if value.is_null() { term.null() } else { self.compare(term, CompareOp::Eq, Term::Constant(value.clone())) })
    }

    /// `None` when nothing can follow within this key.
    fn strictly_after(&mut self, frame: &Frame<'a>, key: &OrderKey, value: &Value) -> Result<Option<Expr>, Error> {
        let term = self.key(frame, key)?;
        if value.is_null() {
            return Ok((key.nulls == Nulls::First).then(|| term.null().not()));
        }
        let op = if key.descending { CompareOp::Lt } else { CompareOp::Gt };
        let beyond = self.compare(term.clone(), op, Term::Constant(value.clone()));
        let nulls_follow = key.nulls == Nulls::Last && !never_null(frame, key.field);
        Ok(Some(if nulls_follow { beyond.or(term.null()) } else { beyond }))
    }
}

/// Filled by the runtime in every row, and shown in every row of this frame.
fn never_null(frame: &Frame<'_>, field: FieldIndex) -> bool {
    let filled = [system_field::ID, system_field::CREATED_AT, system_field::UPDATED_AT, system_field::VERSION];
    let shown = match frame.sight {
        Sight::Rule => true,
        Sight::Caller(grant) => grant.mask(field).is_none(),
    };
    shown && filled.contains(&field)
}
