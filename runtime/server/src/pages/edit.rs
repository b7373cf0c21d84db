//! Create and edit: `GET …/new`, `GET …/{id}/edit`, and the posts that save them. A refused form comes back with
//! everything that was typed.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Path, Query};
use chrono::DurationRound as _;
use trellis_engine::Error;
use trellis_engine::records::{Authority, Change, save};
use trellis_forms::{
    DecodedForm, EditInput, FieldProblem, FormAction, FormInput, Labels, Links, Reader, RowView, decode_form, edit_page,
};
use trellis_metadata::snapshot::{Audience, DefaultValue, Object, Verb};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::Visitor;
use super::desk::Desk;
use super::record::{device, form_for};
use super::visitor::{PageAnswer, html, see_other};
use crate::failure::form_problems;

/// What a form page shows, besides the object.
#[derive(Default)]
struct Shown {
    id: Option<Uuid>,
    input: Option<FormInput>,
    problems: Vec<FieldProblem>,
    /// Fields known beforehand, from the address (`?dealer=<id>`).
    given: Vec<(String, String)>,
}

pub async fn new(
    visitor: Visitor,
    path: Path<(String, String)>,
    request: HttpRequest,
    given: Query<Vec<(String, String)>>,
) -> PageAnswer {
    let (given, name, device) = (given.into_inner(), path.into_inner().1, device(&request));
    let shown = || Shown { given: given.clone(), ..Shown::default() };
    visitor.answer(async |visitor| page(&visitor, &name, device, shown(), StatusCode::OK).await).await
}

pub async fn edit(visitor: Visitor, path: Path<(String, String, Uuid)>, request: HttpRequest) -> PageAnswer {
    let (_, name, id) = path.into_inner();
    let device = device(&request);
    let shown = || Shown { id: Some(id), ..Shown::default() };
    visitor.answer(async |visitor| page(&visitor, &name, device, shown(), StatusCode::OK).await).await
}

/// `POST /t/{tenant}/app/{object}`
pub async fn create(visitor: Visitor, path: Path<(String, String)>, request: HttpRequest, body: Bytes) -> PageAnswer {
    let (name, device) = (path.into_inner().1, device(&request));
    visitor.answer(async |visitor| submit(&visitor, &name, None, device, &body).await).await
}

/// `POST /t/{tenant}/app/{object}/{id}`
pub async fn update(
    visitor: Visitor,
    path: Path<(String, String, Uuid)>,
    request: HttpRequest,
    body: Bytes,
) -> PageAnswer {
    let (_, name, id) = path.into_inner();
    let device = device(&request);
    visitor.answer(async |visitor| submit(&visitor, &name, Some(id), device, &body).await).await
}

async fn page(visitor: &Arc<Visitor>, name: &str, device: Audience, shown: Shown, status: StatusCode) -> PageAnswer {
    let name = name.to_owned();
    let text = visitor.read(move |visitor| read(visitor, &name, device, &shown)).await?;
    Ok(html(status, text))
}

fn audience(device: Audience, id: Option<Uuid>) -> [Audience; 2] {
    [if id.is_some() { Audience::Edit } else { Audience::Create }, device]
}

fn read(visitor: &Visitor, name: &str, device: Audience, shown: &Shown) -> Result<String, Error> {
    let snapshot = &visitor.pinned.snapshot;
    let object = snapshot.object_by_name(name).ok_or(Error::NotFound)?;
    let profile = &visitor.caller.profile;
    let verb = if shown.id.is_some() { Verb::Update } else { Verb::Create };
    let writable = profile.grant(object.index, verb).ok_or(Error::NotFound)?.fields().clone();
    let readable = profile.grant(object.index, Verb::Read).map(|grant| grant.fields().clone()).unwrap_or_default();
    let form = form_for(snapshot, object, &audience(device, shown.id));
    visitor.tenant.handle.read(|session| {
        let mut desk = Desk { visitor, session };
        let record = match shown.id {
            Some(id) => Some(desk.record(object, id)?),
            None => None,
        };
        let children = desk.children(object, shown.id)?;
        let mut preset = preset(visitor, object, &shown.given);
        let mut involved = vec![object];
        involved.extend(children.iter().map(|child| snapshot.object(object.collections[child.collection].object)));
        let lookups = desk.lookups(&involved)?;
        let lines = children.iter().flat_map(|child| {
            child.rows.iter().map(|row| (snapshot.object(object.collections[child.collection].object), row))
        });
        let known = record.as_ref().map(|(row, _)| row);
        let typed = shown.input.as_ref().map(|input| typed(visitor, object, input));
        let mut current = typed.as_ref().or(known).unwrap_or(&preset).clone();
        let labels =
            desk.labels(lines.chain([(object, &current), (object, &preset)]).chain(known.map(|row| (object, row))))?;
        for row in [&mut preset, &mut current] {
            forget_hidden(visitor, object, row, known, &labels);
        }
        let unread = desk.unread()?;
        let objects = visitor.objects();
        let site = visitor.site(&objects, unread);
        let page = desk.with_conditions(object, &current, known, |conditions| {
            let input = EditInput {
                object,
                form,
                record: record.as_ref().map(|(row, version)| (row, *version)),
                preset: &preset,
                readable: &readable,
                writable: &writable,
                children: &children,
                labels: &labels,
                lookups: &lookups,
                input: shown.input.as_ref(),
                problems: &shown.problems,
                conditions,
            };
            edit_page(&site, input)
        })?;
        visitor.render(&page)
    })
}

/// Defaults and what the address already says.
fn preset(visitor: &Visitor, object: &Object, given: &[(String, String)]) -> RowView {
    let mut row = RowView::default();
    for field in &object.fields {
        match &field.default {
            Some(DefaultValue::Value(value)) => drop(row.values.insert(field.index, value.clone())),
            Some(DefaultValue::Expression(expression))
                if expression.source == "actor" || expression.source == "actor.id" =>
            {
                row.values.insert(field.index, Value::Id(visitor.caller.actor.user));
            }
            Some(DefaultValue::Expression(expression)) if expression.source == "today()" => {
                row.values.insert(field.index, Value::Date(visitor.caller.today()));
            }
            Some(DefaultValue::Expression(expression)) if expression.source == "now()" => {
                let minute = visitor.caller.now.duration_trunc(chrono::TimeDelta::minutes(1));
                row.values.insert(field.index, Value::DateTime(minute.unwrap_or(visitor.caller.now)));
            }
            _ => {}
        }
    }
    for (name, text) in given {
        if let Some(field) = object.field_by_name(name).filter(|field| field.writable())
            && let Ok(value) = trellis_metadata::field_type::parse_text(field, text)
        {
            row.values.insert(field.index, value);
        }
    }
    row
}

/// Whoever types or links to the id of a record he may not see is shown nothing that follows from it.
fn forget_hidden(visitor: &Visitor, object: &Object, row: &mut RowView, known: Option<&RowView>, labels: &Labels) {
    for field in object.fields.iter().filter(|field| field.kind.relation().is_some()) {
        let Some(id) = row.value(field.index).as_id() else { continue };
        let is_his = id == visitor.caller.actor.user || labels.contains_key(&id);
        if !is_his && known.is_none_or(|known| known.value(field.index).as_id() != Some(id)) {
            row.values.remove(&field.index);
        }
    }
}

/// The record as typed so far, as far as it can be read: conditions follow it.
fn typed(visitor: &Visitor, object: &Object, input: &FormInput) -> RowView {
    let reader = Reader { locale: visitor.locale, zone: visitor.caller.actor.time_zone };
    match decode_form(reader, &visitor.pinned.snapshot, object, None, None, input) {
        Ok(decoded) => RowView { values: decoded.record.values, ..RowView::default() },
        Err(_) => RowView::default(),
    }
}

async fn submit(visitor: &Arc<Visitor>, name: &str, id: Option<Uuid>, device: Audience, body: &Bytes) -> PageAnswer {
    let input = visitor.form(body)?;
    let refused =
        |input: FormInput, problems: Vec<FieldProblem>| Shown { id, input: Some(input), problems, given: Vec::new() };
    let snapshot = visitor.pinned.snapshot.clone();
    let Some(object) = snapshot.object_by_name(name) else {
        return Err(visitor.failure(Error::NotFound, None));
    };
    if !matches!(input.action(), FormAction::Save) {
        return page(visitor, name, device, refused(input, Vec::new()), StatusCode::OK).await;
    }
    let reader = Reader { locale: visitor.locale, zone: visitor.caller.actor.time_zone };
    let form = form_for(&snapshot, object, &audience(device, id));
    let decoded = match decode_form(reader, &snapshot, object, form, id, &input) {
        Ok(decoded) => decoded,
        Err(problems) => {
            return page(visitor, name, device, refused(input, problems), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let (decoded, problems) = visitor.read(move |visitor| resolve(visitor, decoded)).await?;
    if !problems.is_empty() {
        return page(visitor, name, device, refused(input, problems), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let record = decoded.record.clone();
    let expected = decoded.version;
    let work = visitor.tenant.write(visitor.pinned.clone(), visitor.caller.clone(), Authority::Caller, move |tx| {
        let input = record.clone();
        save(
            tx,
            match id {
                Some(id) => Change::Update { id, expected, input },
                None => Change::Create(input),
            },
        )
    });
    match work.await {
        Ok(written) => Ok(see_other(&Links { tenant: &visitor.tenant.name }.record(object, written.id))),
        Err(Error::Invalid(findings)) => {
            let problems = form_problems(&findings, &decoded, object, &snapshot, visitor.locale);
            page(visitor, name, device, refused(input, problems), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => {
            let back = id.map(|id| Links { tenant: &visitor.tenant.name }.record(object, id));
            Err(visitor.failure(error, back.as_deref()))
        }
    }
}

/// Lookups typed by name are found through the visitor's own rights.
fn resolve(visitor: &Visitor, mut decoded: DecodedForm) -> Result<(DecodedForm, Vec<FieldProblem>), Error> {
    let mut problems = Vec::new();
    let unresolved = std::mem::take(&mut decoded.unresolved);
    visitor.tenant.handle.read(|session| {
        let mut desk = Desk { visitor, session };
        for lookup in &unresolved {
            match desk.find_by_name(lookup.target, &lookup.text)? {
                Some(id) => decoded.resolve(lookup, id),
                None => problems.push(lookup.problem(&visitor.pinned.snapshot, visitor.locale)),
            }
        }
        Ok::<_, Error>(())
    })?;
    Ok((decoded, problems))
}
