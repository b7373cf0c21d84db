//! Create and edit: `GET …/new`, `GET …/{id}/edit`, and the posts that save them. A refused form comes back with
//! everything that was typed.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Payload, Query};
use chrono::DurationRound as _;
use trellis_engine::Error;
use trellis_engine::records::{Authority, Change, save};
use trellis_forms::{
    DecodedForm, EditInput, FieldProblem, FormAction, FormInput, Labels, Links, Message, Reader, RowView, Stored,
    TransitionForm, decode_form, edit_page, required_by_form,
};
use trellis_metadata::snapshot::{Audience, DefaultValue, FieldIndex, Form, Object, ObjectIndex, Verb};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::Visitor;
use super::desk::Desk;
use super::record::{device, form_for};
use super::sent::{self, Sent};
use super::visitor::{Origin, PageAnswer, html, see_other};
use crate::failure::form_problems;

/// What a form page shows, besides the object.
#[derive(Default)]
pub struct Shown {
    pub id: Option<Uuid>,
    pub input: Option<FormInput>,
    pub problems: Vec<FieldProblem>,
    /// Only these fields, for the transition of this name.
    pub transition: Option<(String, Vec<FieldIndex>)>,
    /// Fields known beforehand, from the address (`?dealer=<id>`).
    pub given: Vec<(String, String)>,
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
pub async fn create(
    visitor: Visitor,
    path: Path<(String, String)>,
    request: HttpRequest,
    payload: Payload,
) -> PageAnswer {
    let (name, device) = (path.into_inner().1, device(&request));
    let sent = sent::read(&visitor, &name, &request, payload).await?;
    visitor.answer(async |visitor| submit(&visitor, &name, None, device, &sent).await).await
}

/// `POST /t/{tenant}/app/{object}/{id}`
pub async fn update(
    visitor: Visitor,
    path: Path<(String, String, Uuid)>,
    request: HttpRequest,
    payload: Payload,
) -> PageAnswer {
    let (_, name, id) = path.into_inner();
    let device = device(&request);
    let sent = sent::read(&visitor, &name, &request, payload).await?;
    visitor.answer(async |visitor| submit(&visitor, &name, Some(id), device, &sent).await).await
}

pub async fn page(
    visitor: &Arc<Visitor>,
    name: &str,
    device: Audience,
    shown: Shown,
    status: StatusCode,
) -> PageAnswer {
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
        let mut current = known.unwrap_or(&preset).clone();
        if let Some(input) = &shown.input {
            let (mut decoded, _) = decode_form(reader(visitor), snapshot, object, None, Stored::default(), input);
            // Files are named below, as far as they are his.
            decoded.record.values.retain(|field, _| object.field(*field).kind.file().is_none());
            current.values.extend(decoded.record.values);
        }
        let mut labels =
            desk.labels(lines.chain([(object, &current), (object, &preset)]).chain(known.map(|row| (object, row))))?;
        if let Some(input) = &shown.input {
            desk.name_sent(object, input, &mut labels)?;
        }
        for row in [&mut preset, &mut current] {
            forget_hidden(visitor, object, row, known, &labels);
        }
        let unread = desk.unread()?;
        let objects = visitor.objects();
        let site = visitor.site(&objects, unread);
        let transition = shown.transition.as_ref().and_then(|(name, fields)| {
            let transition = object.state_machine.as_ref()?.transitions.iter().find(|one| one.name.as_str() == name)?;
            Some(TransitionForm { transition, fields })
        });
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
                transition,
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

fn reader(visitor: &Visitor) -> Reader {
    Reader { locale: visitor.locale, zone: visitor.caller.actor.time_zone }
}

async fn submit(visitor: &Arc<Visitor>, name: &str, id: Option<Uuid>, device: Audience, sent: &Sent) -> PageAnswer {
    let Sent { input, origin, problems: files } = sent.clone();
    let refused =
        |input: FormInput, problems: Vec<FieldProblem>| Shown { id, input: Some(input), problems, ..Shown::default() };
    let snapshot = visitor.pinned.snapshot.clone();
    let Some(object) = snapshot.object_by_name(name) else {
        return Err(visitor.failure(Error::NotFound, None));
    };
    if origin == Origin::Elsewhere {
        let old = FieldProblem::new("", Message::PageTooOldKept.text(visitor.locale));
        return page(visitor, name, device, refused(input, vec![old]), StatusCode::FORBIDDEN).await;
    }
    if !matches!(input.action(), FormAction::Save) {
        return page(visitor, name, device, refused(input, files), StatusCode::OK).await;
    }
    let (place, sent) = (object.index, input.clone());
    let (decoded, mut problems) = visitor.read(move |visitor| understand(visitor, place, id, device, &sent)).await?;
    problems.retain(|problem| files.iter().all(|file| file.name != problem.name));
    problems.extend(files);
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

/// What the form asks for, and all that can be said against it before the pipeline sees it.
fn understand(
    visitor: &Visitor,
    object: ObjectIndex,
    id: Option<Uuid>,
    device: Audience,
    input: &FormInput,
) -> Result<(DecodedForm, Vec<FieldProblem>), Error> {
    let snapshot = &visitor.pinned.snapshot;
    let object = snapshot.object(object);
    let form = form_for(snapshot, object, &audience(device, id));
    visitor.tenant.handle.read(|session| {
        let mut desk = Desk { visitor, session };
        let record = id.map(|id| desk.record(object, id)).transpose()?.map(|(row, _)| row);
        let (decoded, mut problems) = decode(&mut desk, object, form, record.as_ref(), input)?;
        for problem in missing(&mut desk, object, form, record.as_ref(), &decoded)? {
            if problems.iter().all(|other| other.name != problem.name) {
                problems.push(problem);
            }
        }
        Ok((decoded, problems))
    })
}

/// The form over the stored record, with lookups found.
pub fn decode(
    desk: &mut Desk<'_, '_>,
    object: &Object,
    form: Option<&Form>,
    record: Option<&RowView>,
    input: &FormInput,
) -> Result<(DecodedForm, Vec<FieldProblem>), Error> {
    let visitor = desk.visitor;
    let children = desk.children(object, record.map(|row| row.id))?;
    let stored = Stored { record, children: &children };
    let (mut decoded, mut problems) =
        decode_form(reader(visitor), &visitor.pinned.snapshot, object, form, stored, input);
    problems.extend(resolve(desk, &mut decoded)?);
    Ok((decoded, problems))
}

/// Lookups typed by name are found through the visitor's own rights.
fn resolve(desk: &mut Desk<'_, '_>, decoded: &mut DecodedForm) -> Result<Vec<FieldProblem>, Error> {
    let visitor = desk.visitor;
    let mut problems = Vec::new();
    for lookup in std::mem::take(&mut decoded.unresolved) {
        match desk.find_by_name(lookup.target, &lookup.text)? {
            Some(id) => decoded.resolve(&lookup, id),
            None => problems.push(lookup.problem(&visitor.pinned.snapshot, visitor.locale)),
        }
    }
    Ok(problems)
}

/// Fields the form itself requires of the record as it is about to be, and that stay blank.
fn missing(
    desk: &mut Desk<'_, '_>,
    object: &Object,
    form: Option<&Form>,
    known: Option<&RowView>,
    decoded: &DecodedForm,
) -> Result<Vec<FieldProblem>, Error> {
    let (Some(form), visitor) = (form, desk.visitor) else { return Ok(Vec::new()) };
    let verb = if known.is_some() { Verb::Update } else { Verb::Create };
    let Some(grant) = visitor.caller.profile.grant(object.index, verb) else { return Ok(Vec::new()) };
    let mut row = known.cloned().unwrap_or_else(|| preset(visitor, object, &[]));
    row.values.extend(decoded.record.values.clone());
    let required = desk.with_conditions(object, &row, known, |holds| required_by_form(object, form, known, holds))?;
    let blank = required.into_iter().filter(|field| grant.fields().contains(*field) && row.value(*field).is_null());
    let fields = blank.map(|field| object.field(field)).filter(|field| known.is_some() || field.default.is_none());
    Ok(fields
        .map(|field| FieldProblem::missing(visitor.locale, field, decoded.control_of(&format!("/{}", field.name))))
        .collect())
}
