//! Who reads a stream and what he asked for, by the documents and rights of the moment.

use std::collections::HashSet;
use std::sync::Arc;

use trellis_api::rest::{Asking, CursorContext, CursorKey, EventsQuery, ListOptions, parse_select};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::records::Reader;
use trellis_engine::request::SelectRequest;
use trellis_engine::{Caller, Pinned, Tenant};
use trellis_metadata::snapshot::Verb;

use super::feed::Written;
use super::look::Doubtful;
use crate::failure::problem;

#[derive(Clone)]
pub struct View {
    pub pinned: Arc<Pinned>,
    pub caller: Caller,
    pub request: Arc<SelectRequest>,
    /// Ids of the objects whose records others depend on.
    reach: Arc<HashSet<String>>,
    /// State of the tenant's people when the caller was identified.
    people: u64,
}

impl View {
    pub fn open(
        key: &CursorKey,
        tenant: &Tenant,
        (pinned, caller): (Arc<Pinned>, Caller),
        query: &EventsQuery,
    ) -> Result<Self, Problem> {
        let people = tenant.people();
        let object = pinned.snapshot.object_by_name(&query.object);
        let object = object.filter(|object| caller.profile.may(object.index, Verb::Read));
        let object = object.ok_or_else(|| Problem::unknown_object(&query.object))?;
        let cursor = CursorContext { key, tenant: &tenant.name, profile: caller.fingerprint() };
        let options = ListOptions { range: None, cursor };
        let list = parse_select(&pinned.snapshot, &*caller.profile, object, Asking::Address(&query.list), options)?;
        if list.totals.is_some() {
            let finding = FieldError::new(ErrorCode::Unsupported, "?select");
            return Err(Problem::of_query(vec![finding.with("feature", "Totals in a stream of events")]));
        }
        let reach = Reader::new(&pinned, &caller).reach(&list.request).map_err(problem)?;
        let reach = reach.into_iter().map(|object| pinned.snapshot.object(object).id.to_string()).collect();
        Ok(Self { request: Arc::new(list.request), reach: Arc::new(reach), pinned, caller, people })
    }

    /// Is the question to be read again for this caller under these documents.
    pub fn is_outdated(&self, tenant: &Tenant, pinned: &Pinned, caller: &Caller) -> bool {
        self.people != tenant.people()
            || self.pinned.revision != pinned.revision
            || !Arc::ptr_eq(&self.caller.profile, &caller.profile)
            || self.caller.actor != caller.actor
    }

    /// Which records of the list a write to these may have changed, directly; and whether it may have changed others.
    pub fn concerned(&self, written: &[Written]) -> (Doubtful, bool) {
        let own = self.pinned.snapshot.object(self.request.object).id.as_str();
        let mut ids: Vec<_> = written.iter().filter(|written| &*written.object == own).map(|one| one.record).collect();
        ids.sort_unstable();
        ids.dedup();
        (Doubtful::These(ids), written.iter().any(|written| self.reach.contains(&*written.object)))
    }
}
