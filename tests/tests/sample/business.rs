//! The sample business held in memory as the packages describe it: typed values, formulas and roll-ups worked out, and
//! what expressions and predicates may ask about each record.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use trellis_access::Actor;
use trellis_metadata::document::DocumentSet;
use trellis_metadata::expression::{ActorAttribute, Facts, FieldPath, Root, evaluate, is_true};
use trellis_metadata::field_type;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::Locale;
use trellis_metadata::predicate::{Predicate, Scope, holds};
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::{
    DefaultValue, FieldIndex, FieldKind, ObjectIndex, Rollup, RollupFunction, Snapshot, platform_object, system_field,
};
use trellis_metadata::value::Value;
use trellis_sample::{Dataset, Known, Row, Size, dataset};
use uuid::Uuid;

pub type Record = Vec<Value>;

pub struct Business {
    pub snapshot: Snapshot,
    pub data: Dataset,
    pub today: NaiveDate,
    /// By object, in the order they were made.
    pub records: Vec<Vec<Record>>,
    places: HashMap<Uuid, (ObjectIndex, usize)>,
    /// What a row holds that its field does not take.
    pub refused: Vec<String>,
}

impl Business {
    pub fn load(size: Size, today: NaiveDate) -> Self {
        let snapshot = packages();
        let records = snapshot.objects.iter().map(|_| Vec::new()).collect();
        let data = dataset(size, today, Known::default());
        let mut business = Self { snapshot, data, today, records, places: HashMap::new(), refused: Vec::new() };
        business.add_people();
        for table in business.data.tables.clone() {
            let object = business.snapshot.object_by_name(table.object).unwrap().index;
            for row in table.rows() {
                business.add(object, &row);
            }
        }
        business.compute();
        business
    }

    fn add_people(&mut self) {
        let organisation = self.data.organisation.clone();
        for unit in &organisation.units {
            let row = serde_json::json!({ "id": unit.id, "code": unit.code, "name": unit.name, "parent": unit.parent, "org_unit_id": unit.id });
            self.add(platform_object::ORG_UNIT, row.as_object().unwrap());
        }
        for user in &organisation.users {
            let row = serde_json::json!({ "id": user.id, "name": user.name, "email": user.email, "org_unit": user.unit, "manager": user.manager,
                "locale": user.locale, "time_zone": user.time_zone, "owner_id": user.id, "org_unit_id": user.unit });
            self.add(platform_object::USER, row.as_object().unwrap());
        }
    }

    fn add(&mut self, object: ObjectIndex, row: &Row) {
        let model = self.snapshot.object(object);
        let mut record = vec![Value::Null; model.fields.len()];
        for field in &model.fields {
            if let Some(DefaultValue::Value(value)) = &field.default {
                record[field.index.0] = value.clone();
            }
        }
        for (name, value) in row {
            let Some(field) = model.field_by_name(name) else {
                self.refused.push(format!("{}.{name} is no field", model.name));
                continue;
            };
            let own = matches!(field.index, system_field::ID | system_field::OWNER_ID | system_field::ORG_UNIT_ID);
            if !field.writable() && !own {
                self.refused.push(format!("{}.{name} is kept by the runtime", model.name));
            }
            match field_type::check(field, value) {
                Ok(value) => record[field.index.0] = value,
                Err(error) => self.refused.push(format!("{}.{name} = {value}: {error:?}", model.name)),
            }
        }
        for field in model.fields.iter().filter(|field| field.required && record[field.index.0].is_null()) {
            self.refused.push(format!("{}.{} is missing", model.name, field.name));
        }
        let id = record[system_field::ID.0].as_id().unwrap();
        self.places.insert(id, (object, self.records[object.0].len()));
        self.records[object.0].push(record);
    }

    /// Formulas and roll-ups, inputs before users.
    fn compute(&mut self) {
        for (object, field) in self.snapshot.computed_order.clone() {
            let kind = self.snapshot.field(object, field).kind.clone();
            for at in 0..self.records[object.0].len() {
                let record = &self.records[object.0][at];
                let value = match &kind {
                    FieldKind::Formula(formula) => {
                        let value = evaluate(&formula.expression, &self.facts(record, None));
                        rounded(value, u32::from(formula.scale))
                    }
                    FieldKind::Rollup(rollup) => self.rollup(rollup, record[system_field::ID.0].as_id()),
                    _ => continue,
                };
                self.records[object.0][at][field.0] = value;
            }
        }
    }

    fn rollup(&self, rollup: &Rollup, parent: Option<Uuid>) -> Value {
        let children = self.records[rollup.object.0].iter().filter(|child| {
            child[rollup.via.0].as_id() == parent
                && rollup.filter.as_ref().is_none_or(|filter| is_true(filter, &self.facts(child, None)))
        });
        match (rollup.function, rollup.field) {
            (RollupFunction::Sum, Some(field)) => {
                Value::Decimal(children.filter_map(|child| child[field.0].as_decimal()).sum::<Decimal>())
            }
            (RollupFunction::Count, _) => Value::Integer(children.count() as i64),
            (function, _) => unimplemented!("the sample has no {function:?}"),
        }
    }

    pub fn facts<'b>(&'b self, record: &'b [Value], actor: Option<&'b Actor>) -> RecordFacts<'b> {
        RecordFacts { business: self, record, actor }
    }

    pub fn actor(&self, email: &str) -> Actor {
        let user = self.data.organisation.users.iter().find(|user| user.email == email).unwrap();
        let mut roles: Vec<Identifier> = user.roles.iter().map(|role| Identifier::new(role).unwrap()).collect();
        roles.sort();
        Actor {
            user: user.id.parse().unwrap(),
            name: user.name.clone(),
            email: user.email.clone(),
            org_unit: Some(user.unit.parse().unwrap()),
            roles,
            locale: Locale::ZhCn,
            time_zone: chrono_tz::Asia::Shanghai,
        }
    }

    fn find(&self, id: Uuid) -> Option<&Record> {
        let (object, at) = *self.places.get(&id)?;
        Some(&self.records[object.0][at])
    }

    /// Is `below` reached from itself or from what `via` of it points at, and so on.
    fn is_above(&self, object: ObjectIndex, via: &str, above: Option<Uuid>, below: Option<Uuid>) -> bool {
        let via = self.snapshot.object(object).field_by_name(via).unwrap().index;
        let mut at = below;
        while at.is_some() && at != above {
            at = at.and_then(|id| self.find(id)).and_then(|record| record[via.0].as_id());
        }
        at.is_some()
    }
}

fn rounded(value: Value, scale: u32) -> Value {
    match value {
        Value::Decimal(number) => {
            Value::Decimal(number.round_dp_with_strategy(scale, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
        }
        other => other,
    }
}

pub fn packages() -> Snapshot {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metadata/templates");
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    resolve(&DocumentSet::parse(files).0, 1).snapshot.unwrap()
}

pub struct RecordFacts<'b> {
    business: &'b Business,
    record: &'b [Value],
    actor: Option<&'b Actor>,
}

impl RecordFacts<'_> {
    fn system(&self, field: FieldIndex) -> Option<Uuid> {
        self.record[field.0].as_id()
    }
}

impl Facts for RecordFacts<'_> {
    fn field(&self, root: Root, path: &FieldPath) -> Value {
        if root == Root::Previous {
            return Value::Null;
        }
        let (last, way) = path.steps.split_last().unwrap();
        let mut record = self.record;
        for step in way {
            let Some(next) = record[step.0].as_id().and_then(|id| self.business.find(id)) else {
                return Value::Null;
            };
            record = next;
        }
        record[last.0].clone()
    }

    fn present(&self, root: Root) -> bool {
        root == Root::Record
    }

    fn actor(&self, attribute: ActorAttribute) -> Value {
        let Some(actor) = self.actor else { return Value::Null };
        match attribute {
            ActorAttribute::Id => Value::Id(actor.user),
            ActorAttribute::OrgUnitId => actor.org_unit.map_or(Value::Null, Value::Id),
            ActorAttribute::Name => Value::text(&actor.name),
            ActorAttribute::Email => Value::text(&actor.email),
        }
    }

    fn has_role(&self, role: &str) -> bool {
        self.actor.is_some_and(|actor| actor.has_role(role))
    }

    fn today(&self) -> NaiveDate {
        self.business.today
    }

    fn now(&self) -> DateTime<Utc> {
        self.business.today.and_hms_opt(12, 0, 0).unwrap().and_utc()
    }

    fn in_scope(&self, scope: Scope) -> bool {
        let Some(actor) = self.actor else { return false };
        let (owner, unit) = (self.system(system_field::OWNER_ID), self.system(system_field::ORG_UNIT_ID));
        match scope {
            Scope::Own => owner == Some(actor.user),
            Scope::Subordinates => self.business.is_above(platform_object::USER, "manager", Some(actor.user), owner),
            Scope::Unit => unit == actor.org_unit,
            Scope::UnitAndBelow => self.business.is_above(platform_object::ORG_UNIT, "parent", actor.org_unit, unit),
        }
    }

    fn has_child(&self, object: ObjectIndex, via: FieldIndex, where_: &Predicate) -> bool {
        let id = self.system(system_field::ID);
        self.business.records[object.0].iter().any(|child| {
            child[via.0].as_id() == id && holds(where_, &RecordFacts { record: child, ..*self }) == Some(true)
        })
    }

    fn parent(&self, via: FieldIndex, _: ObjectIndex, where_: &Predicate) -> bool {
        let Some(record) = self.record[via.0].as_id().and_then(|id| self.business.find(id)) else { return false };
        holds(where_, &RecordFacts { record, ..*self }) == Some(true)
    }

    fn below(&self, via: FieldIndex, _: ObjectIndex, above: FieldIndex, where_: &Predicate) -> bool {
        let find =
            |record: &[Value], lookup: FieldIndex| record[lookup.0].as_id().and_then(|id| self.business.find(id));
        let way = std::iter::successors(find(self.record, via), |record| find(record, above));
        way.take(100).any(|record| holds(where_, &RecordFacts { record, ..*self }) == Some(true))
    }
}
