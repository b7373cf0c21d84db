//! Accounts (who can prove who they are) and memberships (which user they are in which tenant).

use chrono::{DateTime, SubsecRound, Utc};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use super::Control;
use crate::bind::storable_text;
use crate::query::{self, Cells};
use crate::{Error, Pending};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: Uuid,
    /// Lower-case.
    pub email: String,
    pub password_hash: String,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
}

/// The account is this user of this tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub account: Uuid,
    pub tenant: Uuid,
    pub user_id: Uuid,
}

const ACCOUNT: [ColumnKind; 5] =
    [ColumnKind::Id, ColumnKind::Text, ColumnKind::Text, ColumnKind::DateTime, ColumnKind::DateTime];

impl Control {
    /// Letter case of the address does not matter.
    /// An address that cannot be kept is nobody's.
    pub fn find_account(&self, email: &str) -> Result<Option<Account>, Error> {
        if !storable_text(email) {
            return Ok(None);
        }
        self.account_where(Expr::col("email").eq(email.to_lowercase()))
    }

    pub fn account(&self, id: Uuid) -> Result<Option<Account>, Error> {
        self.account_where(Expr::col("id").eq(id))
    }

    /// [`Error::Unique`] when the address is taken.
    pub fn create_account(&self, email: &str, password_hash: &str) -> Pending<Account, Error> {
        let account = Account {
            id: Uuid::now_v7(),
            email: email.to_lowercase(),
            password_hash: password_hash.to_owned(),
            created_at: Utc::now().trunc_subsecs(6),
            disabled_at: None,
        };
        self.write(move |session| {
            let mut insert = Query::insert();
            insert.into_table("accounts").columns(["id", "email", "password_hash", "created_at"]).values_panic([
                account.id.into(),
                account.email.clone().into(),
                account.password_hash.clone().into(),
                account.created_at.into(),
            ]);
            query::execute(session, &insert)?;
            Ok(account)
        })
    }

    pub fn set_password_hash(&self, account: Uuid, password_hash: &str) -> Pending<(), Error> {
        self.update_account(account, "password_hash", password_hash.into())
    }

    /// `None` lets the account in again.
    pub fn disable_account(&self, account: Uuid, at: Option<DateTime<Utc>>) -> Pending<(), Error> {
        self.update_account(account, "disabled_at", at.into())
    }

    /// [`Error::Unique`] when the account is a member already, or the user has another account.
    pub fn add_membership(&self, membership: Membership) -> Pending<(), Error> {
        self.write(move |session| {
            let Membership { account, tenant, user_id } = membership;
            let mut insert = Query::insert();
            insert.into_table("memberships").columns(["account", "tenant", "user_id"]).values_panic([
                account.into(),
                tenant.into(),
                user_id.into(),
            ]);
            query::execute(session, &insert).map(drop)
        })
    }

    pub fn memberships(&self, account: Uuid) -> Result<Vec<Membership>, Error> {
        let mut select = Query::select();
        select
            .columns(["account", "tenant", "user_id"])
            .from("memberships")
            .and_where(Expr::col("account").eq(account))
            .order_by("tenant", Order::Asc);
        let kinds = [ColumnKind::Id; 3];
        self.read(|session| {
            query::rows(session, &select, &kinds, |row| {
                Ok(Membership { account: row.get(0)?, tenant: row.get(1)?, user_id: row.get(2)? })
            })
        })
    }

    /// Who may log in to a tenant, and as which of its users.
    pub(crate) fn members(&self, tenant: Uuid) -> Result<Vec<(Account, Uuid)>, Error> {
        let mut select = Query::select();
        select
            .columns(["account", "user_id"])
            .from("memberships")
            .and_where(Expr::col("tenant").eq(tenant))
            .order_by("account", Order::Asc);
        let kinds = [ColumnKind::Id; 2];
        let rows: Vec<(Uuid, Uuid)> =
            self.read(|session| query::rows(session, &select, &kinds, |row| Ok((row.get(0)?, row.get(1)?))))?;
        let accounts =
            rows.into_iter().map(|(account, user)| Ok(self.account(account)?.map(|account| (account, user))));
        accounts.filter_map(Result::transpose).collect()
    }

    /// Makes the account a member, under the account that has its address here where there is one.
    pub(crate) fn take_in(&self, account: Account, tenant: Uuid, user_id: Uuid) -> Pending<(), Error> {
        let here = self.find_account(&account.email);
        self.write(move |session| {
            let known = here?.map(|account| account.id);
            if known.is_none() {
                let mut insert = Query::insert();
                insert
                    .into_table("accounts")
                    .columns(["id", "email", "password_hash", "created_at", "disabled_at"])
                    .values_panic([
                        account.id.into(),
                        account.email.into(),
                        account.password_hash.into(),
                        account.created_at.into(),
                        account.disabled_at.into(),
                    ]);
                query::execute(session, &insert)?;
            }
            let mut insert = Query::insert();
            insert.into_table("memberships").columns(["account", "tenant", "user_id"]).values_panic([
                known.unwrap_or(account.id).into(),
                tenant.into(),
                user_id.into(),
            ]);
            query::execute(session, &insert).map(drop)
        })
    }

    fn account_where(&self, condition: Expr) -> Result<Option<Account>, Error> {
        let mut select: SelectStatement = Query::select();
        select
            .columns(["id", "email", "password_hash", "created_at", "disabled_at"])
            .from("accounts")
            .and_where(condition);
        self.read(|session| query::row(session, &select, &ACCOUNT, account))
    }

    fn update_account(&self, account: Uuid, column: &'static str, value: sea_query::Value) -> Pending<(), Error> {
        self.write(move |session| {
            let mut update = Query::update();
            update.table("accounts").value(column, value).and_where(Expr::col("id").eq(account));
            query::execute(session, &update).map(drop)
        })
    }
}

fn account(row: &Cells<'_>) -> Result<Account, Error> {
    Ok(Account {
        id: row.get(0)?,
        email: row.get(1)?,
        password_hash: row.get(2)?,
        created_at: row.get(3)?,
        disabled_at: row.find(4)?,
    })
}
