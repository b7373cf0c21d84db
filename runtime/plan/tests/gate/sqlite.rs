//! SQLite in memory, with the encodings the runtime uses.

use chrono::{DateTime, NaiveDate, NaiveTime};
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params_from_iter};
use rust_decimal::Decimal;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::value::Value;
use trellis_plan::records::insert;
use trellis_plan::tables::system::create_system_tables;
use trellis_plan::tables::{Layout, diff, render};
use trellis_plan::{Arguments, Dialect, Statement};
use uuid::Uuid;

use crate::world::World;

pub struct Sqlite(Connection);

impl Sqlite {
    /// The world's tables and rows.
    pub fn open(world: &World) -> Self {
        let sqlite = Self(Connection::open_in_memory().unwrap());
        let nothing = Arguments::slots(&[]);
        for statement in create_system_tables(Dialect::Sqlite) {
            sqlite.run(&statement, &nothing);
        }
        for step in diff(&Layout::default(), &Layout::of(&world.snapshot)) {
            for statement in render(&step, Dialect::Sqlite) {
                sqlite.run(&statement, &nothing);
            }
        }
        for object in &world.snapshot.objects {
            let verb = trellis_metadata::snapshot::Verb::Create;
            let grant = trellis_access::Grant::system(object.index, verb, object.fields.len());
            let statement = insert(&world.snapshot, Dialect::Sqlite, &grant, 1).unwrap();
            for record in world.of(object.index) {
                sqlite.run(&statement, &Arguments::slots(&record.values));
            }
        }
        for (table, pairs) in [("_manager_closure", &world.managers), ("_unit_closure", &world.units)] {
            for (above, below) in pairs {
                let sql = format!("INSERT INTO {table} (above, below, depth) VALUES (?, ?, 0)");
                sqlite.0.execute(&sql, [above.as_bytes(), below.as_bytes()]).unwrap();
            }
        }
        sqlite
    }

    pub fn run(&self, statement: &Statement, arguments: &Arguments<'_>) -> Vec<Vec<Value>> {
        let mut prepared = self.0.prepare_cached(&statement.sql).unwrap_or_else(|e| panic!("{e}: {}", statement.sql));
        assert_eq!(prepared.parameter_count(), statement.binds.len(), "{}", statement.sql);
        let binds = statement.binds.iter().map(|bind| encode(&arguments.resolve(&bind.source), bind.kind));
        let mut rows = prepared.query(params_from_iter(binds)).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap_or_else(|e| panic!("{e}: {}", statement.sql)) {
            let cell = |(index, kind): (usize, &ColumnKind)| decode(row.get_ref(index).unwrap(), *kind);
            found.push(statement.columns.iter().enumerate().map(cell).collect());
        }
        found
    }
}

fn encode(value: &Value, kind: ColumnKind) -> Sql {
    match (kind, value) {
        (_, Value::Null) => Sql::Null,
        (ColumnKind::Text, Value::Text(text)) => Sql::Text(text.to_string()),
        (ColumnKind::Integer | ColumnKind::Duration, Value::Integer(n)) => Sql::Integer(*n),
        (ColumnKind::Decimal { scale }, Value::Decimal(d)) => {
            let mut scaled = *d;
            scaled.rescale(u32::from(scale));
            assert!(scaled == *d && scaled.mantissa().abs() < 10_i128.pow(18), "{d} does not fit scale {scale}");
            Sql::Integer(i64::try_from(scaled.mantissa()).unwrap())
        }
        (ColumnKind::Boolean, Value::Boolean(b)) => Sql::Integer(i64::from(*b)),
        (ColumnKind::Date, Value::Date(d)) => Sql::Text(d.to_string()),
        (ColumnKind::DateTime, Value::DateTime(t)) => Sql::Integer(t.timestamp_micros()),
        (ColumnKind::Time, Value::Time(t)) => Sql::Text(t.format("%H:%M:%S").to_string()),
        (ColumnKind::Id, Value::Id(id)) => Sql::Blob(id.as_bytes().to_vec()),
        (ColumnKind::Json, json) => Sql::Text(json.to_json().to_string()),
        (kind, value) => panic!("{value:?} bound as {kind:?}"),
    }
}

fn decode(cell: ValueRef<'_>, kind: ColumnKind) -> Value {
    match (kind, cell) {
        (_, ValueRef::Null) => Value::Null,
        (ColumnKind::Text, cell) => Value::text(cell.as_str().unwrap()),
        (ColumnKind::Integer | ColumnKind::Duration, cell) => Value::Integer(cell.as_i64().unwrap()),
        (ColumnKind::Decimal { scale }, cell) => Value::Decimal(Decimal::new(cell.as_i64().unwrap(), u32::from(scale))),
        (ColumnKind::Boolean, cell) => Value::Boolean(cell.as_i64().unwrap() == 1),
        (ColumnKind::Date, cell) => Value::Date(cell.as_str().unwrap().parse::<NaiveDate>().unwrap()),
        (ColumnKind::DateTime, cell) => {
            Value::DateTime(DateTime::from_timestamp_micros(cell.as_i64().unwrap()).unwrap())
        }
        (ColumnKind::Time, cell) => Value::Time(cell.as_str().unwrap().parse::<NaiveTime>().unwrap()),
        (ColumnKind::Id, cell) => Value::Id(Uuid::from_slice(cell.as_blob().unwrap()).unwrap()),
        (ColumnKind::Json, cell) => {
            let codes: Vec<String> = serde_json::from_str(cell.as_str().unwrap()).unwrap();
            Value::List(codes.iter().map(Value::text).collect::<Vec<_>>().into())
        }
    }
}
