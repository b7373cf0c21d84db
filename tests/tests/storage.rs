//! The storage programme: the same steps on every database.

use std::sync::Arc;

use trellis_plan::{Arguments, Bind, ColumnKind, Source, Statement, Value};
use trellis_storage::{Error, Session, Storage, StorageOptions};

fn statement(sql: &str, binds: &[ColumnKind], columns: &[ColumnKind]) -> Statement {
    let bind = |(index, kind): (usize, &ColumnKind)| Bind { source: Source::Slot(index), kind: *kind };
    Statement { sql: sql.into(), binds: binds.iter().enumerate().map(bind).collect(), columns: columns.to_vec() }
}

fn insert(session: &mut dyn Session, number: i64) -> Result<u64, Error> {
    let insert = statement("INSERT INTO n (v) VALUES (?)", &[ColumnKind::Integer], &[]);
    session.execute(&insert, &Arguments::slots(&[Value::Integer(number)]))
}

fn numbers(session: &mut dyn Session) -> Result<Vec<i64>, Error> {
    let mut found = Vec::new();
    let select = statement("SELECT v FROM n ORDER BY v", &[], &[ColumnKind::Integer]);
    session.query(&select, &Arguments::slots(&[]), &mut |row| {
        found.extend(row.cell(0, ColumnKind::Integer)?.to_value().as_integer());
        Ok(())
    })?;
    Ok(found)
}

#[test]
fn writes_are_kept_and_errors_and_panics_stay_alone() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::open(StorageOptions::new(folder.path())).unwrap();
    assert!(matches!(storage.tenant("acme"), Err(Error::UnknownTenant)));
    let tenant = storage.create_tenant("acme").unwrap();
    assert!(matches!(storage.create_tenant("acme"), Err(Error::TenantExists)));
    tenant
        .write_exclusive(|session| {
            session.define("CREATE TABLE n (v INTEGER NOT NULL); CREATE UNIQUE INDEX ux_1 ON n (v) WHERE v > 0")
        })
        .wait()
        .unwrap();
    let gate = Arc::new(std::sync::Barrier::new(2));
    let held = Arc::clone(&gate);
    let first = tenant.write(move |session| {
        held.wait();
        insert(session, 1)
    });
    let second = tenant.write(|session| insert(session, 2));
    let twice = tenant.write(|session| {
        insert(session, 3)?;
        insert(session, 1)
    });
    let panics = tenant.write(|session| -> Result<(), Error> {
        insert(session, 4)?;
        panic!("on purpose")
    });
    gate.wait();
    assert_eq!(first.wait().unwrap(), 1);
    assert_eq!(second.wait().unwrap(), 1);
    assert!(matches!(twice.wait(), Err(Error::Unique { index }) if index == "ux_1"));
    assert!(matches!(panics.wait(), Err(Error::Panicked)));
    assert_eq!(tenant.read(numbers).unwrap(), [1, 2]);
    assert_eq!(storage.control().secret().unwrap(), storage.control().secret().unwrap());
}
