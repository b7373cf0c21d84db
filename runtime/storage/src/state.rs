//! What a tenant is at now: its revision, its tables, and a counter that tells other processes to look again.

use std::sync::LazyLock;

use sea_query::{Expr, ExprTrait, Query};
use serde_json::Value as Json;
use trellis_plan::tables::Layout;
use trellis_plan::{Arguments, Cell, ColumnKind, Statement};

use crate::{Error, Session, query};

#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// 0 before the first publish.
    pub revision: u64,
    pub layout: Layout,
    /// Counts every publish and role change.
    pub epoch: u64,
}

pub fn state(session: &mut dyn Session) -> Result<State, Error> {
    let mut select = Query::select();
    select.columns(["revision", "layout", "epoch"]).from("_state");
    let kinds = [ColumnKind::Integer, ColumnKind::Json, ColumnKind::Integer];
    let found = query::row(session, &select, &kinds, |row| {
        let layout: Json = row.get(1)?;
        Ok(State {
            revision: row.get(0)?,
            layout: serde_json::from_value(layout).map_err(|_| Error::defect("the kept layout cannot be read"))?,
            epoch: row.get(2)?,
        })
    })?;
    found.ok_or_else(|| Error::defect("the tenant has no state"))
}

/// Revision and epoch alone: cheap enough to ask before every write and on every poll.
pub fn version(session: &mut dyn Session) -> Result<(u64, u64), Error> {
    static VERSION: LazyLock<Statement> = LazyLock::new(|| Statement {
        sql: r#"SELECT "revision", "epoch" FROM "_state""#.to_owned(),
        binds: Vec::new(),
        columns: vec![ColumnKind::Integer; 2],
    });
    let mut found = None;
    session.query(&VERSION, &Arguments::slots(&[]), &mut |row| {
        if let (Cell::Integer(revision), Cell::Integer(epoch)) =
            (row.cell(0, ColumnKind::Integer)?, row.cell(1, ColumnKind::Integer)?)
        {
            found = Some((revision as u64, epoch as u64));
        }
        Ok(())
    })?;
    found.ok_or_else(|| Error::defect("the tenant has no state"))
}

/// To be called in the transaction of every change of roles and units.
pub fn advance_epoch(session: &mut dyn Session) -> Result<(), Error> {
    let mut update = Query::update();
    update.table("_state").value("epoch", Expr::col("epoch").add(1_i64));
    query::execute(session, &update).map(drop)
}

pub(crate) fn begin(session: &mut dyn Session) -> Result<(), Error> {
    let mut insert = Query::insert();
    insert.into_table("_state").columns(["one", "revision", "layout", "epoch"]).values_panic([
        1_i64.into(),
        0_i64.into(),
        written(&Layout::default())?.into(),
        0_i64.into(),
    ]);
    query::execute(session, &insert).map(drop)
}

pub(crate) fn set(session: &mut dyn Session, revision: u64, layout: &Layout) -> Result<(), Error> {
    let mut update = Query::update();
    update
        .table("_state")
        .value("revision", revision as i64)
        .value("layout", written(layout)?)
        .value("epoch", Expr::col("epoch").add(1_i64));
    query::execute(session, &update).map(drop)
}

fn written(layout: &Layout) -> Result<Json, Error> {
    serde_json::to_value(layout).map_err(|_| Error::defect("the layout cannot be written"))
}
