//! What a write by id or by filter is about: read alike whatever is then done with the records.

use actix_web::{HttpRequest, HttpResponse};
use trellis_api::prefer::Preferences;
use trellis_api::rest::{WriteQuery, parse_write};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::Error;
use trellis_engine::idempotency::KeyedRequest;
use trellis_engine::records::{Change, Transaction, matching};
use trellis_engine::request::SelectRequest;
use trellis_metadata::snapshot::{Object, Verb};
use uuid::Uuid;

use super::headers::{self, demand_json, expected_version, keyed, preferences};
use super::records::record_id;
use super::writes::{demand, visible};
use crate::exchange::Exchange;
use crate::transact::{Changes, Wanted, answered};

pub struct Target<'e> {
    pub object: &'e Object,
    pub keyed: Option<KeyedRequest>,
    pub preferences: Preferences,
    pub expected: Option<i64>,
    pub wanted: Wanted,
    pub chosen: Chosen,
    /// Gone for good, not into the recycle bin.
    pub purge: bool,
}

/// The record at the address, where it meets the filter too, or all that do.
pub struct Chosen {
    pub id: Option<Uuid>,
    is_filtered: bool,
    filter: SelectRequest,
}

/// The request is a new one, or was answered before.
pub enum Begun<'e> {
    New(Box<Target<'e>>),
    Answered(HttpResponse),
}

impl<'e> Target<'e> {
    pub async fn read(
        exchange: &'e Exchange,
        (name, id): (&str, Option<&str>),
        request: &HttpRequest,
        body: &[u8],
        verb: Verb,
    ) -> Result<Begun<'e>, Problem> {
        let object = visible(exchange, name)?;
        if verb == Verb::Update {
            demand_json(request)?;
        }
        let keyed = keyed(request, body)?;
        if let Some(answer) = answered(exchange, keyed.as_ref()).await? {
            return Ok(Begun::Answered(answer));
        }
        let preferences = preferences(request)?;
        let query = parse_write(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string())?;
        refuse_parameters(&query, None)?;
        let id = id.map(record_id).transpose()?;
        if query.purge && (id.is_none() || verb != Verb::Delete) {
            let finding = FieldError::new(ErrorCode::Unsupported, "?purge");
            return Err(Problem::of_query(vec![finding.with("feature", "`purge` outside the deletion of one record")]));
        }
        if id.is_none() && !query.is_filtered {
            return Err(Problem::new(ErrorCode::FilterRequired));
        }
        demand(exchange, object, &[if query.purge { Verb::Administer } else { verb }])?;
        let wanted = Wanted::of(&preferences, query.select.clone(), headers::shape(request)?, id)?;
        Ok(Begun::New(Box::new(Self {
            object,
            keyed,
            preferences,
            expected: expected_version(request)?,
            wanted,
            chosen: Chosen { id, is_filtered: query.is_filtered, filter: query.select },
            purge: query.purge,
        })))
    }
}

impl Target<'_> {
    /// Where the address says all, neither a filter nor another deletion has a meaning.
    pub fn refuse_filter(&self, feature: &'static str) -> Result<(), Problem> {
        if !self.purge && !self.chosen.is_filtered {
            return Ok(());
        }
        Err(Problem::of_query(vec![FieldError::new(ErrorCode::Unsupported, "?").with("feature", feature)]))
    }
}

impl Chosen {
    /// One change of each record.
    pub fn changes(&self, tx: &Transaction<'_>, change: impl Fn(Uuid) -> Change) -> Result<Changes, Error> {
        Ok(self.ids(tx)?.into_iter().map(|id| (change(id), String::new())).collect())
    }

    fn ids(&self, tx: &Transaction<'_>) -> Result<Vec<Uuid>, Error> {
        match self.id {
            Some(id) if self.is_filtered => match matching(tx, &self.filter.clone().only(id))?.as_slice() {
                [] => Err(Error::NotFound),
                found => Ok(found.to_vec()),
            },
            Some(id) => Ok(vec![id]),
            None => matching(tx, &self.filter),
        }
    }
}

/// Parameters of an insert mean nothing in other writes.
pub fn refuse_parameters(query: &WriteQuery, filter: Option<&str>) -> Result<(), Problem> {
    let parameters = [
        ("?columns", query.columns.is_some(), "`columns` outside an insert"),
        ("?on_conflict", query.on_conflict.is_some(), "`on_conflict` outside an insert"),
        ("?", query.is_filtered && filter.is_some(), filter.unwrap_or_default()),
    ];
    let refused = parameters.into_iter().filter(|(_, is_given, _)| *is_given);
    let findings: Vec<FieldError> = refused
        .map(|(pointer, _, feature)| FieldError::new(ErrorCode::Unsupported, pointer).with("feature", feature))
        .collect();
    if findings.is_empty() { Ok(()) } else { Err(Problem::of_query(findings)) }
}
