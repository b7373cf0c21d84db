//! Conditions, roles and requests drawn at random.

use rust_decimal::Decimal;
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::{ActorAttribute, FieldPath};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::Label;
use trellis_metadata::predicate::{Case, CompareOp, Operand, Predicate, Scope};
use trellis_metadata::snapshot::{
    Effect, FieldIndex, FieldSet, GrantRule, ObjectIndex, Role, RowRule, Snapshot, Verb, system_field,
};
use trellis_metadata::value::Value;
use trellis_plan::request::{Nulls, OrderKey};

use crate::random::Random;
use crate::world::{self, ACCOUNT, CODES, DEAL, LINE, TEXTS};

const OPS: [CompareOp; 6] = [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];

/// What a condition may mention.
#[derive(Clone, Copy)]
pub struct Vocabulary<'a> {
    pub snapshot: &'a Snapshot,
    /// Scopes and role tests belong to rules.
    pub rule: bool,
}

impl Vocabulary<'_> {
    pub fn condition(self, object: ObjectIndex, depth: usize, random: &mut Random) -> Predicate {
        if depth == 0 || random.one_in(3) {
            return self.test(object, random);
        }
        let parts =
            |random: &mut Random| (0..=random.below(3)).map(|_| self.condition(object, depth - 1, random)).collect();
        match random.below(5) {
            0 => Predicate::And(parts(random)),
            1 | 2 => Predicate::Or(parts(random)),
            3 => Predicate::Not(self.condition(object, depth - 1, random).into()),
            _ => self.across(object, depth - 1, random),
        }
    }

    fn across(self, object: ObjectIndex, depth: usize, random: &mut Random) -> Predicate {
        let field = |object: ObjectIndex, name: &str| self.snapshot.object(object).field_by_name(name).unwrap().index;
        let child = |child: ObjectIndex, via: &str, random: &mut Random| Predicate::HasChild {
            object: child,
            via: field(child, via),
            where_: self.condition(child, depth, random).into(),
        };
        let parent = |via: &str, parent: ObjectIndex, random: &mut Random| Predicate::Parent {
            via: field(object, via),
            object: parent,
            where_: self.condition(parent, depth, random).into(),
        };
        match object {
            ACCOUNT if self.rule && random.one_in(2) => Predicate::Below {
                via: if random.one_in(2) { system_field::ID } else { field(ACCOUNT, "parent") },
                object: ACCOUNT,
                above: field(ACCOUNT, "parent"),
                where_: self.condition(ACCOUNT, depth, random).into(),
            },
            ACCOUNT if random.one_in(2) => parent("parent", ACCOUNT, random),
            ACCOUNT => child(DEAL, "account", random),
            DEAL if random.one_in(2) => parent("account", ACCOUNT, random),
            DEAL => child(LINE, "deal", random),
            LINE => parent("deal", DEAL, random),
            _ => self.test(object, random),
        }
    }

    fn test(self, object: ObjectIndex, random: &mut Random) -> Predicate {
        let (field, kind) = self.field(object, random);
        match random.below(8) {
            0 => Predicate::IsNull(field),
            1 if self.rule => {
                Predicate::Scope(*random.pick(&[Scope::Own, Scope::Subordinates, Scope::Unit, Scope::UnitAndBelow]))
            }
            1 => Predicate::Always(random.one_in(2)),
            2 if kind == ColumnKind::Json => {
                let codes = CODES.iter().filter(|_| random.one_in(2)).map(|code| (*code).into()).collect();
                let within = random.one_in(2);
                if within {
                    Predicate::Within { left: field, codes }
                } else {
                    Predicate::Contains { left: field, codes }
                }
            }
            2 if kind == ColumnKind::Text => Predicate::Like {
                left: field,
                pattern: (*random.pick(&["%", "a%", "A_", "a\\%b", "%b", "_", "a\\_b", "[a]", "a*b", "É", "%\\\\%"]))
                    .into(),
                case: if random.one_in(2) { Case::Sensitive } else { Case::Insensitive },
            },
            3 if self.rule => {
                Predicate::HasRole(Identifier::new(["role_0", "role_1", "other"][random.below(3)]).unwrap())
            }
            4 => {
                let items = (0..random.below(4)).map(|_| self.right(object, kind, random)).collect();
                Predicate::In { left: field, items }
            }
            _ => {
                let right = self.right(object, kind, random);
                let op = *random.pick(&OPS);
                if random.one_in(5) {
                    Predicate::Compare { left: right, op, right: field }
                } else {
                    Predicate::Compare { left: field, op, right }
                }
            }
        }
    }

    /// A field here or up a lookup.
    fn field(self, object: ObjectIndex, random: &mut Random) -> (Operand, ColumnKind) {
        let mut steps = Vec::new();
        let mut at = object;
        loop {
            let fields = &self.snapshot.object(at).fields;
            let field =
                if random.one_in(4) { random.pick(fields) } else { random.pick(&fields[system_field::COUNT..]) };
            steps.push(field.index);
            match field.kind.relation() {
                Some(relation) if steps.len() < 3 && !random.one_in(4) => at = relation.target,
                _ => return (Operand::Field(FieldPath { object, steps }), field.column),
            }
        }
    }

    fn right(self, object: ObjectIndex, kind: ColumnKind, random: &mut Random) -> Operand {
        if random.one_in(12) {
            return Operand::Value(Value::Null);
        }
        if random.one_in(4) {
            let (other, other_kind) = self.field(object, random);
            if other_kind == kind || random.one_in(4) || (is_number(kind) && is_number(other_kind)) {
                return other;
            }
        }
        match kind {
            ColumnKind::Id if random.one_in(2) => Operand::Actor(ActorAttribute::Id),
            ColumnKind::Id => Operand::Actor(ActorAttribute::OrgUnitId),
            ColumnKind::Text if random.one_in(5) => Operand::Actor(ActorAttribute::Name),
            ColumnKind::Text if random.one_in(8) => Operand::Value(Value::text(format!("{}\0b", random.pick(&TEXTS)))),
            ColumnKind::Date if random.one_in(2) => Operand::Today,
            ColumnKind::DateTime if random.one_in(2) => Operand::Now,
            kind if is_number(kind) && random.one_in(2) => Operand::Value(Value::Decimal(*random.pick(&[
                Decimal::new(5, 3),
                Decimal::new(-5, 3),
                Decimal::new(50, 2),
                Decimal::new(10_005, 5),
                Decimal::new(99_999, 5),
                Decimal::MAX,
                Decimal::MIN,
                Decimal::from(1_000_000_000_000_000_000_i64),
            ]))),
            kind if is_number(kind) => Operand::Value(world::value(ColumnKind::Integer, random)),
            kind => Operand::Value(world::value(kind, random)),
        }
    }

    pub fn role(self, number: usize, random: &mut Random) -> Role {
        let grants = (0..=random.below(4)).map(|_| {
            let object = *random.pick(&[ACCOUNT, DEAL, DEAL, LINE]);
            let effect = if random.one_in(5) { Effect::Deny } else { Effect::Allow };
            self.rule(object, effect, random)
        });
        let grants = grants.collect();
        let inherits = if number > 0 && random.one_in(3) { vec![number - 1] } else { Vec::new() };
        Role { name: Identifier::new(&format!("role_{number}")).unwrap(), label: Label::Missing, inherits, grants }
    }

    pub fn rule(self, object: ObjectIndex, effect: Effect, random: &mut Random) -> GrantRule {
        let rows = if random.one_in(4) { Predicate::Always(true) } else { self.condition(object, 2, random) };
        let rows = if object == LINE && random.one_in(2) { RowRule::Parent } else { RowRule::Predicate(rows) };
        let fields = if random.one_in(3) { FieldSet::All } else { FieldSet::Only(some_fields(self, object, random)) };
        GrantRule { object, verbs: vec![Verb::Read], rows, rows_after: None, fields, effect }
    }

    pub fn order(self, object: ObjectIndex, readable: &[FieldIndex], random: &mut Random) -> Vec<OrderKey> {
        let sortable: Vec<FieldIndex> = readable
            .iter()
            .copied()
            .filter(|field| self.snapshot.field(object, *field).column != ColumnKind::Json)
            .collect();
        (0..random.below(3))
            .map(|_| OrderKey {
                field: *random.pick(&sortable),
                descending: random.one_in(2),
                nulls: if random.one_in(2) { Nulls::First } else { Nulls::Last },
            })
            .collect()
    }
}

fn some_fields(vocabulary: Vocabulary<'_>, object: ObjectIndex, random: &mut Random) -> Vec<FieldIndex> {
    let fields = &vocabulary.snapshot.object(object).fields;
    fields.iter().filter(|_| random.one_in(2)).map(|field| field.index).collect()
}

fn is_number(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Integer | ColumnKind::Decimal { .. })
}
