//! A small company: its objects, and rows drawn at random with many nulls, equal values and deleted records.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{
    Field, FieldIndex, FieldKind, Object, ObjectIndex, OnDelete, OptionSet, Relation, Snapshot, TextRule,
    platform_object, system_field,
};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::random::Random;

pub const USER: ObjectIndex = platform_object::USER;
pub const UNIT: ObjectIndex = platform_object::ORG_UNIT;
pub const ACCOUNT: ObjectIndex = ObjectIndex(2);
pub const DEAL: ObjectIndex = ObjectIndex(3);
pub const LINE: ObjectIndex = ObjectIndex(4);

pub fn snapshot() -> Snapshot {
    let field = |name: &str, kind, column| Field::plain(name, kind, column).unwrap();
    let text = |name: &str| field(name, FieldKind::LongText(TextRule::default()), ColumnKind::Text);
    let column = |name: &str, column| field(name, FieldKind::Json, column);
    let relation = |target, collection: &str| Relation {
        target,
        collection: Identifier::new(collection).unwrap(),
        on_delete: OnDelete::Restrict,
    };
    let lookup =
        |name: &str, target, back: &str| field(name, FieldKind::Lookup(relation(target, back)), ColumnKind::Id);
    let tags = FieldKind::MultiChoice(OptionSet { options: Vec::new() }.into());
    let object = |index, name: &str, fields| Object::plain(index, name, fields).unwrap();
    Snapshot::plain(vec![
        object(USER, "user", vec![text("name")]),
        object(UNIT, "org_unit", vec![text("name")]),
        object(
            ACCOUNT,
            "account",
            vec![text("name"), column("score", ColumnKind::Decimal { scale: 2 }), lookup("parent", ACCOUNT, "subs")],
        ),
        object(
            DEAL,
            "deal",
            vec![
                lookup("account", ACCOUNT, "deals"),
                text("stage"),
                column("amount", ColumnKind::Decimal { scale: 2 }),
                column("rate", ColumnKind::Decimal { scale: 4 }),
                column("count", ColumnKind::Integer),
                column("open", ColumnKind::Boolean),
                column("due", ColumnKind::Date),
                column("at", ColumnKind::DateTime),
                column("hour", ColumnKind::Time),
                column("effort", ColumnKind::Duration),
                field("tags", tags, ColumnKind::Json),
            ],
        ),
        object(
            LINE,
            "line",
            vec![
                field("deal", FieldKind::MasterDetail(relation(DEAL, "lines")), ColumnKind::Id),
                column("quantity", ColumnKind::Integer),
                text("note"),
            ],
        ),
    ])
}

/// Texts close enough to be confused by a wrong collation or a wrong pattern.
pub const TEXTS: [&str; 12] = ["", "a", "A", "ab", "aB", "a%b", "a_b", "a*b", "[a]", "é", "É", "a\\b"];
pub const CODES: [&str; 3] = ["red", "green", "Red"];

#[derive(Clone, Debug)]
pub struct Record {
    pub object: ObjectIndex,
    /// By field position.
    pub values: Vec<Value>,
}

impl Record {
    pub fn id(&self) -> Uuid {
        self.values[system_field::ID.0].as_id().unwrap()
    }

    pub fn is_live(&self) -> bool {
        self.values[system_field::DELETED_AT.0].is_null()
    }

    pub fn get(&self, field: FieldIndex) -> &Value {
        &self.values[field.0]
    }
}

pub struct World {
    pub snapshot: Snapshot,
    pub records: HashMap<Uuid, Record>,
    /// Ids per object in a stable order.
    pub ids: Vec<Vec<Uuid>>,
    /// (above, below), everyone above himself.
    pub managers: Vec<(Uuid, Uuid)>,
    pub units: Vec<(Uuid, Uuid)>,
}

impl World {
    pub fn draw(random: &mut Random) -> Self {
        let snapshot = snapshot();
        let counts = [4, 3, 5, 14, 18];
        let ids: Vec<Vec<Uuid>> = counts.iter().map(|count| (0..*count).map(|_| random.id()).collect()).collect();
        let mut records = HashMap::new();
        for object in &snapshot.objects {
            for id in &ids[object.index.0] {
                records.insert(*id, record(object, *id, &ids, random));
            }
        }
        let closure = |ids: &[Uuid]| {
            let mut pairs: Vec<(Uuid, Uuid)> = ids.iter().map(|id| (*id, *id)).collect();
            pairs.extend(ids.windows(2).map(|pair| (pair[0], pair[1])));
            pairs
        };
        let (managers, units) = (closure(&ids[USER.0]), closure(&ids[UNIT.0]));
        Self { snapshot, records, ids, managers, units }
    }

    pub fn of(&self, object: ObjectIndex) -> impl Iterator<Item = &Record> {
        self.ids[object.0].iter().map(|id| &self.records[id])
    }
}

fn record(object: &Object, id: Uuid, ids: &[Vec<Uuid>], random: &mut Random) -> Record {
    let mut values: Vec<Value> = object
        .fields
        .iter()
        .map(|field| {
            let target = field.kind.relation().map(|relation| relation.target);
            match target {
                _ if random.one_in(6) => Value::Null,
                Some(target) => Value::Id(*random.pick(&ids[target.0])),
                None => value(field.column, random),
            }
        })
        .collect();
    values[system_field::ID.0] = Value::Id(id);
    values[system_field::VERSION.0] = Value::Integer(random.below(3) as i64 + 1);
    values[system_field::CREATED_AT.0] = Value::DateTime(instant(random));
    values[system_field::UPDATED_AT.0] = Value::DateTime(instant(random));
    let deleted = random.one_in(6);
    values[system_field::DELETED_AT.0] = if deleted { Value::DateTime(instant(random)) } else { Value::Null };
    Record { object: object.index, values }
}

/// A value the column can hold.
pub fn value(kind: ColumnKind, random: &mut Random) -> Value {
    match kind {
        ColumnKind::Text => Value::text(random.pick(&TEXTS)),
        ColumnKind::Integer => {
            Value::Integer(*random.pick(&[0, 1, -1, 2, 100, i64::MAX, i64::MIN, 999_999_999_999_999_999]))
        }
        ColumnKind::Decimal { scale } => {
            let units = *random.pick(&[0, 1, -1, 50, 100, 10_000, -10_000, 20_000, 999_999_999_999_999_999]);
            Value::Decimal(Decimal::new(units, u32::from(scale)))
        }
        ColumnKind::Boolean => Value::Boolean(random.one_in(2)),
        ColumnKind::Date => Value::Date(date(random)),
        ColumnKind::DateTime => Value::DateTime(instant(random)),
        ColumnKind::Time => Value::Time(NaiveTime::from_hms_opt(random.below(3) as u32 + 8, 0, 0).unwrap()),
        ColumnKind::Duration => Value::Integer(*random.pick(&[0, 1, 60, 5_400, 999_999_999_999])),
        ColumnKind::Id => Value::Id(random.id()),
        ColumnKind::Json => {
            let codes = CODES.iter().filter(|_| random.one_in(2));
            Value::List(codes.map(Value::text).collect::<Vec<_>>().into())
        }
    }
}

pub fn date(random: &mut Random) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, random.below(4) as u32 + 26 - 24).unwrap()
}

pub fn instant(random: &mut Random) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(random.below(5) as i64 * 500_000 - 1_000_000).unwrap()
}
