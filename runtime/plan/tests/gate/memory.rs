//! What the rules mean, told a second time without plans, profiles or SQL: straight from the role documents.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use trellis_metadata::expression::{ActorAttribute, Facts, FieldPath, Root};
use trellis_metadata::predicate::{self, Predicate, Scope};
use trellis_metadata::snapshot::{
    Effect, FieldIndex, FieldSet, GrantRule, ObjectIndex, Role, RowRule, Snapshot, platform_object, system_field,
};
use trellis_metadata::value::Value;
use trellis_plan::request::{Nulls, OrderKey};
use uuid::Uuid;

use crate::world::{Record, World};

/// Somebody with roles, at a moment.
pub struct Person<'w> {
    pub world: &'w World,
    pub roles: Vec<&'w Role>,
    pub user: Option<Uuid>,
    pub unit: Option<Uuid>,
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
}

pub const NAME: &str = "ab";

impl Person<'_> {
    fn snapshot(&self) -> &Snapshot {
        &self.world.snapshot
    }

    fn rules(&self, object: ObjectIndex, effect: Effect) -> impl Iterator<Item = &GrantRule> {
        let rules = self.roles.iter().flat_map(|role| &role.grants);
        rules.filter(move |rule| rule.object == object && rule.effect == effect)
    }

    fn rows_hold(&self, rule: &GrantRule, record: &Record) -> Option<bool> {
        match &rule.rows {
            RowRule::Predicate(rows) => predicate::holds(rows, &Sight { person: self, record, masked: false }),
            RowRule::Parent if rule.effect == Effect::Deny => Some(true),
            RowRule::Parent => {
                let via = self.snapshot().object(record.object).master?;
                let parent = record.get(via).as_id().and_then(|id| self.world.records.get(&id));
                Some(parent.is_some_and(|parent| parent.is_live() && self.sees(parent)))
            }
        }
    }

    /// A rule covers the row, and no deny of whole rows applies (or might).
    pub fn sees(&self, record: &Record) -> bool {
        if record.object.0 < platform_object::COUNT {
            return true;
        }
        let denied = self
            .rules(record.object, Effect::Deny)
            .any(|deny| matches!(deny.fields, FieldSet::All) && self.rows_hold(deny, record) != Some(false));
        !denied && self.rules(record.object, Effect::Allow).any(|rule| self.rows_hold(rule, record) == Some(true))
    }

    fn names(rule: &GrantRule, field: FieldIndex) -> bool {
        let always = matches!(field, system_field::ID | system_field::VERSION);
        match &rule.fields {
            FieldSet::All => true,
            FieldSet::Only(named) => named.contains(&field) || (always && rule.effect == Effect::Allow),
        }
    }

    /// One rule covers row and field, and no deny of either applies.
    pub fn cell(&self, record: &Record, field: FieldIndex) -> Value {
        let core = matches!(field, system_field::ID | system_field::VERSION);
        if record.object.0 < platform_object::COUNT {
            // What every member sees of users and units: the first own field is their name.
            let open = core || field.0 == system_field::COUNT;
            return if open { record.get(field).clone() } else { Value::Null };
        }
        let denied = !core
            && self
                .rules(record.object, Effect::Deny)
                .any(|deny| Self::names(deny, field) && self.rows_hold(deny, record) != Some(false));
        let covered = self
            .rules(record.object, Effect::Allow)
            .any(|rule| Self::names(rule, field) && self.rows_hold(rule, record) == Some(true));
        if covered && !denied && self.sees(record) { record.get(field).clone() } else { Value::Null }
    }

    /// The rows of a page without limit.
    pub fn select(&self, object: ObjectIndex, filter: &Predicate, order: &[OrderKey]) -> Vec<&Record> {
        let mut rows: Vec<&Record> = self
            .world
            .of(object)
            .filter(|record| record.is_live() && self.sees(record))
            .filter(|record| predicate::holds(filter, &Sight { person: self, record, masked: true }) == Some(true))
            .collect();
        rows.sort_by(|a, b| {
            let keys = order.iter().map(|key| ordered(key, &self.cell(a, key.field), &self.cell(b, key.field)));
            keys.fold(Ordering::Equal, Ordering::then).then_with(|| a.id().cmp(&b.id()))
        });
        rows
    }

    fn in_closure(pairs: &[(Uuid, Uuid)], above: Option<Uuid>, below: Option<Uuid>) -> bool {
        above.zip(below).is_some_and(|pair| pairs.contains(&pair))
    }
}

fn ordered(key: &OrderKey, a: &Value, b: &Value) -> Ordering {
    let nulls = |null_first: Ordering| if key.nulls == Nulls::First { null_first } else { null_first.reverse() };
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => nulls(Ordering::Less),
        (false, true) => nulls(Ordering::Greater),
        (false, false) => {
            let order = a.compare(b).unwrap();
            if key.descending { order.reverse() } else { order }
        }
    }
}

/// One record, raw or as the person sees it.
struct Sight<'p> {
    person: &'p Person<'p>,
    record: &'p Record,
    masked: bool,
}

impl Sight<'_> {
    fn read(&self, record: &Record, field: FieldIndex) -> Value {
        if self.masked { self.person.cell(record, field) } else { record.get(field).clone() }
    }

    /// A live record, if it may be seen.
    fn follow(&self, id: &Value) -> Option<&Record> {
        let record = self.person.world.records.get(&id.as_id()?)?;
        (record.is_live() && (!self.masked || self.person.sees(record))).then_some(record)
    }
}

impl Facts for Sight<'_> {
    fn field(&self, _: Root, path: &FieldPath) -> Value {
        let (last, steps) = path.steps.split_last().unwrap();
        let mut record = self.record;
        for step in steps {
            match self.follow(&self.read(record, *step)) {
                Some(next) => record = next,
                None => return Value::Null,
            }
        }
        self.read(record, *last)
    }

    fn present(&self, root: Root) -> bool {
        root == Root::Record
    }

    fn actor(&self, attribute: ActorAttribute) -> Value {
        match attribute {
            ActorAttribute::Id => self.person.user.map_or(Value::Null, Value::Id),
            ActorAttribute::OrgUnitId => self.person.unit.map_or(Value::Null, Value::Id),
            ActorAttribute::Name | ActorAttribute::Email => Value::text(NAME),
        }
    }

    fn has_role(&self, name: &str) -> bool {
        self.person.roles.iter().any(|role| role.name.as_str() == name)
    }

    fn today(&self) -> NaiveDate {
        self.person.today
    }

    fn now(&self) -> DateTime<Utc> {
        self.person.now
    }

    fn in_scope(&self, scope: Scope) -> bool {
        let person = self.person;
        let owner = self.record.get(system_field::OWNER_ID).as_id();
        let unit = self.record.get(system_field::ORG_UNIT_ID).as_id();
        match scope {
            Scope::Own => owner.is_some() && owner == person.user,
            Scope::Unit => unit.is_some() && unit == person.unit,
            Scope::Subordinates => Person::in_closure(&person.world.managers, person.user, owner),
            Scope::UnitAndBelow => Person::in_closure(&person.world.units, person.unit, unit),
        }
    }

    fn has_child(&self, object: ObjectIndex, via: FieldIndex, where_: &Predicate) -> bool {
        self.person.world.of(object).any(|child| {
            child.is_live()
                && (!self.masked || self.person.sees(child))
                && self.read(child, via).as_id() == Some(self.record.id())
                && predicate::holds(where_, &Sight { record: child, ..*self }) == Some(true)
        })
    }

    fn parent(&self, via: FieldIndex, _: ObjectIndex, where_: &Predicate) -> bool {
        let parent = self.follow(&self.read(self.record, via));
        parent.is_some_and(|record| predicate::holds(where_, &Sight { record, ..*self }) == Some(true))
    }

    fn below(&self, via: FieldIndex, _: ObjectIndex, above: FieldIndex, where_: &Predicate) -> bool {
        let mut passed = Vec::new();
        let mut next = self.follow(&self.read(self.record, via));
        while let Some(record) = next.filter(|record| !passed.contains(&record.id())) {
            if predicate::holds(where_, &Sight { record, ..*self }) == Some(true) {
                return true;
            }
            passed.push(record.id());
            next = self.follow(&self.read(record, above));
        }
        false
    }
}
