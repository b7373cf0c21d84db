//! Which roles a user of the tenant holds, and who has an address.

use sea_query::{Expr, ExprTrait, Query};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use crate::query::{execute, row, rows};
use crate::{Error, Session};

/// Role names, in order.
pub fn roles_of(session: &mut dyn Session, user: Uuid) -> Result<Vec<String>, Error> {
    let mut select = Query::select();
    select
        .column("role")
        .from("_role_assignments")
        .and_where(Expr::col("user_id").eq(user))
        .order_by("role", sea_query::Order::Asc);
    rows(session, &select, &[ColumnKind::Text], |cells| cells.get(0))
}

/// Users that hold the role.
pub fn users_with_role(session: &mut dyn Session, role: &str) -> Result<Vec<Uuid>, Error> {
    let mut select = Query::select();
    select
        .column("user_id")
        .from("_role_assignments")
        .and_where(Expr::col("role").eq(role))
        .order_by("user_id", sea_query::Order::Asc);
    rows(session, &select, &[ColumnKind::Id], |cells| cells.get(0))
}

/// Does somebody hold the role who is a live user and not kept out.
pub fn is_held(session: &mut dyn Session, role: &str) -> Result<bool, Error> {
    let mut select = Query::select();
    select
        .column(("user", "is_active"))
        .from("_role_assignments")
        .inner_join("user", Expr::col(("user", "id")).equals(("_role_assignments", "user_id")))
        .and_where(Expr::col("role").eq(role))
        .and_where(Expr::col(("user", "deleted_at")).is_null());
    let active = rows(session, &select, &[ColumnKind::Boolean], |cells| cells.find::<bool>(0))?;
    Ok(active.into_iter().any(|active| active != Some(false)))
}

/// Makes these the user's roles, all of them.
pub fn assign_roles(session: &mut dyn Session, user: Uuid, roles: &[String]) -> Result<(), Error> {
    let mut delete = Query::delete();
    delete.from_table("_role_assignments").and_where(Expr::col("user_id").eq(user));
    execute(session, &delete)?;
    for role in roles {
        let mut insert = Query::insert();
        insert
            .into_table("_role_assignments")
            .columns(["user_id", "role"])
            .values_panic([user.into(), role.as_str().into()]);
        execute(session, &insert)?;
    }
    Ok(())
}

/// The live `user` record with this address.
pub fn find_user(session: &mut dyn Session, email: &str) -> Result<Option<Uuid>, Error> {
    let mut select = Query::select();
    select
        .column("id")
        .from("user")
        .and_where(Expr::col("email").eq(email))
        .and_where(Expr::col("deleted_at").is_null());
    row(session, &select, &[ColumnKind::Id], |cells| cells.get(0))
}
