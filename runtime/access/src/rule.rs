//! What one role says about one verb on one object, ready to be merged: role tests folded, `parent` resolved, field
//! names turned into masks.
//!
//! The profile and the explanation both work on this form, so that what is explained is what is enforced.

use trellis_metadata::identifier::Identifier;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{
    AdminAccess, Effect, Field, FieldIndex, FieldSet, GrantRule, Object, ObjectIndex, RowRule, Snapshot, Verb,
    platform_object, system_field,
};

use crate::field_mask::FieldMask;
use crate::fold::{fold, not};
use crate::roles::{HeldRoles, MEMBER, TENANT_ADMIN};

/// Longest chain of `parent` rows that is followed; deeper ones grant nothing.
const MAX_PARENTS: usize = 8;

/// One rule that applies to a verb on an object.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub origin: Origin,
    pub effect: Effect,
    pub rows: Predicate,
    pub rows_after: Predicate,
    pub fields: FieldMask,
    /// The rule names every field: a deny of this kind takes the row away, not only cells.
    pub every_field: bool,
}

/// Where a rule is written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Origin {
    /// A role document and the position in its `grants`.
    Grant {
        role: String,
        grant: usize,
    },
    BuiltIn {
        built_in: &'static str,
    },
    Sharing {
        sharing_rule: String,
    },
    Restriction {
        restriction_rule: String,
    },
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Grant { role, grant } => write!(f, "{role} grants[{grant}]"),
            Origin::BuiltIn { built_in } => write!(f, "built-in {built_in}"),
            Origin::Sharing { sharing_rule } => write!(f, "sharing rule {sharing_rule}"),
            Origin::Restriction { restriction_rule } => write!(f, "restriction rule {restriction_rule}"),
        }
    }
}

/// All rules of a closed role set.
pub(crate) struct RuleBook<'s> {
    snapshot: &'s Snapshot,
    held: HeldRoles<'s>,
    /// Object → (origin, rule), denies included.
    written: Vec<Vec<(Origin, &'s GrantRule)>>,
}

impl<'s> RuleBook<'s> {
    pub fn new(snapshot: &'s Snapshot, roles: &[Identifier]) -> Self {
        let held = HeldRoles::close(snapshot, roles);
        let mut written: Vec<Vec<_>> = snapshot.objects.iter().map(|_| Vec::new()).collect();
        for role in &held.documents {
            for (position, rule) in role.grants.iter().enumerate() {
                if let Some(rules) = written.get_mut(rule.object.0) {
                    rules.push((Origin::Grant { role: role.name.to_string(), grant: position }, rule));
                }
            }
        }
        for shared in snapshot.sharing_rules.iter().filter(|shared| held.takes_part(&shared.roles)) {
            if let Some(rules) = written.get_mut(shared.rule.object.0) {
                rules.push((Origin::Sharing { sharing_rule: shared.name.to_string() }, &shared.rule));
            }
        }
        Self { snapshot, held, written }
    }

    pub fn held(&self) -> &HeldRoles<'s> {
        &self.held
    }

    /// The rules for `verb` on `object`, built-in roles first. `merge` turns the parent's rules into its rows.
    pub fn rules(&self, object: ObjectIndex, verb: Verb, merge: Merge) -> Vec<Rule> {
        self.rules_below(object, verb, merge, MAX_PARENTS)
    }

    fn rules_below(&self, object: ObjectIndex, verb: Verb, merge: Merge, parents: usize) -> Vec<Rule> {
        let Some(target) = self.snapshot.objects.get(object.0) else { return Vec::new() };
        let mut rules: Vec<Rule> = self.built_in(target, verb).collect();
        for (origin, rule) in &self.written[object.0] {
            if !names_verb(rule, verb) {
                continue;
            }
            let rows_of = |rows: &RowRule| match (rows, rule.effect) {
                // "Denied where the parent is open" would let a lost right on the parent open the child.
                (RowRule::Parent, Effect::Deny) => Predicate::Always(true),
                _ => self.rows(target, rows, verb, merge, parents),
            };
            let rows = rows_of(&rule.rows);
            let rows_after = rule.rows_after.as_ref().map_or_else(|| rows.clone(), rows_of);
            rules.push(Rule {
                origin: origin.clone(),
                effect: rule.effect,
                rows,
                rows_after,
                fields: field_mask(target, verb, &rule.fields, rule.effect),
                every_field: matches!(rule.fields, FieldSet::All) || !by_field(verb),
            });
        }
        rules.extend(self.restrictions(target, verb));
        rules
    }

    /// A restriction takes away, from everybody it is not kept from, the records it does not leave open.
    fn restrictions(&self, object: &Object, verb: Verb) -> impl Iterator<Item = Rule> {
        let own = self.snapshot.restriction_rules.iter().filter(move |rule| {
            let named = rule.verbs.is_empty() || follows(&rule.verbs, verb);
            rule.object == object.index && named && !rule.except.iter().any(|role| self.held.has(role.as_str()))
        });
        own.map(move |rule| {
            let closed = not(fold(&rule.rows, &|name| self.held.has(name)));
            Rule {
                origin: Origin::Restriction { restriction_rule: rule.name.to_string() },
                effect: Effect::Deny,
                rows: closed.clone(),
                rows_after: closed,
                fields: field_mask(object, verb, &FieldSet::All, Effect::Deny),
                every_field: true,
            }
        })
    }

    fn built_in(&self, object: &Object, verb: Verb) -> impl Iterator<Item = Rule> {
        let rule = |role: &'static str, fields: FieldMask| Rule {
            origin: Origin::BuiltIn { built_in: role },
            effect: Effect::Allow,
            rows: Predicate::Always(true),
            rows_after: Predicate::Always(true),
            fields,
            every_field: true,
        };
        let administrator = (self.held.administrator && object.admin_access == AdminAccess::All)
            .then(|| rule(TENANT_ADMIN, field_mask(object, verb, &FieldSet::All, Effect::Allow)));
        let member = self
            .held
            .member
            .then(|| member_fields(object, verb))
            .flatten()
            .map(|fields| rule(MEMBER, field_mask(object, verb, &FieldSet::Only(fields), Effect::Allow)));
        administrator.into_iter().chain(member)
    }

    fn rows(&self, object: &Object, rule: &RowRule, verb: Verb, merge: Merge, parents: usize) -> Predicate {
        match rule {
            RowRule::Predicate(predicate) => fold(predicate, &|name| self.held.has(name)),
            RowRule::Parent => self.parent_rows(object, verb, merge, parents).unwrap_or(Predicate::Always(false)),
        }
    }

    /// The rows whose live master record the actor may read (for reading) or update (for every write).
    fn parent_rows(&self, object: &Object, verb: Verb, merge: Merge, parents: usize) -> Option<Predicate> {
        let left = parents.checked_sub(1)?;
        let via = object.master?;
        let parent = object.field(via).kind.relation()?.target;
        let where_ = merge(&self.rules_below(parent, parent_verb(verb), merge, left));
        match where_ {
            Predicate::Always(false) => None,
            where_ => Some(Predicate::Parent { via, object: parent, where_: where_.into() }),
        }
    }
}

/// How the rules of a parent become its rows; a parameter so that this file need not know about merging.
pub(crate) type Merge = fn(&[Rule]) -> Predicate;

fn parent_verb(verb: Verb) -> Verb {
    match verb {
        Verb::Read | Verb::Query | Verb::Export => Verb::Read,
        _ => Verb::Update,
    }
}

/// What may be read may be asked about, and what may not be read may not.
pub(crate) fn names_verb(rule: &GrantRule, verb: Verb) -> bool {
    rule.verbs.contains(&verb) || (verb == Verb::Query && rule.verbs.contains(&Verb::Read))
}

/// What may not be read may neither be asked about nor exported.
fn follows(verbs: &[Verb], verb: Verb) -> bool {
    verbs.contains(&verb) || (matches!(verb, Verb::Query | Verb::Export) && verbs.contains(&Verb::Read))
}

/// Everyone sees who is there and how the organisation is built, and no more.
pub(crate) fn member_fields(object: &Object, verb: Verb) -> Option<Vec<FieldIndex>> {
    let names: &[&str] = match object.index {
        platform_object::USER => &["name", "is_active"],
        platform_object::ORG_UNIT => &["name", "code"],
        _ => return None,
    };
    matches!(verb, Verb::Read | Verb::Query)
        .then(|| names.iter().filter_map(|name| object.field_by_name(name)).map(|field| field.index).collect())
}

fn field_mask(object: &Object, verb: Verb, set: &FieldSet, effect: Effect) -> FieldMask {
    let possible = |field: &Field| possible(field, verb);
    match set {
        FieldSet::All => object.fields.iter().filter(|field| possible(field)).map(|field| field.index).collect(),
        FieldSet::Only(named) => {
            let mut mask: FieldMask = named
                .iter()
                .filter_map(|index| object.fields.get(index.0))
                .filter(|field| possible(field))
                .map(|field| field.index)
                .collect();
            let whole_record = !matches!(verb, Verb::Create | Verb::Update | Verb::Transfer);
            if effect == Effect::Allow && whole_record {
                mask.insert(system_field::ID);
                mask.insert(system_field::VERSION);
            }
            mask
        }
    }
}

/// What `fields: "*"` means for the verb.
pub(crate) fn possible_fields(object: &Object, verb: Verb) -> FieldMask {
    field_mask(object, verb, &FieldSet::All, Effect::Allow)
}

/// Do single fields matter to the verb, or only whole records.
pub(crate) fn by_field(verb: Verb) -> bool {
    matches!(verb, Verb::Read | Verb::Query | Verb::Export | Verb::Create | Verb::Update | Verb::Transfer)
}

/// Can the verb ever touch the field.
fn possible(field: &Field, verb: Verb) -> bool {
    match verb {
        Verb::Create | Verb::Update => field.writable(),
        Verb::Transfer => matches!(field.index, system_field::OWNER_ID | system_field::ORG_UNIT_ID),
        _ => true,
    }
}
