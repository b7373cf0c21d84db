//! Reading rows of one object: list, get, count.

use sea_query::{Expr, ExprTrait, Func, SelectStatement};
use trellis_access::{FieldMask, Grant};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{FieldIndex, Verb, system_field};

use super::Context;
use super::keyset::total;
use super::lowering::{Lowering, column};
use super::predicate::{Frame, reads};
use crate::error::Error;
use crate::request::{Embed, EmbedRelation, MAX_LIMIT, MAX_OFFSET, SelectRequest};
use crate::statement::Statement;

/// A statement with the meaning of its result columns.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectPlan {
    pub statement: Statement,
    /// What the caller asked for, in his order.
    pub columns: Vec<OutputColumn>,
    /// Result column of the id.
    pub id: usize,
    /// Result column of the version, where the grant shows it.
    pub version: Option<usize>,
    /// Result columns of the order keys (the id last) with their kinds: the continuation of the last row.
    pub keys: Vec<(usize, ColumnKind)>,
    pub embeds: Vec<EmbedPlan>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// The name in the answer.
    pub name: String,
    pub field: FieldIndex,
    pub kind: ColumnKind,
    /// Position in the row.
    pub index: usize,
}

/// A related object to be fetched by [`super::select_by_ids`] for the rows of this page.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbedPlan {
    /// Position in `SelectRequest::embeds`.
    pub embed: usize,
    /// Result column that holds the id to look for: the lookup (one) or the row's own id (many).
    pub index: usize,
}

/// One page of rows.
pub fn select(context: Context<'_>, grant: &Grant, request: &SelectRequest) -> Result<SelectPlan, Error> {
    let mut lowering = Lowering::for_caller(context);
    let keys = total(&request.order);
    let mut shape = Shape::of(grant, request, keys.iter().map(|key| key.field))?;
    let (mut select, frame) = lowering.filtered(grant, request, &shape.fields)?;
    if let Some(values) = &request.after {
        let after = lowering.after(&frame, &keys, values)?;
        select.and_where(after);
    }
    lowering.order(&mut select, &frame, &keys)?;
    select.limit(u64::from(Ord::min(request.limit, MAX_LIMIT)));
    if request.offset > 0 {
        select.offset(u64::from(Ord::min(request.offset, MAX_OFFSET)));
    }
    shape.output(&mut select, &frame);
    shape.plan(&lowering, &select, &frame)
}

/// The record whose id is `Slot(0)`, when the grant shows it. Order, limit and continuation do not matter.
pub fn get(context: Context<'_>, grant: &Grant, request: &SelectRequest) -> Result<SelectPlan, Error> {
    let mut lowering = Lowering::for_caller(context);
    let mut shape = Shape::of(grant, request, [system_field::ID])?;
    let (mut select, frame) = lowering.filtered(grant, request, &shape.fields)?;
    let id = lowering.slot(0, ColumnKind::Id);
    select.and_where(frame.cell(system_field::ID).eq(id));
    shape.output(&mut select, &frame);
    shape.plan(&lowering, &select, &frame)
}

/// How many rows the filter leaves, of those the grant shows.
pub fn count(context: Context<'_>, grant: &Grant, request: &SelectRequest) -> Result<Statement, Error> {
    let mut lowering = Lowering::for_caller(context);
    let (mut select, frame) = lowering.filtered(grant, request, &FieldMask::default())?;
    select.expr(Func::count(frame.cell(system_field::ID)));
    lowering.finish(&select, vec![ColumnKind::Integer])
}

impl<'a> Lowering<'a> {
    /// The rows of a request, before order and limit.
    pub fn filtered(
        &mut self,
        grant: &'a Grant,
        request: &SelectRequest,
        output: &FieldMask,
    ) -> Result<(SelectStatement, Frame<'a>), Error> {
        if grant.object() != request.object || !matches!(grant.verb(), Verb::Read | Verb::Query | Verb::Export) {
            return Err(Error::Grant);
        }
        let mut fields = reads(&request.filter);
        fields.union(output);
        request.order.iter().for_each(|key| fields.insert(key.field));
        request.embeds.iter().filter(|embed| embed.inner).for_each(|embed| fields.insert(near_side(embed)));
        if let Some(hidden) = fields.iter().find(|field| !grant.covers(*field)) {
            return Err(Error::HiddenField { object: request.object, field: hidden });
        }
        let (mut select, frame) = self.visible(grant, &fields, request.trash)?;
        if request.filter != trellis_metadata::predicate::Predicate::Always(true) {
            let filter = self.condition(&frame, &request.filter)?;
            select.and_where(filter);
        }
        for embed in request.embeds.iter().filter(|embed| embed.inner) {
            let matched = self.matched(&frame, embed)?;
            select.and_where(matched);
        }
        Ok((select, frame))
    }

    /// `!inner`: at least one related row is left by the embed's own filter.
    fn matched(&mut self, frame: &Frame<'a>, embed: &Embed) -> Result<Expr, Error> {
        self.deeper(1, |this| {
            let grant = this.granted(embed.request.object)?;
            let far = far_side(embed);
            let (mut select, inner) = this.filtered(grant, &embed.request, &[far].into_iter().collect())?;
            select.and_where(inner.cell(far).eq(frame.cell(near_side(embed))));
            Ok(this.some(select))
        })
    }
}

/// The field of the parent row an embed hangs on.
pub(super) fn near_side(embed: &Embed) -> FieldIndex {
    match embed.relation {
        EmbedRelation::One { via } => via,
        EmbedRelation::Many { .. } => system_field::ID,
    }
}

/// The field of the related row that matches it.
pub(super) fn far_side(embed: &Embed) -> FieldIndex {
    match embed.relation {
        EmbedRelation::One { .. } => system_field::ID,
        EmbedRelation::Many { via } => via,
    }
}

/// Result columns: each field once, whatever asks for it.
pub(super) struct Shape<'r> {
    request: &'r SelectRequest,
    /// Result columns in order.
    order: Vec<FieldIndex>,
    pub fields: FieldMask,
    keys: Vec<FieldIndex>,
    version: bool,
}

impl<'r> Shape<'r> {
    pub fn of(
        grant: &Grant,
        request: &'r SelectRequest,
        keys: impl IntoIterator<Item = FieldIndex>,
    ) -> Result<Self, Error> {
        let keys: Vec<FieldIndex> = keys.into_iter().collect();
        let version = grant.covers(system_field::VERSION) && grant.mask(system_field::VERSION).is_none();
        let mut shape = Self { request, order: Vec::new(), fields: FieldMask::default(), keys, version };
        shape.add(system_field::ID);
        if version {
            shape.add(system_field::VERSION);
        }
        request.columns.iter().for_each(|column| shape.add(column.field));
        request.embeds.iter().for_each(|embed| shape.add(near_side(embed)));
        for index in 0..shape.keys.len() {
            shape.add(shape.keys[index]);
        }
        match shape.order.iter().find(|field| !grant.covers(**field)) {
            Some(hidden) => Err(Error::HiddenField { object: request.object, field: *hidden }),
            None => Ok(shape),
        }
    }

    fn add(&mut self, field: FieldIndex) {
        if !self.fields.contains(field) {
            self.fields.insert(field);
            self.order.push(field);
        }
    }

    pub fn output(&mut self, select: &mut SelectStatement, frame: &Frame<'_>) {
        for field in &self.order {
            select.expr_as(frame.cell(*field), column(frame.object, *field));
        }
    }

    fn index(&self, field: FieldIndex) -> usize {
        self.order.iter().position(|other| *other == field).unwrap_or_default()
    }

    pub fn kinds(&self, frame: &Frame<'_>) -> Vec<ColumnKind> {
        self.order.iter().map(|field| frame.object.field(*field).column).collect()
    }

    /// The outer columns of a wrapped statement.
    pub fn names<'f>(&'f self, frame: &'f Frame<'_>) -> impl Iterator<Item = sea_query::Alias> + 'f {
        self.order.iter().map(|field| column(frame.object, *field))
    }

    pub fn plan(
        self,
        lowering: &Lowering<'_>,
        select: &SelectStatement,
        frame: &Frame<'_>,
    ) -> Result<SelectPlan, Error> {
        let statement = lowering.finish(select, self.kinds(frame))?;
        let kind = |field: FieldIndex| frame.object.field(field).column;
        let columns = self.request.columns.iter().map(|column| OutputColumn {
            name: column.name.clone(),
            field: column.field,
            kind: kind(column.field),
            index: self.index(column.field),
        });
        let embeds = self.request.embeds.iter().enumerate();
        Ok(SelectPlan {
            columns: columns.collect(),
            id: self.index(system_field::ID),
            version: self.version.then(|| self.index(system_field::VERSION)),
            keys: self.keys.iter().map(|field| (self.index(*field), kind(*field))).collect(),
            embeds: embeds.map(|(at, embed)| EmbedPlan { embed: at, index: self.index(near_side(embed)) }).collect(),
            statement,
        })
    }
}
