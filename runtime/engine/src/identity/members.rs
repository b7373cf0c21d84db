//! Members of a tenant: the `user` record, the account behind it, the roles.

use chrono_tz::Tz;
use std::sync::Arc;
use trellis_access::{Actor, TENANT_ADMIN};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::Locale;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, Object, platform_object};
use trellis_metadata::value::Value;
use trellis_plan::Arguments;
use trellis_plan::records::Lock;
use trellis_plan::request::{MAX_LIMIT, RecordInput, SelectColumn, SelectRequest, Trash};
use trellis_storage::{Membership, Session};
use uuid::Uuid;

use super::password;
use crate::caller::Caller;
use crate::records::{Authority, Change, Image, OwnedRow, Page, Reader, Transaction, put_roles, save};
use crate::runtime::Runtime;
use crate::tenant::{Pinned, Tenant};
use crate::{Error, Finding, FindingCode};

/// A person to let into a tenant.
#[derive(Clone, Debug, Default)]
pub struct NewMember {
    /// Of the user record; minted when absent.
    pub id: Option<Uuid>,
    pub name: String,
    pub email: String,
    pub roles: Vec<String>,
    pub org_unit: Option<Uuid>,
    pub manager: Option<Uuid>,
    pub locale: Option<Locale>,
}

/// How a new member signs in.
#[derive(Clone, Copy, Debug)]
pub enum Login<'a> {
    /// Not at all: a user record only.
    None,
    Password(&'a str),
    /// A password hashed before, by [`password::hash`].
    Hash(&'a str),
}

/// Adds the user record, the account (an existing one keeps its password) and the roles.
pub fn add_member(
    runtime: &Runtime,
    tenant: &Arc<Tenant>,
    author: &Caller,
    member: NewMember,
    login: Login<'_>,
) -> Result<Uuid, Error> {
    check_new(&tenant.pin(), &member, login)?;
    let (wanted, email) = (member.clone(), member.email.clone());
    let user = tenant.write_blocking(author.clone(), Authority::System, move |tx| {
        let written = save(tx, Change::Create(user_input(tx, &wanted)))?;
        put_roles(tx, written.id, &wanted.roles)?;
        Ok(written.id)
    })?;
    let hashed = match login {
        Login::None => return Ok(user),
        Login::Hash(hash) => hash.to_owned(),
        Login::Password(secret) => password::hash(secret)?,
    };
    let control = runtime.storage.control();
    let account = match control.find_account(&email)? {
        Some(account) => account.id,
        None => control.create_account(&email, &hashed).wait()?.id,
    };
    control.add_membership(Membership { account, tenant: tenant.handle.id(), user_id: user }).wait()?;
    Ok(user)
}

fn check_new(pinned: &Pinned, member: &NewMember, login: Login<'_>) -> Result<(), Error> {
    let mut findings = Vec::new();
    if let Login::Password(secret) = login {
        findings.extend(password::check(secret).err());
    }
    if !member.email.contains('@') || member.email.len() > 254 {
        findings.push(Finding::new("/email", FindingCode::Required));
    }
    for role in &member.roles {
        if !is_role(pinned, role) {
            findings.push(Finding::new("/roles", FindingCode::UnknownRole(role.clone())));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::Invalid(findings)) }
}

fn is_role(pinned: &Pinned, role: &str) -> bool {
    role == TENANT_ADMIN || pinned.snapshot.role_by_name(role).is_some()
}

fn user_input(tx: &Transaction<'_>, member: &NewMember) -> RecordInput {
    let object = tx.object(platform_object::USER);
    let field = |name: &str| object.field_by_name(name).map(|field| field.index);
    let reference = |id: Option<Uuid>| id.map_or(Value::Null, Value::Id);
    let values = [
        (field("name"), Value::text(&member.name)),
        (field("email"), Value::text(member.email.to_lowercase())),
        (field("org_unit"), reference(member.org_unit)),
        (field("manager"), reference(member.manager)),
        (field("is_active"), Value::Boolean(true)),
        (field("locale"), member.locale.map_or(Value::Null, |locale| Value::text(locale.tag()))),
    ];
    let values = values
        .into_iter()
        .filter_map(|(field, value)| Some((field?, value)))
        .filter(|(_, value)| !value.is_null())
        .collect();
    RecordInput { object: platform_object::USER, id: member.id, values, children: Vec::new() }
}

/// Replaces the roles of a user, the last administrator's only with `force`.
pub fn change_roles(
    tenant: &Arc<Tenant>,
    author: &Caller,
    user: Uuid,
    roles: Vec<String>,
    force: bool,
) -> Result<(), Error> {
    if let Some(role) = roles.iter().find(|role| !is_role(&tenant.pin(), role)) {
        return Err(Error::Invalid(vec![Finding::new("/roles", FindingCode::UnknownRole(role.clone()))]));
    }
    tenant.write_blocking(author.clone(), Authority::System, move |tx| {
        if force {
            tx.abandon();
        }
        put_roles(tx, user, &roles)
    })
}

/// A member as an operator sees him.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Member {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub active: bool,
    pub roles: Vec<String>,
}

/// Everybody, active or not, in order of joining.
pub fn members(tenant: &Tenant) -> Result<Vec<Member>, Error> {
    let pinned = tenant.pin();
    let caller = Caller::system(&pinned);
    let object = pinned.snapshot.object(platform_object::USER);
    let columns: Option<Vec<SelectColumn>> =
        ["name", "email", "is_active"].map(|name| column(object, name)).into_iter().collect();
    let mut request = SelectRequest {
        object: platform_object::USER,
        columns: columns.ok_or_else(|| Error::Internal("the user object is not as it was made".into()))?,
        embeds: Vec::new(),
        filter: Predicate::Always(true),
        order: Vec::new(),
        limit: MAX_LIMIT,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    };
    let mut found = Vec::new();
    tenant.handle.read(|session| {
        loop {
            let page = Reader::new(&pinned, &caller).list(session, &request)?;
            for row in &page.rows {
                found.push(member(session, &page, row)?);
            }
            request.after = page.continuation();
            if page.rows.len() < MAX_LIMIT as usize {
                return Ok(found);
            }
        }
    })
}

fn column(object: &Object, name: &str) -> Option<SelectColumn> {
    let field = object.field_by_name(name)?;
    Some(SelectColumn { field: field.index, name: name.to_owned() })
}

fn member(session: &mut dyn Session, page: &Page, row: &OwnedRow) -> Result<Member, Error> {
    let cell = |at: usize| row.value(page.plan.columns[at].index);
    let text = |at| cell(at).as_text().unwrap_or_default().to_owned();
    let id = row.value(page.plan.id).as_id().ok_or_else(|| Error::Internal("a user without an id".into()))?;
    let roles = trellis_storage::roles_of(session, id)?;
    Ok(Member { id, name: text(0), email: text(1), active: cell(2) != Value::Boolean(false), roles })
}

/// Keeps a member out, the last administrator only with `force`; his tokens and sessions follow within a second.
pub fn disable(tenant: &Arc<Tenant>, author: &Caller, user: Uuid, force: bool) -> Result<(), Error> {
    tenant.write_blocking(author.clone(), Authority::System, move |tx| {
        if force {
            tx.abandon();
        }
        put_active(tx, user, false)
    })
}

/// Lets a member in again.
pub fn enable(tenant: &Arc<Tenant>, author: &Caller, user: Uuid) -> Result<(), Error> {
    tenant.write_blocking(author.clone(), Authority::System, move |tx| put_active(tx, user, true))
}

fn put_active(tx: &Transaction<'_>, user: Uuid, active: bool) -> Result<(), Error> {
    let field = tx.object(platform_object::USER).field_by_name("is_active").ok_or(Error::NotFound)?.index;
    let values = [(field, Value::Boolean(active))].into();
    let input = RecordInput { object: platform_object::USER, id: None, values, children: Vec::new() };
    save(tx, Change::Update { id: user, expected: None, input }).map(drop)
}

/// The user record with this address.
pub fn find_member(tenant: &Tenant, email: &str) -> Result<Option<Uuid>, Error> {
    let email = email.to_lowercase();
    tenant.handle.read(|session| Ok(trellis_storage::find_user(session, &email)?))
}

/// The actor a user is now; `None` when there is no such active user.
pub fn load_actor(tenant: &Tenant, user: Uuid) -> Result<Option<Actor>, Error> {
    let pinned = tenant.pin();
    tenant.handle.read(|session| find_actor(session, &pinned, user))
}

/// As [`load_actor`], inside a read or transaction that is open already.
pub fn find_actor(session: &mut dyn Session, pinned: &Pinned, user: Uuid) -> Result<Option<Actor>, Error> {
    let Some(image) = load_user(session, pinned, user)? else { return Ok(None) };
    let mut roles: Vec<Identifier> =
        trellis_storage::roles_of(session, user)?.iter().filter_map(|role| Identifier::new(role).ok()).collect();
    roles.sort();
    roles.dedup();
    Ok(actor_of(pinned, &image, roles))
}

fn load_user(session: &mut dyn Session, pinned: &Pinned, user: Uuid) -> Result<Option<Image>, Error> {
    let object = pinned.snapshot.object(platform_object::USER);
    let statement = pinned.statements.load(&pinned.snapshot, platform_object::USER, Lock::None, Trash::Exclude)?;
    let mut found = None;
    let mut failure = None;
    session.query(&statement, &Arguments::slots(&[Value::Id(user)]), &mut |row| {
        match Image::from_row(object, row) {
            Ok(image) => found = Some(image),
            Err(error) => failure = Some(error),
        }
        Ok(())
    })?;
    failure.map_or(Ok(found), Err)
}

fn actor_of(pinned: &Pinned, image: &Image, roles: Vec<Identifier>) -> Option<Actor> {
    let object = pinned.snapshot.object(platform_object::USER);
    let field = |name: &str| -> Option<FieldIndex> { object.field_by_name(name).map(|field| field.index) };
    let text = |name: &str| field(name).and_then(|field| image.get(field).as_text()).unwrap_or_default().to_owned();
    if field("is_active").is_some_and(|field| image.get(field) == &Value::Boolean(false)) {
        return None;
    }
    Some(Actor {
        user: image.id(),
        name: text("name"),
        email: text("email"),
        org_unit: field("org_unit").and_then(|field| image.get(field).as_id()),
        roles,
        locale: Locale::from_tag(&text("locale")).unwrap_or_default(),
        time_zone: text("time_zone").parse().unwrap_or(Tz::Asia__Shanghai),
    })
}
