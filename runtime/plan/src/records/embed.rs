//! Related rows for a whole page by one statement: to-one targets by their ids, collections by their parents' ids.
//!
//! The ids are repeated slots, padded to a power of two with the last id, so that a few statements serve all page
//! sizes and stay cached. (Arrays and JSON tables would do with one, but differ between the databases and defeat the
//! planners' estimates.)

use sea_query::{Alias, Expr, ExprTrait, Func, IntoIden, OverStatement, Query, WindowStatement};
use trellis_access::Grant;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::system_field;
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::Context;
use super::keyset::total;
use super::lowering::Lowering;
use super::select::{SelectPlan, Shape, far_side};
use crate::error::Error;
use crate::request::{Embed, EmbedRelation, MAX_LIMIT, MAX_OFFSET};
use crate::statement::Statement;

/// How many id slots a statement has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdSlots(usize);

impl IdSlots {
    /// Enough for `count` ids.
    pub fn for_count(count: usize) -> Self {
        Self(count.max(1).next_power_of_two())
    }

    pub fn len(self) -> usize {
        self.0
    }

    pub fn is_empty(self) -> bool {
        false
    }

    /// The slot values for at most as many ids as there are slots; null where there are none.
    pub fn fill(self, ids: &[Uuid]) -> Vec<Value> {
        let last = ids.last().map_or(Value::Null, |id| Value::Id(*id));
        let mut values: Vec<Value> = ids.iter().take(self.0).map(|id| Value::Id(*id)).collect();
        values.resize(self.0, last);
        values
    }
}

/// How many related rows of an embed each parent has: the parent's id and the number; none, where there are none.
pub fn count_by_ids(context: Context<'_>, grant: &Grant, embed: &Embed, ids: IdSlots) -> Result<Statement, Error> {
    let mut lowering = Lowering::for_caller(context);
    let far = far_side(embed);
    let (mut select, frame) = lowering.filtered(grant, &embed.request, &[far].into_iter().collect())?;
    let slots: Vec<Expr> = (0..ids.len()).map(|slot| lowering.slot(slot, ColumnKind::Id)).collect();
    select
        .expr(frame.cell(far))
        .expr(Func::count(frame.cell(system_field::ID)))
        .and_where(frame.cell(far).is_in(slots))
        .add_group_by([frame.cell(far)]);
    lowering.finish(&select, vec![ColumnKind::Id, ColumnKind::Integer])
}

/// The related rows of an embed for a page of parent rows; slots from 0 hold the ids.
///
/// `keys[0]` of the plan is the column to match: the id (one) or the lookup back to the parent (many).
/// Collections come grouped by nothing but ordered within each parent, limited per parent.
pub fn select_by_ids(context: Context<'_>, grant: &Grant, embed: &Embed, ids: IdSlots) -> Result<SelectPlan, Error> {
    let request = &*embed.request;
    let mut lowering = Lowering::for_caller(context);
    let far = far_side(embed);
    let order = total(&request.order);
    let mut shape = Shape::of(grant, request, std::iter::once(far).chain(order.iter().map(|key| key.field)))?;
    let (mut select, frame) = lowering.filtered(grant, request, &shape.fields)?;
    let slots: Vec<Expr> = (0..ids.len()).map(|slot| lowering.slot(slot, ColumnKind::Id)).collect();
    select.and_where(frame.cell(far).is_in(slots));
    shape.output(&mut select, &frame);
    if matches!(embed.relation, EmbedRelation::One { .. }) {
        return shape.plan(&lowering, &select, &frame);
    }
    let mut window = WindowStatement::new();
    window.add_partition_by(frame.cell(far));
    lowering.order(&mut window, &frame, &order)?;
    let place = Alias::new("_place");
    select.expr_window_as(Func::cust(Alias::new("row_number")), window, place.clone());
    let alias = lowering.alias();
    let in_page = |name: Alias| Expr::col((alias.clone().into_iden(), name.into_iden()));
    let skip = i64::from(Ord::min(request.offset, MAX_OFFSET));
    let mut page = Query::select();
    for name in shape.names(&frame) {
        page.expr(in_page(name));
    }
    let (first, last) =
        (lowering.integer(skip), lowering.integer(skip + i64::from(Ord::min(request.limit, MAX_LIMIT))));
    page.from_subquery(select, alias.clone())
        .and_where(in_page(place.clone()).gt(first))
        .and_where(in_page(place.clone()).lte(last))
        .order_by_expr(in_page(place), sea_query::Order::Asc)
        .order_by_expr(in_page(super::lowering::column(frame.object, system_field::ID)), sea_query::Order::Asc);
    shape.plan(&lowering, &page, &frame)
}
