//! Random policies × rows × users: what SQL returns is what the rules mean, row for row and cell for cell, in order;
//! every page continues where the one before ended; more grants never hide, a deny never shows.

#![allow(clippy::unwrap_used, reason = "a test")]

mod memory;
mod policy;
mod random;
mod sqlite;
mod world;

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use trellis_access::{Grant, Profile};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::FieldPath;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{Effect, FieldIndex, ObjectIndex, Snapshot, Verb, system_field};
use trellis_metadata::value::Value;
use trellis_plan::records::{Context, IdSlots, count, get, select, select_by_ids, totals};
use trellis_plan::request::{
    Bucket, Embed, EmbedRelation, Having, Measure, OrderKey, SelectColumn, SelectRequest, TotalColumn, TotalSource,
    TotalsRequest, Trash,
};
use trellis_plan::{Arguments, Cell, CellError, Dialect, Error, Row};
use uuid::Uuid;

use memory::{NAME, Person};
use policy::Vocabulary;
use random::Random;
use sqlite::Sqlite;
use world::{ACCOUNT, DEAL, LINE, UNIT, USER, World};

const WORLDS: u64 = 60;
const CASES_PER_WORLD: u64 = 50;

fn request(object: ObjectIndex, fields: &[FieldIndex], filter: Predicate, order: Vec<OrderKey>) -> SelectRequest {
    SelectRequest {
        object,
        columns: fields.iter().map(|field| SelectColumn { field: *field, name: format!("f{}", field.0) }).collect(),
        embeds: Vec::new(),
        filter,
        order,
        limit: 1_000,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    }
}

/// One case: a person, his profile, and the database to ask.
struct Asked<'w> {
    seed: u64,
    sqlite: &'w Sqlite,
    snapshot: &'w Snapshot,
    profile: Profile,
    person: Person<'w>,
}

impl Asked<'_> {
    fn context(&self) -> Context<'_> {
        Context { snapshot: self.snapshot, dialect: Dialect::Sqlite, profile: &self.profile }
    }

    fn arguments<'s>(&self, slots: &'s [Value]) -> Arguments<'s> {
        Arguments {
            actor_id: self.person.user,
            org_unit_id: self.person.unit,
            actor_name: NAME,
            actor_email: NAME,
            today: self.person.today,
            now: self.person.now,
            slots,
        }
    }

    fn readable(&self, grant: &Grant) -> Vec<FieldIndex> {
        let fields = &self.snapshot.object(grant.object()).fields;
        fields.iter().map(|field| field.index).filter(|field| grant.covers(*field)).collect()
    }

    /// The list of one object under a random filter and order, and everything that must follow from it.
    fn check(&self, object: ObjectIndex, random: &mut Random) -> bool {
        let Some(grant) = self.profile.grant(object, Verb::Read) else {
            assert!(self.person.select(object, &Predicate::Always(true), &[]).is_empty(), "seed {}", self.seed);
            return false;
        };
        let fields = self.readable(grant);
        let vocabulary = Vocabulary { snapshot: self.snapshot, rule: false };
        let order = vocabulary.order(object, &fields, random);
        let request = (0..8)
            .map(|_| request(object, &fields, vocabulary.condition(object, 2, random), order.clone()))
            .chain([request(object, &fields, Predicate::Always(true), order.clone())])
            .find(|request| match select(self.context(), grant, request) {
                Ok(_) => true,
                Err(Error::HiddenField { .. } | Error::HiddenObject { .. }) => false,
                Err(other) => panic!("seed {}: {other}", self.seed),
            })
            .unwrap();
        let rows = self.list(grant, &request);
        let expected: Vec<Vec<Value>> = self
            .person
            .select(object, &request.filter, &order)
            .iter()
            .map(|record| fields.iter().map(|field| self.person.cell(record, *field)).collect())
            .collect();
        assert_eq!(
            rows, expected,
            "seed {}: {:?}\n{:?}\n{:?}",
            self.seed, request.filter, request.order, self.snapshot.roles
        );
        self.check_count(grant, &request, rows.len());
        self.check_totals(grant, &fields, &request, random);
        if rows.len() > 1 {
            self.check_pages(grant, &request, &rows, 1 + random.below(rows.len() - 1));
        }
        self.check_get(grant, object, &fields, random);
        !rows.is_empty()
    }

    fn list(&self, grant: &Grant, request: &SelectRequest) -> Vec<Vec<Value>> {
        let plan = select(self.context(), grant, request).unwrap();
        let rows = self.sqlite.run(&plan.statement, &self.arguments(&[]));
        let output = |row: &Vec<Value>| plan.columns.iter().map(|column| row[column.index].clone()).collect();
        rows.iter().map(output).collect()
    }

    fn check_count(&self, grant: &Grant, request: &SelectRequest, expected: usize) {
        let statement = count(self.context(), grant, request).unwrap();
        let rows = self.sqlite.run(&statement, &self.arguments(&[]));
        assert_eq!(rows, [[Value::Integer(expected as i64)]], "seed {}", self.seed);
    }

    /// A page of `limit` and the continuation after it make up the whole.
    fn check_pages(&self, grant: &Grant, request: &SelectRequest, whole: &[Vec<Value>], limit: usize) {
        let first = SelectRequest { limit: limit as u32, ..request.clone() };
        let plan = select(self.context(), grant, &first).unwrap();
        let rows = self.sqlite.run(&plan.statement, &self.arguments(&[]));
        let last = rows.last().unwrap();
        let after = plan.keys.iter().map(|(index, _)| last[*index].clone()).collect();
        let rest = self.list(grant, &SelectRequest { after: Some(after), ..request.clone() });
        let skipped = self.list(grant, &SelectRequest { offset: limit as u32, ..request.clone() });
        assert_eq!(self.list(grant, &first), whole[..limit], "seed {}", self.seed);
        assert_eq!(rest, whole[limit..], "seed {}: {:?}", self.seed, request.order);
        assert_eq!(skipped, whole[limit..], "seed {}", self.seed);
    }

    /// Groups by one field, what is in each told a second time in memory.
    fn check_totals(&self, grant: &Grant, fields: &[FieldIndex], request: &SelectRequest, random: &mut Random) {
        let object = self.snapshot.object(request.object);
        let column = |field: FieldIndex| object.field(field).column;
        let plain: Vec<FieldIndex> =
            fields.iter().copied().filter(|field| column(*field) != ColumnKind::Json).collect();
        let key = *random.pick(&plain);
        let numbers = |field: &FieldIndex| matches!(column(*field), ColumnKind::Integer | ColumnKind::Decimal { .. });
        let number = fields.iter().copied().find(numbers);
        let bucket = matches!(column(key), ColumnKind::Date | ColumnKind::DateTime)
            .then(|| *random.pick(&[Bucket::Day, Bucket::Week, Bucket::Month, Bucket::Quarter, Bucket::Year]));
        let path = FieldPath { object: request.object, steps: vec![key] };
        let mut sources =
            vec![TotalSource::Group { path, bucket }, TotalSource::Count(None), TotalSource::Count(Some(key))];
        sources.extend(number.map(|field| TotalSource::Measure { function: Measure::Sum, field }));
        let totals_request = TotalsRequest {
            object: request.object,
            columns: sources.into_iter().map(|source| TotalColumn { name: String::new(), source }).collect(),
            filter: request.filter.clone(),
            having: Having::Always,
            order: Vec::new(),
            limit: 1_000,
            offset: 0,
        };
        let plan = match totals(self.context(), grant, &totals_request) {
            Ok(plan) => plan,
            // Readable, but not to be asked about.
            Err(Error::HiddenField { .. }) => return,
            Err(other) => panic!("seed {}: {other}", self.seed),
        };
        let rows = self.sqlite.run(&plan.statement, &self.arguments(&[]));
        let found = totals_request.arrange(rows.iter().map(|row| plan.read(&Stored(row)).unwrap()).collect());

        let mut groups: Vec<(Value, i64, i64, Option<Decimal>)> = Vec::new();
        for record in self.person.select(request.object, &request.filter, &[]) {
            let value = self.person.cell(record, key);
            let known = i64::from(!value.is_null());
            let value = bucket.map_or(value.clone(), |bucket| bucketed(&value, bucket));
            let amount = number.and_then(|field| self.person.cell(record, field).as_decimal());
            let at = groups.iter().position(|group| group.0 == value).unwrap_or_else(|| {
                groups.push((value, 0, 0, None));
                groups.len() - 1
            });
            let group = &mut groups[at];
            (group.1, group.2) = (group.1 + 1, group.2 + known);
            group.3 = [group.3, amount].into_iter().flatten().reduce(|a, b| a + b);
        }
        let expected = groups.into_iter().map(|(value, count, known, sum)| {
            let mut row = vec![value, Value::Integer(count), Value::Integer(known)];
            row.extend(number.map(|_| sum.map_or(Value::Null, Value::Decimal)));
            row
        });
        let expected = totals_request.arrange(expected.collect());
        let same =
            |a: &Value, b: &Value| (a.is_null() && b.is_null()) || a.compare(b) == Some(std::cmp::Ordering::Equal);
        let equal = found.len() == expected.len()
            && found.iter().flatten().zip(expected.iter().flatten()).all(|(a, b)| same(a, b));
        assert!(equal, "seed {}: {found:?}\n{expected:?}\n{totals_request:?}", self.seed);
    }

    fn check_get(&self, grant: &Grant, object: ObjectIndex, fields: &[FieldIndex], random: &mut Random) {
        let id = *random.pick(&self.person.world.ids[object.0]);
        let record = &self.person.world.records[&id];
        let plan = get(self.context(), grant, &request(object, fields, Predicate::Always(true), Vec::new())).unwrap();
        let found = self.sqlite.run(&plan.statement, &self.arguments(&[Value::Id(id)]));
        assert_eq!(found.len() == 1, record.is_live() && self.person.sees(record), "seed {}", self.seed);
    }

    /// Deals with their lines (at most two, newest first) and their account; `!inner` on the lines.
    fn check_embeds(&self) -> bool {
        let field = |object: ObjectIndex, name: &str| self.snapshot.object(object).field_by_name(name).unwrap().index;
        let (via_deal, via_account) = (field(LINE, "deal"), field(DEAL, "account"));
        let grants = [ACCOUNT, DEAL, LINE].map(|object| self.profile.grant(object, Verb::Read));
        let [Some(account), Some(deal), Some(line)] = grants else { return false };
        if !line.covers(via_deal) || !deal.covers(via_account) || !line.covers(system_field::CREATED_AT) {
            return false;
        }
        let newest =
            OrderKey { field: system_field::CREATED_AT, descending: true, nulls: trellis_plan::request::Nulls::Last };
        let everything = Predicate::Always(true);
        let mut lines = request(LINE, &[system_field::ID], everything.clone(), vec![newest]);
        lines.limit = 2;
        let lines = Embed {
            name: "lines".into(),
            relation: EmbedRelation::Many { via: via_deal },
            request: lines.into(),
            count: None,
            inner: true,
        };
        let accounts = Embed {
            name: "account".into(),
            relation: EmbedRelation::One { via: via_account },
            request: request(ACCOUNT, &[system_field::ID], everything.clone(), Vec::new()).into(),
            count: None,
            inner: false,
        };
        let mut deals = request(DEAL, &[system_field::ID], everything.clone(), Vec::new());
        deals.embeds = vec![lines.clone(), accounts.clone()];
        let plan = select(self.context(), deal, &deals).unwrap();
        let rows = self.sqlite.run(&plan.statement, &self.arguments(&[]));
        let seen_lines = self.person.select(LINE, &everything, &[newest]);
        let mut expected: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for record in &seen_lines {
            if let Some(parent) = self.person.cell(record, via_deal).as_id() {
                expected.entry(parent).or_default().push(record.id());
            }
        }
        let inner = self.person.select(DEAL, &everything, &[]).into_iter().map(world::Record::id);
        let inner: Vec<Uuid> = inner.filter(|id| expected.contains_key(id)).collect();
        let ids = |index: usize| rows.iter().filter_map(|row| row[index].as_id()).collect::<Vec<Uuid>>();
        assert_eq!(ids(plan.id), inner, "seed {}", self.seed);

        let parents = ids(plan.embeds[0].index);
        let mut found: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for (parent, line) in self.related(line, &lines, &parents) {
            found.entry(parent).or_default().push(line);
        }
        for parent in &parents {
            let wanted = &expected[parent];
            assert_eq!(found[parent], wanted[..wanted.len().min(2)], "seed {}", self.seed);
        }
        let targets = ids(plan.embeds[1].index);
        let seen = |id: &Uuid| {
            let record = &self.person.world.records[id];
            record.is_live() && self.person.sees(record)
        };
        let mut wanted: Vec<Uuid> = targets.iter().copied().filter(seen).collect();
        let mut met: Vec<Uuid> = self.related(account, &accounts, &targets).into_iter().map(|(id, _)| id).collect();
        wanted.sort_unstable();
        wanted.dedup();
        met.sort_unstable();
        assert_eq!(met, wanted, "seed {}", self.seed);
        true
    }

    /// (matched id, row id)
    fn related(&self, grant: &Grant, embed: &Embed, ids: &[Uuid]) -> Vec<(Uuid, Uuid)> {
        let slots = IdSlots::for_count(ids.len());
        let plan = select_by_ids(self.context(), grant, embed, slots).unwrap();
        let rows = self.sqlite.run(&plan.statement, &self.arguments(&slots.fill(ids)));
        rows.iter().map(|row| (row[plan.keys[0].0].as_id().unwrap(), row[plan.id].as_id().unwrap())).collect()
    }

    /// Every non-null cell the profile shows.
    fn cells(&self) -> Vec<(Uuid, FieldIndex)> {
        let mut cells = Vec::new();
        for object in [ACCOUNT, DEAL, LINE] {
            let Some(grant) = self.profile.grant(object, Verb::Read) else { continue };
            let fields = self.readable(grant);
            for row in self.list(grant, &request(object, &fields, Predicate::Always(true), Vec::new())) {
                let id = row[0].as_id().unwrap();
                cells
                    .extend(fields.iter().zip(&row).filter(|(_, cell)| !cell.is_null()).map(|(field, _)| (id, *field)));
            }
        }
        cells.sort_unstable();
        cells
    }
}

/// A row as it was read, cell by cell.
struct Stored<'r>(&'r [Value]);

impl Row for Stored<'_> {
    fn cell(&self, index: usize, kind: ColumnKind) -> Result<Cell<'_>, CellError> {
        Ok(match &self.0[index] {
            Value::Null => Cell::Null,
            Value::Boolean(b) => Cell::Boolean(*b),
            Value::Integer(n) => Cell::Integer(*n),
            Value::Decimal(d) => Cell::Decimal(*d),
            Value::Text(text) => Cell::Text(text),
            Value::Date(d) => Cell::Date(*d),
            Value::DateTime(at) => Cell::DateTime(*at),
            Value::Time(t) => Cell::Time(*t),
            Value::Id(id) => Cell::Id(*id),
            Value::List(_) | Value::Json(_) => return Err(CellError { index, kind }),
        })
    }
}

fn bucketed(value: &Value, bucket: Bucket) -> Value {
    let day = match value {
        Value::Date(day) => *day,
        Value::DateTime(at) => at.date_naive(),
        _ => return Value::Null,
    };
    let first = match bucket {
        Bucket::Day => Some(day),
        Bucket::Week => day.checked_sub_days(chrono::Days::new(u64::from(day.weekday().num_days_from_monday()))),
        Bucket::Month => day.with_day(1),
        Bucket::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Bucket::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    };
    first.map_or(Value::Null, Value::Date)
}

fn held(snapshot: &Snapshot, random: &mut Random) -> Vec<Identifier> {
    let mut names: Vec<Identifier> = snapshot.roles.iter().map(|role| role.name.clone()).collect();
    if random.one_in(3) {
        names.remove(random.below(names.len()));
    }
    names
}

/// The roles held, closed over inheritance; roles inherit earlier ones only.
fn closed<'s>(snapshot: &'s Snapshot, names: &[Identifier]) -> Vec<&'s trellis_metadata::snapshot::Role> {
    let mut held: Vec<bool> = snapshot.roles.iter().map(|role| names.contains(&role.name)).collect();
    for index in (0..held.len()).rev() {
        if held[index] {
            snapshot.roles[index].inherits.iter().for_each(|above| held[*above] = true);
        }
    }
    snapshot.roles.iter().zip(held).filter_map(|(role, held)| held.then_some(role)).collect()
}

fn asked<'w>(seed: u64, world: &'w World, sqlite: &'w Sqlite, names: &[Identifier], random: &mut Random) -> Asked<'w> {
    let some = |ids: &[Uuid], random: &mut Random| (!random.one_in(6)).then(|| *random.pick(ids));
    let person = Person {
        world,
        roles: closed(&world.snapshot, names),
        user: some(&world.ids[USER.0], random),
        unit: some(&world.ids[UNIT.0], random),
        today: world::date(random),
        now: world::instant(random),
    };
    Asked { seed, sqlite, snapshot: &world.snapshot, profile: Profile::compile(&world.snapshot, names), person }
}

#[test]
fn sql_returns_what_the_rules_mean() {
    let (mut with_rows, mut with_embeds) = (0, 0);
    for number in 0..WORLDS {
        let mut world = World::draw(&mut Random::new(number + 1));
        let sqlite = Sqlite::open(&world);
        for case in 0..CASES_PER_WORLD {
            let seed = number * CASES_PER_WORLD + case;
            let mut random = Random::new(seed + 1_000_000);
            let vocabulary = Vocabulary { snapshot: &world.snapshot, rule: true };
            let roles = (0..2).map(|index| vocabulary.role(index, &mut random)).collect();
            world.snapshot.roles = roles;
            let names = held(&world.snapshot, &mut random);
            let asked = asked(seed, &world, &sqlite, &names, &mut random);
            let object = [ACCOUNT, DEAL, LINE][case as usize % 3];
            with_rows += usize::from(asked.check(object, &mut random));
            with_embeds += usize::from(asked.check_embeds());
        }
    }
    assert!(with_rows > 500 && with_embeds > 100, "the cases are too poor: {with_rows} with rows, {with_embeds}");
}

#[test]
fn more_grants_never_hide_and_a_deny_never_shows() {
    for number in 0..WORLDS / 2 {
        let mut world = World::draw(&mut Random::new(number + 500));
        let sqlite = Sqlite::open(&world);
        for case in 0..10 {
            let seed = number * 10 + case;
            let mut random = Random::new(seed + 2_000_000);
            let vocabulary = Vocabulary { snapshot: &world.snapshot, rule: true };
            let roles = (0..2).map(|index| vocabulary.role(index, &mut random)).collect();
            let effect = if random.one_in(2) { Effect::Allow } else { Effect::Deny };
            let object = *random.pick(&[ACCOUNT, DEAL, LINE]);
            let more = vocabulary.rule(object, effect, &mut random);
            world.snapshot.roles = roles;
            let names: Vec<Identifier> = world.snapshot.roles.iter().map(|role| role.name.clone()).collect();
            let before = asked(seed, &world, &sqlite, &names, &mut Random::new(seed)).cells();
            world.snapshot.roles[1].grants.push(more);
            let after = asked(seed, &world, &sqlite, &names, &mut Random::new(seed)).cells();
            let (fewer, more) = if effect == Effect::Allow { (&before, &after) } else { (&after, &before) };
            assert!(fewer.iter().all(|cell| more.binary_search(cell).is_ok()), "seed {seed} {effect:?}");
        }
    }
}
