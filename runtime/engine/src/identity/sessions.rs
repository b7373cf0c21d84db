//! Login, tokens and the way from a token to a caller.
//!
//! A token's caller is kept in memory until the tenant's people or their roles change here, and for a second at most, so
//! that a revoked session or role ends within it whatever process took it away.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use parking_lot::RwLock;
use serde::Serialize;
use trellis_access::Actor;
use trellis_storage::{SessionKind, SessionRecord};
use uuid::Uuid;

use super::token::TokenKind;
use super::{load_actor, password, token};
use crate::Error;
use crate::caller::Caller;
use crate::runtime::Runtime;
use crate::tenant::{Pinned, Tenant};

const ACCESS_MINUTES: i64 = 60;
const REFRESH_DAYS: i64 = 30;
const SESSION_HOURS: i64 = 12;
/// How long a looked-up token is trusted without asking again.
const TRUSTED: Duration = Duration::from_secs(1);
/// Kept entries before old ones are swept.
const CAPACITY: usize = 50_000;

/// The answer of the token endpoint.
#[derive(Debug, Serialize)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: String,
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
}

/// A long-lived token of a member, shown once.
#[derive(Debug, Serialize)]
pub struct ApiToken {
    pub token: String,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token that stands for the member with this address: with the rights he has whenever it is used.
/// [`Error::NotFound`] when there is no such active member with a login.
pub fn create_api_token(runtime: &Runtime, tenant: &Tenant, email: &str, life: TimeDelta) -> Result<ApiToken, Error> {
    let control = runtime.storage.control();
    let account = control.find_account(email)?.filter(|account| account.disabled_at.is_none());
    let account = account.ok_or(Error::NotFound)?.id;
    let user = user_of(runtime, tenant, account)?.ok_or(Error::NotFound)?;
    load_actor(tenant, user)?.ok_or(Error::NotFound)?;
    let token = token::mint(TokenKind::Api);
    let record = record(&token, TokenKind::Api, tenant, account, user, Uuid::now_v7(), life);
    let expires_at = record.expires_at;
    control.insert_session(record).wait()?;
    Ok(ApiToken { token, expires_at })
}

/// Gives the member with this address another password and ends all his sessions and tokens.
/// [`Error::NotFound`] when there is no such member with a login.
pub fn reset_password(runtime: &Runtime, tenant: &Tenant, email: &str, next: &str) -> Result<(), Error> {
    let control = runtime.storage.control();
    let account = control.find_account(email)?.ok_or(Error::NotFound)?.id;
    user_of(runtime, tenant, account)?.ok_or(Error::NotFound)?;
    set_password(runtime, account, next)
}

/// Which user of the tenant the account is.
fn user_of(runtime: &Runtime, tenant: &Tenant, account: Uuid) -> Result<Option<Uuid>, Error> {
    let mut memberships = runtime.storage.control().memberships(account)?.into_iter();
    Ok(memberships.find(|membership| membership.tenant == tenant.handle.id()).map(|membership| membership.user_id))
}

fn set_password(runtime: &Runtime, account: Uuid, next: &str) -> Result<(), Error> {
    password::check(next).map_err(|finding| Error::Invalid(vec![finding]))?;
    let control = runtime.storage.control();
    control.set_password_hash(account, &password::hash(next)?).wait()?;
    control.revoke_all_of(account, now()).wait()?;
    Ok(())
}

#[derive(Clone)]
struct Known {
    actor: Arc<Actor>,
    csrf: Option<Arc<str>>,
    tenant: Uuid,
    family: Uuid,
    /// The state of the tenant's people it was looked up in.
    people: u64,
    checked: Instant,
}

impl Known {
    fn is_trusted(&self, tenant: &Tenant) -> bool {
        self.people == tenant.people() && self.checked.elapsed() < TRUSTED
    }
}

/// What a valid token stands for.
pub struct Authenticated {
    pub caller: Caller,
    /// For browser sessions: what forms must send back.
    pub csrf: Option<Arc<str>>,
}

#[derive(Default)]
pub struct Sessions {
    known: RwLock<HashMap<[u8; 32], Known>>,
}

impl Sessions {
    /// Checks the password and opens an access and refresh token pair.
    pub fn log_in(&self, runtime: &Runtime, tenant: &str, email: &str, password: &str) -> Result<Tokens, Error> {
        let (tenant, account, user) = verify(runtime, tenant, email, password)?;
        let (tokens, records) = pair(&tenant, account, user, Uuid::now_v7());
        for record in records {
            runtime.storage.control().insert_session(record).wait()?;
        }
        Ok(tokens)
    }

    /// Checks the password and opens a browser session: the cookie value.
    pub fn open(&self, runtime: &Runtime, tenant: &str, email: &str, password: &str) -> Result<String, Error> {
        let (tenant, account, user) = verify(runtime, tenant, email, password)?;
        let value = token::mint(TokenKind::Session);
        let record =
            record(&value, TokenKind::Session, &tenant, account, user, Uuid::now_v7(), TimeDelta::hours(SESSION_HOURS));
        runtime.storage.control().insert_session(SessionRecord { csrf: Some(token::secret()), ..record }).wait()?;
        Ok(value)
    }

    /// Trades a refresh token, once, for a new pair. A second use revokes the whole family.
    pub fn refresh(&self, runtime: &Runtime, refresh_token: &str) -> Result<Tokens, Error> {
        let control = runtime.storage.control();
        let hash = token::fingerprint(refresh_token);
        let record = control
            .find_session(&hash)?
            .filter(|record| record.kind == SessionKind::Refresh)
            .ok_or(Error::Unauthorized)?;
        let now = now();
        if record.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::Unauthorized);
        }
        let handle = runtime.storage.tenant_by_id(record.tenant)?;
        let tenant = runtime.tenant(handle.name())?;
        load_actor(&tenant, record.user_id)?.ok_or(Error::Unauthorized)?;
        let (tokens, next) = pair(&tenant, record.account, record.user_id, record.family);
        let traded = control.rotate_session(&hash, record.family, next.into(), now).wait()?;
        if traded { Ok(tokens) } else { Err(Error::Unauthorized) }
    }

    /// Gives the caller another password and ends all he is logged in by, here and elsewhere. [`Error::Unauthorized`]
    /// when `current` is not his password.
    pub fn change_password(
        &self,
        runtime: &Runtime,
        tenant: &str,
        email: &str,
        current: &str,
        next: &str,
    ) -> Result<(), Error> {
        let (_, account, _) = verify(runtime, tenant, email, current)?;
        set_password(runtime, account, next)?;
        self.known.write().clear();
        Ok(())
    }

    /// Ends the session and every token of its family.
    pub fn log_out(&self, runtime: &Runtime, value: &str) -> Result<(), Error> {
        let hash = token::fingerprint(value);
        if let Some(record) = runtime.storage.control().find_session(&hash)? {
            runtime.storage.control().revoke_family(record.family, now()).wait()?;
            self.known.write().retain(|_, known| known.family != record.family);
        }
        Ok(())
    }

    /// The caller behind a token, in this tenant only, with his rights under the pinned snapshot.
    pub fn authenticate(
        &self,
        runtime: &Runtime,
        tenant: &Tenant,
        pinned: &Pinned,
        value: &str,
    ) -> Result<Authenticated, Error> {
        let hash = token::fingerprint(value);
        let trusted = self.known.read().get(&hash).filter(|known| known.is_trusted(tenant)).cloned();
        let known = match trusted {
            Some(known) => known,
            None => self.look_up(runtime, tenant, hash)?,
        };
        if known.tenant != tenant.handle.id() {
            return Err(Error::Unauthorized);
        }
        let profile = pinned.profile(&known.actor.roles);
        Ok(Authenticated { caller: Caller { actor: known.actor, profile, now: now() }, csrf: known.csrf })
    }

    fn look_up(&self, runtime: &Runtime, tenant: &Tenant, hash: [u8; 32]) -> Result<Known, Error> {
        let control = runtime.storage.control();
        let people = tenant.people();
        let valid = |record: &SessionRecord| {
            record.revoked_at.is_none()
                && record.expires_at.is_none_or(|end| end > now())
                && record.kind != SessionKind::Refresh
        };
        let record = control.find_session(&hash)?.filter(valid).ok_or(Error::Unauthorized)?;
        if record.tenant != tenant.handle.id()
            || control.account(record.account)?.is_none_or(|account| account.disabled_at.is_some())
        {
            return Err(Error::Unauthorized);
        }
        let actor = load_actor(tenant, record.user_id)?.ok_or(Error::Unauthorized)?;
        let known = Known {
            actor: Arc::new(actor),
            csrf: record.csrf.map(Into::into),
            tenant: record.tenant,
            family: record.family,
            people,
            checked: Instant::now(),
        };
        let mut all = self.known.write();
        if all.len() >= CAPACITY {
            all.retain(|_, known| known.checked.elapsed() < TRUSTED);
        }
        all.insert(hash, known.clone());
        Ok(known)
    }
}

fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

fn verify(runtime: &Runtime, tenant: &str, email: &str, password: &str) -> Result<(Arc<Tenant>, Uuid, Uuid), Error> {
    let control = runtime.storage.control();
    let account = control.find_account(email.trim())?;
    let stored =
        account.as_ref().filter(|account| account.disabled_at.is_none()).map(|account| account.password_hash.as_str());
    let matches = password.chars().count() <= password::LONGEST && password::verify(password, stored)?;
    let account = account.filter(|_| matches).ok_or(Error::Unauthorized)?;
    let tenant = runtime.tenant(tenant).map_err(|_| Error::Unauthorized)?;
    let user = user_of(runtime, &tenant, account.id)?.ok_or(Error::Unauthorized)?;
    load_actor(&tenant, user)?.ok_or(Error::Unauthorized)?;
    Ok((tenant, account.id, user))
}

/// A new pair, and what is to be kept of it.
fn pair(tenant: &Tenant, account: Uuid, user: Uuid, family: Uuid) -> (Tokens, [SessionRecord; 2]) {
    let access_token = token::mint(TokenKind::Access);
    let refresh_token = token::mint(TokenKind::Refresh);
    let access =
        record(&access_token, TokenKind::Access, tenant, account, user, family, TimeDelta::minutes(ACCESS_MINUTES));
    let refresh =
        record(&refresh_token, TokenKind::Refresh, tenant, account, user, family, TimeDelta::days(REFRESH_DAYS));
    let tokens = Tokens { access_token, refresh_token, token_type: "Bearer", expires_in: ACCESS_MINUTES * 60 };
    (tokens, [access, refresh])
}

fn record(
    value: &str,
    kind: TokenKind,
    tenant: &Tenant,
    account: Uuid,
    user_id: Uuid,
    family: Uuid,
    life: TimeDelta,
) -> SessionRecord {
    let now = now();
    SessionRecord {
        token_hash: token::fingerprint(value),
        kind: match kind {
            TokenKind::Session => SessionKind::Session,
            TokenKind::Access => SessionKind::Access,
            TokenKind::Refresh => SessionKind::Refresh,
            TokenKind::Api => SessionKind::Api,
        },
        account,
        tenant: tenant.handle.id(),
        user_id,
        csrf: None,
        created_at: now,
        expires_at: Some(now + life),
        last_seen_at: Some(now),
        revoked_at: None,
        family,
    }
}
