//! Statements that take too long are stopped, and the connection stays good.

use std::time::Duration;

use trellis_plan::{ColumnKind, Dialect, Statement};
use trellis_storage::{Error, Session, Storage};

use crate::place::{Place, on_each, values};

fn endless(dialect: Dialect) -> Statement {
    let sql = match dialect {
        Dialect::Sqlite => {
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c WHERE x < 0"
        }
        Dialect::Postgres => "SELECT 1::bigint FROM pg_sleep(600)",
    };
    Statement { sql: sql.into(), binds: Vec::new(), columns: vec![ColumnKind::Integer] }
}

fn run_endless(session: &mut dyn Session) -> Result<(), Error> {
    let endless = endless(session.dialect());
    values(session, &endless, &[]).map(drop)
}

fn run_short(session: &mut dyn Session) -> Result<usize, Error> {
    let short = Statement { sql: "SELECT 1".into(), binds: Vec::new(), columns: Vec::new() };
    values(session, &short, &[]).map(|rows| rows.len())
}

#[test]
fn a_read_ends_at_its_deadline() {
    on_each(|place| {
        let mut options = place.options();
        options.read_deadline = Duration::from_millis(50);
        options.write_deadline = Duration::from_millis(50);
        let tenant = Storage::open(options).unwrap().create_tenant("acme").unwrap();
        assert!(matches!(tenant.read(run_endless), Err(Error::Deadline)));
        assert!(matches!(tenant.write(run_endless).wait(), Err(Error::Deadline)));
        assert_eq!(tenant.read(run_short).unwrap(), 1);
        assert_eq!(tenant.write(run_short).wait().unwrap(), 1);
    });
}

#[test]
fn a_bounded_read_ends_with_its_steps() {
    let place = Place::sqlite();
    let tenant = place.open().create_tenant("acme").unwrap();
    assert!(matches!(tenant.bounded(10_000).read(run_endless), Err(Error::Budget)));
    assert_eq!(tenant.bounded(10_000).read(run_short).unwrap(), 1);
    assert_eq!(tenant.read(run_short).unwrap(), 1);
}

#[test]
fn a_read_cannot_write() {
    on_each(|place| {
        let tenant = place.numbers();
        assert!(tenant.read(|session| crate::place::insert(session, 1)).is_err());
        assert!(tenant.read(|session| session.define("DROP TABLE n")).is_err());
        assert!(tenant.read(crate::place::numbers).unwrap().is_empty());
    });
}

/// SQLite ends the whole transaction when it interrupts a write: whoever shared it is told to run again, and nothing of
/// a job that goes on regardless is kept.
#[test]
fn a_write_past_its_deadline_takes_nothing_half_with_it() {
    on_each(|place| {
        drop(place.numbers());
        let mut options = place.options();
        options.write_deadline = Duration::from_millis(50);
        let tenant = Storage::open(options).unwrap().tenant("acme").unwrap();
        let stubborn = tenant.write(|session| {
            crate::place::insert(session, 1)?;
            let fill = match session.dialect() {
                Dialect::Sqlite => "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT -x FROM c",
                Dialect::Postgres => "SELECT -1::bigint FROM pg_sleep(600)",
            };
            let fill = Statement { sql: format!("INSERT INTO n {fill}"), binds: Vec::new(), columns: Vec::new() };
            assert!(matches!(session.execute(&fill, &trellis_plan::Arguments::slots(&[])), Err(Error::Deadline)));
            assert!(crate::place::insert(session, 2).is_err());
            Ok::<(), Error>(())
        });
        assert!(stubborn.wait().is_err());
        assert!(tenant.read(crate::place::numbers).unwrap().is_empty());
        tenant.write(|session| crate::place::insert(session, 3)).wait().unwrap();
        assert_eq!(tenant.read(crate::place::numbers).unwrap(), [3]);
    });
}
