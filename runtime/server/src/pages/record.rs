//! `GET /t/{tenant}/app/{object}/{id}` and what its buttons do: transitions and delete.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Bytes, Path, Payload};
use trellis_engine::records::{Authority, Change, Transaction, permits, revert as reverted, save, transitions};
use trellis_engine::{Error, Finding};
use trellis_forms::{
    ErrorKind, FieldProblem, FormAction, FormInput, Links, RecordInput, RowView, may_edit, record_page,
};
use trellis_metadata::snapshot::{Audience, Field, FieldIndex, Form, Object, Snapshot, Verb};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::Visitor;
use super::desk::Desk;
use super::edit::{Shown, decode, page};
use super::sent::{self, Sent};
use super::visitor::{PageAnswer, html, see_other};
use crate::failure::form_problems;

/// The form for the audience, else the first of the object.
pub fn form_for<'s>(snapshot: &'s Snapshot, object: &Object, audience: &[Audience]) -> Option<&'s Form> {
    let fits = |wanted: Audience| snapshot.forms_of(object.index).find(move |form| form.audience.contains(&wanted));
    audience.iter().find_map(|wanted| fits(*wanted)).or_else(|| snapshot.forms_of(object.index).next())
}

/// What the browser is held in.
pub fn device(request: &HttpRequest) -> Audience {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if agent.contains("Mobi") { Audience::Phone } else { Audience::Desktop }
}

pub async fn show(visitor: Visitor, path: Path<(String, String, Uuid)>, request: HttpRequest) -> PageAnswer {
    let (_, name, id) = path.into_inner();
    let device = device(&request);
    let page = async |visitor: Arc<Visitor>| {
        let name = name.clone();
        let text = visitor.read(move |visitor| read(visitor, &name, id, device)).await?;
        Ok(html(StatusCode::OK, text))
    };
    visitor.answer(page).await
}

fn read(visitor: &Visitor, name: &str, id: Uuid, device: Audience) -> Result<String, Error> {
    let object = visitor.pinned.snapshot.object_by_name(name).ok_or(Error::NotFound)?;
    let readable = visitor.caller.profile.grant(object.index, Verb::Read).ok_or(Error::NotFound)?.fields().clone();
    visitor.tenant.handle.read(|session| {
        let mut desk = Desk { visitor, session };
        let (row, version) = desk.record(object, id)?;
        let children = desk.children(object, Some(id))?;
        let snapshot = &visitor.pinned.snapshot;
        let lines = children.iter().flat_map(|child| {
            child.rows.iter().map(|row| (snapshot.object(object.collections[child.collection].object), row))
        });
        let mut labels = desk.labels(lines.chain([(object, &row)]))?;
        let history = desk.history(object, id)?;
        desk.history_labels(object, &history, &mut labels)?;
        let unread = desk.unread()?;
        let (can_edit, can_delete, open) = {
            let tx = Transaction::new(desk.session, &visitor.pinned, &visitor.caller, Authority::Caller);
            let image = tx.load(object.index, id)?.ok_or(Error::NotFound)?;
            (
                permits(&tx, object, &image, Verb::Update)?,
                permits(&tx, object, &image, Verb::Delete)?,
                transitions(&tx, object, &image)?,
            )
        };
        let objects = visitor.objects();
        let site = visitor.site(&objects, unread);
        let page = desk.with_conditions(object, &row, None, |conditions| {
            let input = RecordInput {
                object,
                form: form_for(snapshot, object, &[device]),
                row: &row,
                version,
                readable: &readable,
                children: &children,
                labels: &labels,
                transitions: &open,
                can_edit,
                can_delete,
                history: &history,
                conditions,
            };
            record_page(&site, input)
        })?;
        visitor.render(&page)
    })
}

/// `POST /t/{tenant}/app/{object}/{id}/transition`: the button of a record, or the form of what it needs.
pub async fn transition(
    visitor: Visitor,
    path: Path<(String, String, Uuid)>,
    request: HttpRequest,
    payload: Payload,
) -> PageAnswer {
    let (_, name, id) = path.into_inner();
    let device = device(&request);
    let sent = sent::read(&visitor, &name, &request, payload).await?;
    visitor.answer(async |visitor| try_transition(&visitor, &name, id, device, &sent).await).await
}

async fn try_transition(visitor: &Arc<Visitor>, name: &str, id: Uuid, device: Audience, sent: &Sent) -> PageAnswer {
    let input = sent.form(visitor)?;
    let not_found = || visitor.shown(ErrorKind::NotFound, &[], None);
    let snapshot = visitor.pinned.snapshot.clone();
    let object = snapshot.object_by_name(name).ok_or_else(not_found)?;
    let FormAction::Transition(wanted) = input.action() else { return Err(not_found()) };
    let machine = object.state_machine.as_ref().ok_or_else(not_found)?;
    let target =
        machine.transitions.iter().find(|transition| transition.name.as_str() == wanted).ok_or_else(not_found)?;
    let (index, typed) = (object.index, input.clone());
    let (decoded, mut problems) = visitor
        .read(move |visitor| {
            let object = visitor.pinned.snapshot.object(index);
            visitor.tenant.handle.read(|session| {
                let mut desk = Desk { visitor, session };
                let (row, _) = desk.record(object, id)?;
                decode(&mut desk, object, None, Some(&row), &typed)
            })
        })
        .await?;
    problems.extend(sent.problems.clone());
    let needs = |input: FormInput, fields: Vec<FieldIndex>, problems: Vec<FieldProblem>| Shown {
        id: Some(id),
        input: Some(input),
        problems,
        transition: Some((wanted.clone(), fields)),
        given: Vec::new(),
    };
    if !problems.is_empty() {
        let fields = asked_for(visitor, object, &input, &[]);
        return page(visitor, name, device, needs(input, fields, problems), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let mut change = decoded.record.clone();
    change.values.insert(machine.field, Value::Text(target.to.clone()));
    let expected = input.version();
    let work = visitor.tenant.write(visitor.pinned.clone(), visitor.caller.clone(), Authority::Caller, move |tx| {
        save(tx, Change::Update { id, expected, input: change.clone() })
    });
    let address = Links { tenant: &visitor.tenant.name }.record(object, id);
    match work.await {
        Ok(_) => Ok(see_other(&address)),
        Err(Error::Invalid(findings))
            if findings.iter().any(|one| askable(visitor, object, &one.pointer).is_some()) =>
        {
            let problems = form_problems(&findings, &decoded, object, &snapshot, visitor.locale);
            let fields = asked_for(visitor, object, &input, &findings);
            page(visitor, name, device, needs(input, fields, problems), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(visitor.failure(error, Some(&address))),
    }
}

/// The field of the record that a finding is about, where the visitor may fill it in.
fn askable(visitor: &Visitor, object: &Object, pointer: &str) -> Option<FieldIndex> {
    let field = object.field_by_name(pointer.strip_prefix('/')?)?;
    let grant = visitor.caller.profile.grant(object.index, Verb::Update)?;
    let stored = RowView::default();
    (grant.fields().contains(field.index) && may_edit(object, field, Some(&stored))).then_some(field.index)
}

/// Fields that a refused transition asks for: those of the findings, and those it carried already.
fn asked_for(visitor: &Visitor, object: &Object, input: &FormInput, findings: &[Finding]) -> Vec<FieldIndex> {
    let found: Vec<FieldIndex> =
        findings.iter().filter_map(|finding| askable(visitor, object, &finding.pointer)).collect();
    let carried = |field: &Field| input.contains(&format!("f.{}", field.name));
    let fields = object.fields.iter().filter(|field| found.contains(&field.index) || carried(field));
    fields.map(|field| field.index).collect()
}

/// `POST /t/{tenant}/app/{object}/{id}/history/{version}/revert`
pub async fn revert(visitor: Visitor, path: Path<(String, String, Uuid, u32)>, body: Bytes) -> PageAnswer {
    let (_, name, id, version) = path.into_inner();
    visitor.answer(async |visitor| try_revert(&visitor, &name, (id, version), &body).await).await
}

async fn try_revert(visitor: &Visitor, name: &str, (id, version): (Uuid, u32), body: &Bytes) -> PageAnswer {
    let input = visitor.form(body)?;
    let object =
        visitor.pinned.snapshot.object_by_name(name).ok_or_else(|| visitor.shown(ErrorKind::NotFound, &[], None))?;
    let (index, expected) = (object.index, input.version());
    let address = Links { tenant: &visitor.tenant.name }.record(object, id);
    let work = visitor.tenant.write(visitor.pinned.clone(), visitor.caller.clone(), Authority::Caller, move |tx| {
        let change = reverted(tx, index, id, i64::from(version), None, expected)?;
        save(tx, change)
    });
    match work.await {
        Ok(_) => Ok(see_other(&address)),
        Err(error) => Err(visitor.failure(error, Some(&address))),
    }
}

/// `POST /t/{tenant}/app/{object}/{id}/delete`
pub async fn delete(visitor: Visitor, path: Path<(String, String, Uuid)>, body: Bytes) -> PageAnswer {
    let (_, name, id) = path.into_inner();
    visitor.answer(async |visitor| try_delete(&visitor, &name, id, &body).await).await
}

async fn try_delete(visitor: &Visitor, name: &str, id: Uuid, body: &Bytes) -> PageAnswer {
    let input = visitor.form(body)?;
    let object =
        visitor.pinned.snapshot.object_by_name(name).ok_or_else(|| visitor.shown(ErrorKind::NotFound, &[], None))?;
    let (index, expected) = (object.index, input.version());
    let links = Links { tenant: &visitor.tenant.name };
    let work = visitor.tenant.write(visitor.pinned.clone(), visitor.caller.clone(), Authority::Caller, move |tx| {
        save(tx, Change::Delete { object: index, id, expected })
    });
    match work.await {
        Ok(_) => Ok(see_other(&links.list(object))),
        Err(error) => Err(visitor.failure(error, Some(&links.record(object, id)))),
    }
}
