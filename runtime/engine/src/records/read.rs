//! The one read gate: a request and the caller's grant become a plan, the plan becomes rows. There is no other way to
//! read a record for a caller.
//!
//! Rows without embeds can be streamed straight to a renderer; embeds are fetched per page by a second statement each,
//! through the grant of their own object.

use std::collections::HashMap;
use std::sync::Arc;

use trellis_metadata::column::ColumnKind;
use trellis_metadata::snapshot::{ObjectIndex, Verb};
use trellis_metadata::value::Value;
use trellis_plan::records::{self, Context, IdSlots, SelectPlan, TooManyDigits};
use trellis_plan::request::{Embed, EmbedRelation, MAX_DIGITS, MAX_GROUPS, MAX_LIMIT, SelectRequest, TotalsRequest};
use trellis_plan::{Cell, CellError, Row};
use trellis_storage::{Error as StorageError, Session};
use uuid::Uuid;

use super::transaction::Transaction;
use crate::Error;
use crate::caller::Caller;
use crate::tenant::Pinned;

/// Rows of one page in memory, everything embedded included: what embeds in embeds could multiply to has an end.
const MAX_ROWS: usize = 20_000;

/// A row kept beyond the driver's cursor.
#[derive(Debug)]
pub struct OwnedRow {
    cells: Vec<OwnedCell>,
    /// One entry per embed of the request.
    pub embeds: Vec<Embedded>,
}

#[derive(Debug)]
enum OwnedCell {
    Value(Value),
    Json(Box<str>),
}

#[derive(Debug)]
pub enum Embedded {
    One(Option<Arc<OwnedRow>>),
    Many(Vec<Arc<OwnedRow>>),
    /// How many there are.
    Count(i64),
}

impl OwnedRow {
    fn keep(row: &dyn Row, kinds: &[ColumnKind]) -> Result<Self, CellError> {
        let cells = kinds.iter().enumerate().map(|(index, kind)| {
            Ok(match row.cell(index, *kind)? {
                Cell::Json(text) => OwnedCell::Json(text.into()),
                cell => OwnedCell::Value(cell.to_value()),
            })
        });
        Ok(Self { cells: cells.collect::<Result<_, _>>()?, embeds: Vec::new() })
    }

    fn of(values: Vec<Value>) -> Self {
        Self { cells: values.into_iter().map(OwnedCell::Value).collect(), embeds: Vec::new() }
    }

    pub fn value(&self, index: usize) -> Value {
        match &self.cells[index] {
            OwnedCell::Value(value) => value.clone(),
            OwnedCell::Json(text) => Cell::Json(text).to_value(),
        }
    }

    fn id(&self, index: usize) -> Option<Uuid> {
        match &self.cells[index] {
            OwnedCell::Value(value) => value.as_id(),
            OwnedCell::Json(_) => None,
        }
    }
}

impl Row for OwnedRow {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        let wrong = CellError { index, kind };
        Ok(match self.cells.get(index).ok_or(wrong)? {
            OwnedCell::Json(text) => Cell::Json(text),
            OwnedCell::Value(value) => match value {
                Value::Null => Cell::Null,
                Value::Boolean(b) => Cell::Boolean(*b),
                Value::Integer(n) if kind == ColumnKind::Duration => Cell::Duration(*n),
                Value::Integer(n) => Cell::Integer(*n),
                Value::Decimal(d) => Cell::Decimal(*d),
                Value::Text(text) => Cell::Text(text),
                Value::Date(d) => Cell::Date(*d),
                Value::DateTime(at) => Cell::DateTime(*at),
                Value::Time(t) => Cell::Time(*t),
                Value::Id(id) => Cell::Id(*id),
                Value::List(_) | Value::Json(_) => return Err(CellError { index, kind }),
            },
        })
    }
}

/// Rows of one request, with the plan that says what their cells mean.
#[derive(Debug)]
pub struct Page {
    pub plan: Arc<SelectPlan>,
    pub rows: Vec<Arc<OwnedRow>>,
    /// Plans of the embeds, by position in the request; `None` where no row asked for it.
    pub embeds: Vec<Option<Arc<Page>>>,
}

impl Page {
    /// Order keys of the last row: where the next page goes on.
    pub fn continuation(&self) -> Option<Vec<Value>> {
        let last = self.rows.last()?;
        Some(self.plan.keys.iter().map(|(index, _)| last.value(*index)).collect())
    }
}

/// Who reads, under which snapshot.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub pinned: &'a Pinned,
    pub caller: &'a Caller,
    /// `Read`, or `Export`.
    pub verb: Verb,
}

impl<'a> Reader<'a> {
    pub fn new(pinned: &'a Pinned, caller: &'a Caller) -> Self {
        Self { pinned, caller, verb: Verb::Read }
    }

    fn context(&self) -> Context<'a> {
        Context { snapshot: &self.pinned.snapshot, dialect: self.pinned.dialect, profile: &self.caller.profile }
    }

    pub(super) fn grant(&self, object: ObjectIndex) -> Result<&'a trellis_access::Grant, Error> {
        self.caller.profile.grant(object, self.verb).ok_or(Error::NotFound)
    }

    /// Plans a list.
    pub fn plan(&self, request: &SelectRequest) -> Result<SelectPlan, Error> {
        Ok(records::select(self.context(), self.grant(request.object)?, request)?)
    }

    /// Plans the read of one record; run it with the id as the only slot.
    pub fn plan_one(&self, request: &SelectRequest) -> Result<SelectPlan, Error> {
        Ok(records::get(self.context(), self.grant(request.object)?, request)?)
    }

    /// Hands each row to `each` as the driver reads it. For plans without embeds.
    pub fn stream(
        &self,
        session: &mut dyn Session,
        plan: &SelectPlan,
        slots: &[Value],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let mut failure = None;
        let count = session.query(&plan.statement, &self.caller.arguments(slots), &mut |row| {
            if failure.is_none() {
                failure = each(row).err();
            }
            Ok(())
        })?;
        failure.map_or(Ok(count), Err)
    }

    /// Rows of a planned request with everything embedded.
    pub fn page(
        &self,
        session: &mut dyn Session,
        request: &SelectRequest,
        plan: Arc<SelectPlan>,
        slots: &[Value],
    ) -> Result<Page, Error> {
        let mut room = MAX_ROWS;
        self.page_within(session, request, plan, slots, &mut room)
    }

    fn page_within(
        &self,
        session: &mut dyn Session,
        request: &SelectRequest,
        plan: Arc<SelectPlan>,
        slots: &[Value],
        room: &mut usize,
    ) -> Result<Page, Error> {
        let mut rows = self.gather(session, &plan, slots, *room)?;
        *room -= rows.len();
        let mut embeds = Vec::new();
        embeds.resize_with(request.embeds.len(), || None);
        for wanted in &plan.embeds {
            let embed = &request.embeds[wanted.embed];
            if embed.count.is_some() {
                let counts = self.counts(session, embed, &ids(&rows, wanted.index))?;
                for row in &mut rows {
                    let count = row.id(wanted.index).and_then(|id| counts.get(&id).copied());
                    row.embeds.push(Embedded::Count(count.unwrap_or_default()));
                }
                continue;
            }
            let related = self.related(session, embed, &ids(&rows, wanted.index), room)?;
            distribute(embed, &related, wanted.index, &mut rows);
            embeds[wanted.embed] = Some(Arc::new(related));
        }
        Ok(Page { plan, rows: rows.into_iter().map(Arc::new).collect(), embeds })
    }

    /// One page of a list.
    pub fn list(&self, session: &mut dyn Session, request: &SelectRequest) -> Result<Page, Error> {
        self.page(session, request, self.plan(request)?.into(), &[])
    }

    /// One record, or nothing where the caller sees nothing.
    pub fn one(&self, session: &mut dyn Session, request: &SelectRequest, id: Uuid) -> Result<Page, Error> {
        let page = self.page(session, request, self.plan_one(request)?.into(), &[Value::Id(id)])?;
        if page.rows.is_empty() { Err(Error::NotFound) } else { Ok(page) }
    }

    /// How many rows the caller would see in all.
    pub fn count(&self, session: &mut dyn Session, request: &SelectRequest) -> Result<u64, Error> {
        let statement = records::count(self.context(), self.grant(request.object)?, request)?;
        let mut total = 0;
        session.query(&statement, &self.caller.arguments(&[]), &mut |row| {
            if let Cell::Integer(count) = row.cell(0, ColumnKind::Integer)? {
                total = count.unsigned_abs();
            }
            Ok(())
        })?;
        Ok(total)
    }

    fn gather(
        &self,
        session: &mut dyn Session,
        plan: &SelectPlan,
        slots: &[Value],
        room: usize,
    ) -> Result<Vec<OwnedRow>, Error> {
        let mut rows = Vec::new();
        let done = session.query(&plan.statement, &self.caller.arguments(slots), &mut |row| {
            if rows.len() == room {
                return Err(StorageError::Budget);
            }
            rows.push(OwnedRow::keep(row, &plan.statement.columns)?);
            Ok(())
        });
        match done {
            Err(StorageError::Budget) if rows.len() == room => Err(trellis_plan::Error::TooComplex.into()),
            done => Ok(done.map(|_| rows)?),
        }
    }

    fn related(&self, session: &mut dyn Session, embed: &Embed, ids: &[Uuid], room: &mut usize) -> Result<Page, Error> {
        let slots = IdSlots::for_count(ids.len());
        let reader = Reader { verb: Verb::Read, ..*self };
        let plan = records::select_by_ids(self.context(), reader.grant(embed.request.object)?, embed, slots)?;
        reader.page_within(session, &embed.request, plan.into(), &slots.fill(ids), room)
    }
}

/// Groups of one request, in order.
#[derive(Debug)]
pub struct Totals {
    /// Name and kind of each column.
    pub columns: Vec<(String, ColumnKind)>,
    pub rows: Vec<OwnedRow>,
    /// Groups on all pages.
    pub total: usize,
}

impl Reader<'_> {
    /// Groups and totals of what the caller sees.
    pub fn totals(&self, session: &mut dyn Session, request: &TotalsRequest) -> Result<Totals, Error> {
        let plan = records::totals(self.context(), self.grant(request.object)?, request)?;
        let mut rows = Vec::new();
        let mut beyond = false;
        let done = session.query(&plan.statement, &self.caller.arguments(&[]), &mut |row| {
            match plan.read(row) {
                Ok(values) => rows.push(values),
                Err(TooManyDigits) => beyond = true,
            }
            Ok(())
        });
        if beyond || matches!(done, Err(StorageError::Overflow)) {
            return Err(Error::TooLarge { what: "digits in a sum", limit: MAX_DIGITS });
        }
        done?;
        if rows.len() > MAX_GROUPS as usize {
            return Err(Error::TooLarge { what: "groups", limit: MAX_GROUPS });
        }
        let rows = request.arrange(rows);
        let total = rows.len();
        let names = request.columns.iter().map(|column| column.name.clone());
        let rows = request.page(rows).into_iter().map(OwnedRow::of).collect();
        Ok(Totals { columns: names.zip(plan.kinds()).collect(), rows, total })
    }

    fn counts(&self, session: &mut dyn Session, embed: &Embed, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, Error> {
        let slots = IdSlots::for_count(ids.len());
        let reader = Reader { verb: Verb::Read, ..*self };
        let grant = reader.grant(embed.request.object)?;
        let statement = records::count_by_ids(self.context(), grant, embed, slots)?;
        let mut counts = HashMap::new();
        session.query(&statement, &self.caller.arguments(&slots.fill(ids)), &mut |row| {
            let (id, count) = (row.cell(0, ColumnKind::Id)?.to_value(), row.cell(1, ColumnKind::Integer)?.to_value());
            counts.extend(id.as_id().zip(count.as_integer()));
            Ok(())
        })?;
        Ok(counts)
    }
}

fn ids(rows: &[OwnedRow], index: usize) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = rows.iter().filter_map(|row| row.id(index)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Gives each parent row its share of the related rows.
fn distribute(embed: &Embed, related: &Page, index: usize, rows: &mut [OwnedRow]) {
    let key = related.plan.keys[0].0;
    let mut groups: HashMap<Uuid, Vec<Arc<OwnedRow>>> = HashMap::new();
    for row in &related.rows {
        if let Some(id) = row.id(key) {
            groups.entry(id).or_default().push(row.clone());
        }
    }
    for row in rows {
        let own = row.id(index).and_then(|id| groups.get(&id).cloned()).unwrap_or_default();
        row.embeds.push(match embed.relation {
            EmbedRelation::One { .. } => Embedded::One(own.into_iter().next()),
            EmbedRelation::Many { .. } => Embedded::Many(own),
        });
    }
}

/// Records a filtered write is about: those the caller can see.
pub fn matching(tx: &Transaction<'_>, request: &SelectRequest) -> Result<Vec<Uuid>, Error> {
    let reader = Reader::new(tx.pinned, tx.caller);
    let request = SelectRequest { columns: Vec::new(), embeds: Vec::new(), limit: MAX_LIMIT, ..request.clone() };
    let plan = reader.plan(&request)?;
    let total = tx.with_session(|session| reader.count(session, &request))?;
    if total > u64::from(MAX_LIMIT) {
        return Err(Error::TooManyAffected { limit: u64::from(MAX_LIMIT), count: total });
    }
    let rows = tx.with_session(|session| reader.gather(session, &plan, &[], MAX_ROWS))?;
    Ok(rows.iter().filter_map(|row| row.id(plan.id)).collect())
}
