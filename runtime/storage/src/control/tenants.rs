//! The tenant directory.

use std::path::Path;

use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use trellis_plan::ColumnKind;
use uuid::Uuid;

use super::Control;
use crate::bind::storable_text;
use crate::query::{self, Cells};
use crate::{Error, Pending, Placement, TenantEntry};

const COLUMNS: [ColumnKind; 4] = [ColumnKind::Id, ColumnKind::Text, ColumnKind::DateTime, ColumnKind::Text];

impl Control {
    pub(crate) fn insert_tenant(&self, entry: TenantEntry) -> Pending<(), Error> {
        self.write(move |session| {
            let mut insert = Query::insert();
            insert.into_table("tenants").columns(["id", "name", "created_at", "placement"]).values_panic([
                entry.id.into(),
                entry.name.into(),
                entry.created_at.into(),
                entry.placement.to_string().into(),
            ]);
            query::execute(session, &insert).map(drop)
        })
    }

    /// Takes the tenant out of the directory, and everybody out of the tenant.
    pub(crate) fn remove_tenant(&self, id: Uuid) -> Pending<(), Error> {
        self.write(move |session| {
            for (table, column) in [("sessions", "tenant"), ("memberships", "tenant"), ("tenants", "id")] {
                let mut delete = Query::delete();
                delete.from_table(table).and_where(Expr::col(column).eq(id));
                query::execute(session, &delete)?;
            }
            Ok(())
        })
    }

    /// A name that cannot be kept is no tenant's.
    pub(crate) fn find_tenant(&self, name: &str) -> Result<Option<TenantEntry>, Error> {
        if !storable_text(name) {
            return Ok(None);
        }
        self.tenant_where(Expr::col("name").eq(name))
    }

    pub(crate) fn find_tenant_by_id(&self, id: Uuid) -> Result<Option<TenantEntry>, Error> {
        self.tenant_where(Expr::col("id").eq(id))
    }

    pub(crate) fn tenants(&self) -> Result<Vec<TenantEntry>, Error> {
        let mut select = select();
        select.order_by("name", Order::Asc);
        self.read(|session| query::rows(session, &select, &COLUMNS, |row| entry(row, &self.data)))
    }

    fn tenant_where(&self, condition: Expr) -> Result<Option<TenantEntry>, Error> {
        let mut select = select();
        select.and_where(condition);
        self.read(|session| query::row(session, &select, &COLUMNS, |row| entry(row, &self.data)))
    }
}

fn select() -> SelectStatement {
    let mut select = Query::select();
    select.columns(["id", "name", "created_at", "placement"]).from("tenants");
    select
}

fn entry(row: &Cells<'_>, data: &Path) -> Result<TenantEntry, Error> {
    let placement = Placement::parse(&row.get::<String>(3)?, data);
    Ok(TenantEntry {
        id: row.get(0)?,
        name: row.get(1)?,
        created_at: row.get(2)?,
        placement: placement.ok_or_else(|| Error::defect("a placement of no known kind"))?,
    })
}
