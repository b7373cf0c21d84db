//! Every kind of value comes back as it went in, and what no database of ours can hold is refused by both alike.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use trellis_plan::tables::Layout;
use trellis_plan::{Arguments, ColumnKind, Value};
use trellis_storage::{Error, Session};
use uuid::Uuid;

use crate::place::{on_each, statement, values};

const KINDS: [(&str, ColumnKind); 10] = [
    ("t", ColumnKind::Text),
    ("i", ColumnKind::Integer),
    ("n", ColumnKind::Decimal { scale: 4 }),
    ("b", ColumnKind::Boolean),
    ("d", ColumnKind::Date),
    ("z", ColumnKind::DateTime),
    ("c", ColumnKind::Time),
    ("s", ColumnKind::Duration),
    ("u", ColumnKind::Id),
    ("j", ColumnKind::Json),
];

fn number(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn date(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

fn instant(text: &str) -> Value {
    Value::DateTime(text.parse().unwrap())
}

fn time(text: &str) -> Value {
    Value::Time(text.parse().unwrap())
}

fn json(text: &str) -> Value {
    Value::Json(Arc::new(serde_json::from_str(text).unwrap()))
}

fn same(kind: ColumnKind) -> Vec<Value> {
    match kind {
        ColumnKind::Text => ["", "a", "经销商 🚚", "'; DROP TABLE v --", "  \n\t"].map(Value::text).to_vec(),
        ColumnKind::Integer => [0, 1, -1, i64::MAX, i64::MIN].map(Value::Integer).to_vec(),
        ColumnKind::Decimal { .. } => {
            ["0.0000", "720.0800", "-0.0001", "99999999999999.9999", "-99999999999999.9999"].map(number).to_vec()
        }
        ColumnKind::Boolean => vec![Value::Boolean(true), Value::Boolean(false)],
        ColumnKind::Date => ["0001-01-01", "1969-12-31", "2024-02-29", "9999-12-31"].map(date).to_vec(),
        ColumnKind::DateTime => ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-03-10T02:30:00.000001Z"]
            .map(instant)
            .into_iter()
            .chain([instant("9999-12-31T23:59:59.999999Z")])
            .collect(),
        ColumnKind::Time => ["00:00:00", "23:59:59"].map(time).to_vec(),
        ColumnKind::Duration => [0, 1, 5_400, 999_999_999_999].map(Value::Integer).to_vec(),
        ColumnKind::Id => vec![Value::Id(Uuid::nil()), Value::Id(Uuid::max()), Value::Id(Uuid::now_v7())],
        ColumnKind::Json => {
            ["null", "[]", "{}", r#"{"a":[1,2.50,"x",null,true]}"#, r#""text""#, "12345678901234567890.123456789"]
                .map(json)
                .to_vec()
        }
    }
}

fn refused(kind: ColumnKind) -> Vec<Value> {
    match kind {
        ColumnKind::Text => vec![Value::text("a\0b"), Value::Integer(1)],
        ColumnKind::Integer => vec![Value::text("1"), number("1"), Value::Boolean(true)],
        ColumnKind::Decimal { .. } => vec![
            number("0.00001"),
            number("100000000000000.0000"),
            Value::Integer(i64::MAX),
            Value::Decimal(Decimal::MAX),
            Value::text("1"),
        ],
        ColumnKind::Boolean => vec![Value::Integer(1)],
        ColumnKind::Date => vec![Value::Date(NaiveDate::MAX), Value::Date(NaiveDate::MIN), Value::text("2024-01-01")],
        ColumnKind::DateTime => {
            vec![Value::DateTime(DateTime::<chrono::Utc>::MAX_UTC), Value::DateTime(DateTime::<chrono::Utc>::MIN_UTC)]
        }
        ColumnKind::Time => vec![Value::text("00:00:00")],
        ColumnKind::Duration => vec![Value::text("PT1H"), number("1")],
        ColumnKind::Id => vec![Value::text("00000000-0000-0000-0000-000000000000")],
        ColumnKind::Json => vec![json(r#"{"a":["b\u0000"]}"#), json(r#"{"\u0000":1}"#), Value::text("{}")],
    }
}

/// A table with one column of each kind, as the planner makes it.
fn define(session: &mut dyn Session) -> Result<(), Error> {
    let columns: Vec<_> = [("id", ColumnKind::Id)]
        .into_iter()
        .chain(KINDS)
        .map(|(name, kind)| serde_json::json!({ "name": name, "kind": kind }))
        .collect();
    let layout = serde_json::json!({ "tables": [{ "name": "v", "columns": columns, "unique": [], "indexes": [] }] });
    let layout: Layout = serde_json::from_value(layout).unwrap();
    for step in trellis_plan::tables::diff(&Layout::default(), &layout) {
        for statement in trellis_plan::tables::render(&step, session.dialect()) {
            session.define(&statement.sql)?;
        }
    }
    Ok(())
}

fn put(session: &mut dyn Session, column: &str, kind: ColumnKind, value: &Value) -> Result<Uuid, Error> {
    let id = Uuid::now_v7();
    let sql = format!("INSERT INTO v (id, {column}) VALUES (?, ?)");
    let insert = statement(session.dialect(), &sql, &[ColumnKind::Id, kind], &[]);
    session.execute(&insert, &Arguments::slots(&[Value::Id(id), value.clone()]))?;
    Ok(id)
}

fn get(session: &mut dyn Session, column: &str, kind: ColumnKind, id: Uuid) -> Result<Value, Error> {
    let sql = format!("SELECT {column} FROM v WHERE id = ?");
    let select = statement(session.dialect(), &sql, &[ColumnKind::Id], &[kind]);
    Ok(values(session, &select, &[Value::Id(id)])?.remove(0).remove(0))
}

#[test]
fn values_come_back_as_they_went_in() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        tenant.write_exclusive(define).wait().unwrap();
        for (column, kind) in KINDS {
            for value in same(kind).into_iter().chain([Value::Null]) {
                let given = value.clone();
                let id = tenant.write(move |session| put(session, column, kind, &given)).wait().unwrap();
                let back = tenant.read(|session| get(session, column, kind, id)).unwrap();
                assert_eq!(back, value, "{kind:?}");
                assert_eq!(back.to_string(), value.to_string(), "{kind:?}");
            }
        }
    });
}

#[test]
fn what_cannot_be_held_is_refused() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        tenant.write_exclusive(define).wait().unwrap();
        for (column, kind) in KINDS {
            for value in refused(kind) {
                let given = value.clone();
                let put = tenant.write(move |session| put(session, column, kind, &given)).wait();
                assert!(matches!(put, Err(Error::Parameter { index: 1, .. })), "{kind:?} {value:?}: {put:?}");
            }
        }
    });
}

#[test]
fn finer_parts_of_times_are_cut_off_alike() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        tenant.write_exclusive(define).wait().unwrap();
        let leap = Value::Time(NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap());
        let rows = [
            ("z", ColumnKind::DateTime, instant("2024-01-01T00:00:00.000000999Z"), instant("2024-01-01T00:00:00Z")),
            ("c", ColumnKind::Time, leap, time("23:59:59")),
            ("n", ColumnKind::Decimal { scale: 4 }, number("1.50"), number("1.5000")),
            ("n", ColumnKind::Decimal { scale: 4 }, Value::Integer(2), number("2.0000")),
            ("j", ColumnKind::Json, Value::List([Value::text("a")].into()), json(r#"["a"]"#)),
        ];
        for (column, kind, given, kept) in rows {
            let id = tenant.write(move |session| put(session, column, kind, &given)).wait().unwrap();
            assert_eq!(tenant.read(|session| get(session, column, kind, id)).unwrap().to_string(), kept.to_string());
        }
    });
}

#[test]
fn a_cell_of_another_kind_is_told() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        tenant.write_exclusive(define).wait().unwrap();
        let id =
            tenant.write(|session| put(session, "t", ColumnKind::Text, &Value::text("2024-01-01x"))).wait().unwrap();
        for (_, kind) in KINDS.into_iter().filter(|(_, kind)| *kind != ColumnKind::Text) {
            let read = tenant.read(|session| get(session, "t", kind, id));
            assert!(matches!(read, Err(Error::Cell(_))), "{kind:?}: {read:?}");
        }
    });
}

#[test]
fn a_primary_key_refuses_under_one_name() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        tenant.write_exclusive(define).wait().unwrap();
        let twice = tenant.write(|session| {
            let insert = statement(session.dialect(), "INSERT INTO v (id) VALUES (?)", &[ColumnKind::Id], &[]);
            let slots = [Value::Id(Uuid::nil())];
            session.execute(&insert, &Arguments::slots(&slots))?;
            session.execute(&insert, &Arguments::slots(&slots))
        });
        let refused = twice.wait();
        assert!(matches!(&refused, Err(Error::Unique { index }) if index == "v_pkey"), "{refused:?}");
    });
}
