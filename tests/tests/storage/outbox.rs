//! Events are handed out in order and once.

use chrono::{DateTime, Utc};
use trellis_plan::{Arguments, ColumnKind, Value};
use trellis_storage::{Error, Session, outbox};
use uuid::Uuid;

use crate::place::{on_each, statement};

fn append(session: &mut dyn Session, kind: &str) -> Result<u64, Error> {
    let sql = "INSERT INTO _outbox (at, object, record, kind, revision, depth, after) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let (text, integer) = (ColumnKind::Text, ColumnKind::Integer);
    let kinds = [ColumnKind::DateTime, text, ColumnKind::Id, text, integer, integer, ColumnKind::Json];
    let slots = [
        Value::DateTime(DateTime::<Utc>::UNIX_EPOCH),
        Value::text("loan"),
        Value::Id(Uuid::nil()),
        Value::text(kind),
        Value::Integer(1),
        Value::Integer(0),
        Value::Json(serde_json::json!({ "price": "1.50" }).into()),
    ];
    session.execute(&statement(session.dialect(), sql, &kinds, &[]), &Arguments::slots(&slots))
}

#[test]
fn events_are_claimed_in_order_until_done() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        assert!(!tenant.read(outbox::is_waiting).unwrap());
        for kind in ["created", "updated", "deleted"] {
            tenant.write(move |session| append(session, kind)).wait().unwrap();
        }
        assert!(tenant.read(outbox::is_waiting).unwrap());
        let claimed = tenant.write(|session| outbox::claim(session, 2)).wait().unwrap();
        assert_eq!(claimed.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["created", "updated"]);
        assert_eq!((&claimed[0].before, &claimed[0].after), (&None, &Some(serde_json::json!({ "price": "1.50" }))));
        let done: Vec<u64> = claimed.iter().map(|event| event.seq).collect();
        tenant.write(move |session| outbox::mark_done(session, &done, DateTime::UNIX_EPOCH)).wait().unwrap();
        let rest = tenant.write(|session| outbox::claim(session, 10)).wait().unwrap();
        assert_eq!(rest.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["deleted"]);
        tenant.write(|session| outbox::mark_done(session, &[], DateTime::UNIX_EPOCH)).wait().unwrap();
    });
}
