//! Migrations: wholly or not at all, and only from the revision they were planned from.

use chrono::{DateTime, Utc};
use trellis_plan::Arguments;
use trellis_plan::tables::{Layout, diff};
use trellis_storage::{Error, Publication, TenantHandle, documents, publish, revisions, state};

use crate::place::{on_each, statement, values};

pub fn layout(columns: &[&str]) -> Layout {
    let columns: Vec<_> = std::iter::once(serde_json::json!({ "name": "id", "kind": "id" }))
        .chain(columns.iter().map(|name| serde_json::json!({ "name": name, "kind": "text" })))
        .collect();
    let layout = serde_json::json!({ "tables": [{ "name": "item", "columns": columns, "unique": [], "indexes": [] }] });
    serde_json::from_value(layout).unwrap()
}

pub fn publication(tenant: &TenantHandle, expected: u64, next: Layout) -> Publication {
    let previous = tenant.read(state).unwrap().layout;
    let steps = diff(&previous, &next);
    Publication {
        expected,
        layout: Layout::after(&previous, next, &steps),
        steps,
        documents: r#"[{"kind": "object"}]"#.into(),
        hash: "h".into(),
        author: None,
        message: "m".into(),
        at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

pub fn carry_out(tenant: &TenantHandle, publication: Publication) -> Result<u64, Error> {
    publish(tenant, publication, |_, _| Ok(()), |_, _| Ok(())).wait()
}

#[test]
fn a_publish_is_whole_or_nothing() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        let start = tenant.read(state).unwrap();
        assert_eq!((start.revision, start.epoch, start.layout), (0, 0, Layout::default()));

        assert_eq!(carry_out(&tenant, publication(&tenant, 0, layout(&["a"]))).unwrap(), 1);
        let first = tenant.read(state).unwrap();
        assert_eq!((first.revision, first.epoch), (1, 1));
        assert!(diff(&first.layout, &layout(&["a"])).is_empty());

        // Planned from the same revision as the one before.
        let late = carry_out(&tenant, publication(&tenant, 0, layout(&["a", "b"])));
        assert!(matches!(late, Err(Error::StaleRevision { expected: 0, found: 1 })));

        // The engine refuses at the end: nothing stays.
        let refused = publication(&tenant, 1, layout(&["a", "b"]));
        let refused = publish(&tenant, refused, |_, _| Ok(()), |_, _| Err(Error::UnknownTenant)).wait();
        assert!(matches!(refused, Err(Error::UnknownTenant)));
        assert_eq!(tenant.read(state).unwrap(), first);
        assert_eq!(tenant.read(|session| revisions(session, 10)).unwrap().len(), 1);

        assert_eq!(carry_out(&tenant, publication(&tenant, 1, layout(&["b"]))).unwrap(), 2);
        let list = tenant.read(|session| revisions(session, 10)).unwrap();
        assert_eq!(list.iter().map(|r| (r.revision, r.parent)).collect::<Vec<_>>(), [(2, Some(1)), (1, None)]);
        let kept = tenant.read(|session| documents(session, 2)).unwrap().unwrap();
        assert_eq!(kept.replace(' ', ""), r#"[{"kind":"object"}]"#);
        assert_eq!(tenant.read(|session| documents(session, 3)).unwrap(), None);
        assert_eq!(tenant.read(state).unwrap().layout.quarantined.len(), 1);
    });
}

/// The text of a statement stays, what it means changes: no connection may go on with the old meaning.
#[test]
fn prepared_statements_follow_the_tables() {
    use trellis_plan::{ColumnKind, Statement, Value};
    on_each(|place| {
        let storage = place.open();
        let other = place.open();
        let tenant = storage.create_tenant("acme").unwrap();
        let elsewhere = other.tenant("acme").unwrap();
        let read = |tenant: &TenantHandle, kind| {
            let select = Statement { sql: "SELECT v FROM x".into(), binds: vec![], columns: vec![kind] };
            tenant.read(|session| crate::place::values(session, &select, &[]))
        };
        let define = |ddl: &'static str| {
            tenant.write_exclusive(move |session| session.define(ddl)).wait().unwrap();
        };
        define("CREATE TABLE x (v text); INSERT INTO x VALUES ('a');");
        for tenant in [&tenant, &elsewhere] {
            assert_eq!(read(tenant, ColumnKind::Text).unwrap(), [[Value::text("a")]]);
        }
        let integer = if tenant.is_blocking() { "bigint" } else { "integer" };
        define("DROP TABLE x");
        let table = format!("CREATE TABLE x (v {integer}); INSERT INTO x VALUES (7);");
        tenant.write_exclusive(move |session| session.define(&table)).wait().unwrap();
        assert_eq!(read(&tenant, ColumnKind::Integer).unwrap(), [[Value::Integer(7)]]);
        // Another process learns of it by being told to try again.
        let again = match read(&elsewhere, ColumnKind::Integer) {
            Err(Error::Busy(_)) => read(&elsewhere, ColumnKind::Integer),
            other => other,
        };
        assert_eq!(again.unwrap(), [[Value::Integer(7)]]);
    });
}

/// What was dropped comes back with its rows, and quarantine forgets it.
#[test]
fn a_dropped_column_or_table_comes_back_whole() {
    use trellis_plan::{ColumnKind, Value};
    use uuid::Uuid;
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        let mut revision = 0;
        let mut go = |next: Layout| {
            revision = carry_out(&tenant, publication(&tenant, revision, next)).unwrap();
        };
        let add = |number: u128, sql: &'static str, texts: &[&str]| {
            let slots: Vec<_> =
                std::iter::once(Value::Id(Uuid::from_u128(number))).chain(texts.iter().map(Value::text)).collect();
            let kinds = [&[ColumnKind::Id][..], &vec![ColumnKind::Text; texts.len()]].concat();
            let add = move |session: &mut dyn trellis_storage::Session| {
                let insert = statement(session.dialect(), sql, &kinds, &[]);
                session.execute(&insert, &Arguments::slots(&slots))
            };
            tenant.write(add).wait().unwrap();
        };
        let texts = |sql: &'static str, columns: usize| {
            let read = move |session: &mut dyn trellis_storage::Session| {
                let select = statement(session.dialect(), sql, &[], &vec![ColumnKind::Text; columns]);
                values(session, &select, &[])
            };
            tenant.read(read).unwrap()
        };
        go(layout(&["a", "b"]));
        add(1, "INSERT INTO item (id, a, b) VALUES (?, ?, ?)", &["1", "kept"]);
        go(layout(&["a"]));
        add(2, "INSERT INTO item (id, a) VALUES (?, ?)", &["2"]);
        assert_eq!(texts("SELECT field FROM _quarantine", 1), [[Value::text("b")]]);
        // The column goes and comes back with its table.
        go(Layout::default());
        go(layout(&["a", "b"]));
        let rows = [[Value::text("1"), Value::text("kept")], [Value::text("2"), Value::Null]];
        assert_eq!(texts("SELECT a, b FROM item ORDER BY a", 2), rows);
        assert_eq!(texts("SELECT kept_as FROM _quarantine", 1), [[Value::Null; 0]; 0]);
        assert_eq!(tenant.read(state).unwrap().layout.quarantined, []);
    });
}
