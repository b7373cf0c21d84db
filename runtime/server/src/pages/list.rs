//! `GET /t/{tenant}/app/{object}`: the list of an object.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use trellis_api::rest::{CursorBinding, CursorContext};
use trellis_engine::Error;
use trellis_engine::records::{Authority, RecordFacts, Related, Transaction};
use trellis_forms::{ListInput, ListQuery, RowView, chosen_view, list_page};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::is_true;
use trellis_metadata::snapshot::{Object, SortKey, Verb, View, system_field};

use super::Visitor;
use super::desk::{Desk, image, views};
use super::visitor::{PageAnswer, form_pairs, html};

const ROWS: u32 = 50;

pub async fn list(visitor: Visitor, path: Path<(String, String)>, request: HttpRequest) -> PageAnswer {
    let (name, mut pairs) = (path.into_inner().1, form_pairs(request.query_string().as_bytes()));
    // Nothing holds a NUL, so that nothing can be found by one.
    for (_, value) in &mut pairs {
        value.retain(|c| c != '\0');
    }
    let asked = Arc::new((name, pairs));
    let page = async |visitor: Arc<Visitor>| {
        let asked = asked.clone();
        let text = visitor.read(move |visitor| read(visitor, &asked.0, &asked.1)).await?;
        Ok(html(StatusCode::OK, text))
    };
    visitor.answer(page).await
}

fn read(visitor: &Visitor, name: &str, pairs: &[(String, String)]) -> Result<String, Error> {
    let object = visitor.pinned.snapshot.object_by_name(name).ok_or(Error::NotFound)?;
    let grant = visitor.caller.profile.grant(object.index, Verb::Read).ok_or(Error::NotFound)?;
    let readable = grant.fields().clone();
    let query = ListQuery::from_pairs(object, &readable, pairs).ok_or(Error::NotFound)?;
    let all: Vec<&View> = visitor.pinned.snapshot.views_of(object.index).collect();
    if query.view.as_ref().is_some_and(|name| all.iter().all(|view| view.name.as_str() != name)) {
        return Err(Error::NotFound);
    }
    let view = chosen_view(&all, &query);
    visitor.tenant.handle.read(|session| {
        let mut desk = Desk { visitor, session };
        let filter = view.and_then(|view| view.filter.clone());
        let condition = filter.map_or_else(
            || query.predicate(object, &readable),
            |filter| query.predicate(object, &readable).and(filter),
        );
        let mut order = query.order(view, &readable);
        if order.is_empty() {
            order.push(SortKey { field: system_field::ID, descending: true });
        }
        let mut request = desk.request(object, condition, order, ROWS)?;
        let binding = binding(visitor, object, &query);
        if let Some(cursor) = &query.cursor {
            let kinds: Vec<ColumnKind> = desk.gate().plan(&request)?.keys.iter().map(|(_, kind)| *kind).collect();
            request.after = Some(binding.open(cursor, &kinds).ok_or(Error::NotFound)?);
        }
        let page = desk.page(&request)?;
        let next = if page.rows.len() < ROWS as usize {
            None
        } else {
            page.continuation().and_then(|keys| binding.issue(&keys))
        };
        let mut rows = views(&page);
        if let Some(view) = view {
            color(&mut desk, object, view, &mut rows)?;
        }
        let labels = desk.labels(rows.iter().map(|row| (object, row)))?;
        let (objects, unread) = (visitor.objects(), desk.unread()?);
        let input = ListInput {
            object,
            view,
            views: &all,
            readable: &readable,
            query: &query,
            rows: &rows,
            labels: &labels,
            next_cursor: next.as_deref(),
            total: None,
            can_create: visitor.caller.profile.may(object.index, Verb::Create) && object.master.is_none(),
        };
        visitor.render(&list_page(&visitor.site(&objects, unread), input))
    })
}

/// A cursor holds for this list only: object, view, search, filters and order.
fn binding(visitor: &Visitor, object: &Object, query: &ListQuery) -> CursorBinding {
    let context = CursorContext {
        key: &visitor.state.cursor_key,
        tenant: &visitor.tenant.name,
        profile: visitor.caller.fingerprint(),
    };
    let place = ListQuery { cursor: None, ..query.clone() };
    CursorBinding::new(context, &format!("page {} {place:?}", object.id), &[])
}

/// The first colour rule of the view that holds for a row colours it.
fn color(desk: &mut Desk<'_, '_>, object: &Object, view: &View, rows: &mut [RowView]) -> Result<(), Error> {
    if view.color_rules.is_empty() {
        return Ok(());
    }
    let tx = Transaction::new(desk.session, &desk.visitor.pinned, &desk.visitor.caller, Authority::Caller);
    for row in rows {
        let image = image(object, row);
        let facts = RecordFacts {
            transaction: &tx,
            object: object.index,
            before: None,
            after: &image,
            related: Related::Current,
        };
        let rule = view.color_rules.iter().find(|rule| is_true(&rule.when, &facts));
        row.color = rule.map(|rule| rule.color.clone());
    }
    tx.raise_failure()
}
