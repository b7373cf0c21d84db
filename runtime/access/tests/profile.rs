//! Profiles: what roles come to, what fails closed, and that casbin judges the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use trellis_access::{Actor, Grant, MEMBER, Oracle, Profile, TENANT_ADMIN, explain, matrix};
use trellis_metadata::column::ColumnKind;
use trellis_metadata::expression::FieldPath;
use trellis_metadata::identifier::Identifier;
use trellis_metadata::label::{Label, Locale};
use trellis_metadata::predicate::{CompareOp, Operand, Predicate, Scope};
use trellis_metadata::snapshot::{
    AdminAccess, Effect, Field, FieldIndex, FieldKind, FieldSet, GrantRule, Object, ObjectIndex, OnDelete, Relation,
    Role, RowRule, Snapshot, TextRule, Verb, system_field,
};
use trellis_metadata::value::Value;

const CASE: ObjectIndex = ObjectIndex(2);
const NOTE: ObjectIndex = ObjectIndex(3);
const TITLE: FieldIndex = FieldIndex(system_field::COUNT);
const SECRET: FieldIndex = FieldIndex(system_field::COUNT + 1);

fn name(text: &str) -> Identifier {
    Identifier::new(text).unwrap()
}

fn text(field: &str) -> Field {
    Field::plain(field, FieldKind::LongText(TextRule::default()), ColumnKind::Text).unwrap()
}

/// The platform objects, a private object and its master-detail child.
fn snapshot(roles: Vec<Role>) -> Snapshot {
    let boolean = Field::plain("is_active", FieldKind::Boolean, ColumnKind::Boolean).unwrap();
    let master = Relation { target: CASE, collection: name("notes"), on_delete: OnDelete::Cascade };
    let master = Field::plain("case", FieldKind::MasterDetail(master), ColumnKind::Id).unwrap();
    let mut snapshot = Snapshot::plain(vec![
        Object::plain(ObjectIndex(0), "user", vec![text("name"), text("email"), boolean]).unwrap(),
        Object::plain(ObjectIndex(1), "org_unit", vec![text("name"), text("code")]).unwrap(),
        Object::plain(CASE, "case", vec![text("title"), text("secret")]).unwrap(),
        Object::plain(NOTE, "note", vec![master, text("body")]).unwrap(),
    ]);
    snapshot.roles = roles;
    snapshot
}

fn role(role: &str, inherits: &[usize], grants: Vec<GrantRule>) -> Role {
    Role { name: name(role), label: Label::Missing, inherits: inherits.to_vec(), grants }
}

fn rule(object: ObjectIndex, verbs: &[Verb], rows: Predicate, fields: FieldSet, effect: Effect) -> GrantRule {
    GrantRule { object, verbs: verbs.to_vec(), rows: RowRule::Predicate(rows), rows_after: None, fields, effect }
}

fn allow(object: ObjectIndex, verbs: &[Verb], rows: Predicate, fields: FieldSet) -> GrantRule {
    rule(object, verbs, rows, fields, Effect::Allow)
}

fn deny(object: ObjectIndex, verbs: &[Verb], rows: Predicate, fields: FieldSet) -> GrantRule {
    rule(object, verbs, rows, fields, Effect::Deny)
}

fn parent(verbs: &[Verb]) -> GrantRule {
    GrantRule { rows: RowRule::Parent, ..allow(NOTE, verbs, Predicate::Always(true), FieldSet::All) }
}

fn titled(title: &str) -> Predicate {
    Predicate::Compare {
        left: Operand::Field(FieldPath { object: CASE, steps: vec![TITLE] }),
        op: CompareOp::Eq,
        right: Operand::Value(Value::text(title)),
    }
}

fn all() -> Predicate {
    Predicate::Always(true)
}

fn own() -> Predicate {
    Predicate::Scope(Scope::Own)
}

fn compile(snapshot: &Snapshot, roles: &[&str]) -> Profile {
    Profile::compile(snapshot, &roles.iter().map(|role| name(role)).collect::<Vec<_>>())
}

fn read(profile: &Profile) -> &Grant {
    profile.grant(CASE, Verb::Read).expect("read on case")
}

fn allowed(profile: &Profile, snapshot: &Snapshot) -> usize {
    snapshot
        .objects
        .iter()
        .flat_map(|object| Verb::ALL.map(|verb| (object.index, verb)))
        .filter(|(object, verb)| {
            assert_eq!(profile.may(*object, *verb), profile.grant(*object, *verb).is_some());
            profile.may(*object, *verb)
        })
        .count()
}

#[test]
fn nobody_and_nothing_fail_closed() {
    let snapshot = snapshot(vec![role("reader", &[], vec![allow(CASE, &[Verb::Read], all(), FieldSet::All)])]);
    assert_eq!(allowed(&compile(&snapshot, &[]), &snapshot), 0);
    assert_eq!(allowed(&Profile::default(), &snapshot), 0);
    // A role without a document leaves what every member has: names of users and units, to read and to ask about.
    assert_eq!(allowed(&compile(&snapshot, &["gone"]), &snapshot), 4);
    let profile = compile(&snapshot, &[TENANT_ADMIN]);
    assert!(profile.grant(ObjectIndex(99), Verb::Read).is_none());
    assert!(!profile.may(ObjectIndex(99), Verb::Read));
}

#[test]
fn the_administrator_has_everything_an_object_does_not_withhold() {
    let mut snapshot = snapshot(Vec::new());
    snapshot.objects[NOTE.0].admin_access = AdminAccess::None;
    let profile = compile(&snapshot, &[TENANT_ADMIN]);
    assert_eq!(allowed(&profile, &snapshot), 30);
    assert!(!profile.may(NOTE, Verb::Read));
    assert!(read(&profile).mask(SECRET).is_none());
    let update = profile.grant(CASE, Verb::Update).unwrap();
    assert!(update.covers(TITLE) && !update.covers(system_field::OWNER_ID) && !update.covers(system_field::ID));
    let transfer = profile.grant(CASE, Verb::Transfer).unwrap();
    assert!(transfer.covers(system_field::OWNER_ID) && !transfer.covers(TITLE));
}

#[test]
fn members_see_names_only() {
    let snapshot = snapshot(Vec::new());
    let profile = compile(&snapshot, &[MEMBER]);
    let user = profile.grant(ObjectIndex(0), Verb::Read).unwrap();
    let field = |name: &str| snapshot.objects[0].field_by_name(name).unwrap().index;
    assert!(user.covers(field("name")) && user.covers(field("is_active")) && user.covers(system_field::ID));
    assert!(!user.covers(field("email")) && !user.covers(system_field::CREATED_AT));
    assert!(!profile.may(ObjectIndex(0), Verb::Update));
}

#[test]
fn rows_of_one_grant_and_fields_of_another_never_unite() {
    let snapshot = snapshot(vec![role(
        "clerk",
        &[],
        vec![
            allow(CASE, &[Verb::Read], all(), FieldSet::Only(vec![TITLE])),
            allow(CASE, &[Verb::Read], own(), FieldSet::Only(vec![SECRET])),
        ],
    )]);
    let profile = compile(&snapshot, &["clerk"]);
    assert_eq!(*read(&profile).rows(), all());
    assert_eq!(read(&profile).mask(TITLE), Some(all()));
    assert_eq!(read(&profile).mask(SECRET), Some(own()));
    assert_eq!(read(&profile).mask(system_field::ID), None);
    assert!(!read(&profile).covers(system_field::OWNER_ID));
}

#[test]
fn denies_take_rows_and_cells_away() {
    let grants = |deny: GrantRule| {
        let snapshot = snapshot(vec![
            role("reader", &[], vec![allow(CASE, &[Verb::Read], own(), FieldSet::All)]),
            role("limited", &[0], vec![deny]),
        ]);
        compile(&snapshot, &["limited"])
    };
    let whole = grants(deny(CASE, &[Verb::Read], all(), FieldSet::All));
    assert!(!whole.may(CASE, Verb::Read) && !whole.may(CASE, Verb::Query));
    let rows = grants(deny(CASE, &[Verb::Read], titled("x"), FieldSet::All));
    assert_eq!(*read(&rows).rows(), own().and(Predicate::Not(Box::new(titled("x")))));
    let field = grants(deny(CASE, &[Verb::Read], all(), FieldSet::Only(vec![SECRET])));
    assert!(!read(&field).covers(SECRET) && read(&field).covers(TITLE));
    assert_eq!(*read(&field).rows(), own());
    let cells = grants(deny(CASE, &[Verb::Read], titled("x"), FieldSet::Only(vec![SECRET])));
    assert_eq!(read(&cells).mask(TITLE), None);
    assert_eq!(read(&cells).mask(SECRET), Some(own().and(Predicate::Not(Box::new(titled("x"))))));
    let asking = grants(deny(CASE, &[Verb::Query], all(), FieldSet::Only(vec![SECRET])));
    assert!(read(&asking).covers(SECRET));
    assert!(!asking.grant(CASE, Verb::Query).unwrap().covers(SECRET));
}

#[test]
fn a_child_follows_its_parent() {
    let writer =
        |verbs: &[Verb]| role("writer", &[], vec![allow(CASE, verbs, own(), FieldSet::All), parent(&Verb::ALL)]);
    let both = snapshot(vec![writer(&[Verb::Read, Verb::Update])]);
    let profile = compile(&both, &["writer"]);
    let expected = Predicate::Parent { via: FieldIndex(system_field::COUNT), object: CASE, where_: own().into() };
    for verb in [Verb::Read, Verb::Query, Verb::Create, Verb::Delete] {
        assert_eq!(*profile.grant(NOTE, verb).unwrap().rows(), expected, "{verb:?}");
    }
    let reader = snapshot(vec![writer(&[Verb::Read])]);
    let profile = compile(&reader, &["writer"]);
    assert!(profile.may(NOTE, Verb::Read) && !profile.may(NOTE, Verb::Create) && !profile.may(NOTE, Verb::Delete));
    let neither = snapshot(vec![role("writer", &[], vec![parent(&Verb::ALL)])]);
    assert!(!compile(&neither, &["writer"]).may(NOTE, Verb::Read));
}

#[test]
fn circles_of_parents_and_roles_end() {
    let mut snapshot = snapshot(vec![
        role("one", &[1], vec![parent(&[Verb::Read])]),
        role("two", &[0, 7], vec![GrantRule { object: CASE, ..parent(&[Verb::Read]) }]),
    ]);
    let circle = Relation { target: NOTE, collection: name("cases"), on_delete: OnDelete::Cascade };
    snapshot.objects[CASE.0].fields[TITLE.0].kind = FieldKind::MasterDetail(circle);
    snapshot.objects[CASE.0].master = Some(TITLE);
    let profile = compile(&snapshot, &["one"]);
    assert!(!profile.may(CASE, Verb::Read) && !profile.may(NOTE, Verb::Read));
}

#[test]
fn role_tests_fold() {
    let needs = |role: &str| Predicate::HasRole(name(role));
    let snapshot = snapshot(vec![
        role("plain", &[], vec![allow(CASE, &[Verb::Read], needs("chief").or(own()), FieldSet::All)]),
        role("chief", &[], vec![]),
        role("never", &[], vec![allow(NOTE, &[Verb::Read], needs("chief"), FieldSet::All)]),
    ]);
    assert_eq!(*read(&compile(&snapshot, &["plain"])).rows(), own());
    assert_eq!(*read(&compile(&snapshot, &["plain", "chief"])).rows(), all());
    assert!(!compile(&snapshot, &["never"]).may(NOTE, Verb::Read));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Role sets drawn by a small generator: whole-object grants and denies, inheritance in every direction.
#[test]
fn casbin_judges_the_same() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = move |limit: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % limit as u64) as usize
    };
    let runtime = runtime();
    let (mut yes, mut no) = (0, 0);
    for _ in 0..40 {
        let roles = (0..4).map(|index| {
            let inherits: Vec<usize> = (0..4).filter(|_| below(4) == 0).collect();
            let grants = (0..below(4)).map(|_| {
                let verbs = vec![Verb::ALL[below(10)], Verb::ALL[below(10)]];
                let effect = if below(4) == 0 { Effect::Deny } else { Effect::Allow };
                rule(ObjectIndex(below(4)), &verbs, all(), FieldSet::All, effect)
            });
            role(&format!("role_{index}"), &inherits, grants.collect())
        });
        let snapshot = snapshot(roles.collect());
        let mut held: Vec<Identifier> =
            (0..4).filter(|_| below(2) == 0).map(|index| name(&format!("role_{index}"))).collect();
        if below(8) == 0 {
            held.push(name(TENANT_ADMIN));
        }
        let profile = Profile::compile(&snapshot, &held);
        let oracle = runtime.block_on(Oracle::new(&snapshot, "acme", &held)).unwrap();
        for object in &snapshot.objects {
            for verb in Verb::ALL {
                let expected = oracle.allows(object.name.as_str(), verb);
                assert_eq!(profile.may(object.index, verb), expected, "{held:?} {} {verb:?}", object.name);
                *(if expected { &mut yes } else { &mut no }) += 1;
            }
        }
        assert!(!oracle.allows("no_such_object", Verb::Read));
    }
    assert!(yes > 100 && no > 100, "{yes} {no}");
}

#[test]
fn an_explanation_names_every_rule() {
    let snapshot = snapshot(vec![
        role("reader", &[], vec![allow(CASE, &[Verb::Read], own(), FieldSet::Only(vec![TITLE]))]),
        role("limited", &[0], vec![deny(CASE, &[Verb::Read], titled("x"), FieldSet::All)]),
    ]);
    let actor = Actor {
        user: uuid::Uuid::nil(),
        name: "Ann".into(),
        email: "ann@example.com".into(),
        org_unit: None,
        roles: vec![name("limited")],
        locale: Locale::En,
        time_zone: chrono_tz::UTC,
    };
    let explained = explain(&snapshot, &actor, CASE, Verb::Read, Some(SECRET));
    assert!(!explained.allowed);
    let text = explained.to_string();
    for part in [
        "Ann may not read case.secret",
        "allow reader grants[0]: rows own, fields title (not this field)",
        "deny limited grants[0]: rows record.title == 'x', fields *",
        "open: rows own && !(record.title == 'x'), fields title",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    assert!(explain(&snapshot, &actor, CASE, Verb::Read, Some(TITLE)).allowed);
    assert!(!explain(&snapshot, &actor, CASE, Verb::Delete, None).allowed);
    assert_eq!(
        matrix(&snapshot),
        "reader\n  case  read  title  own\n\nlimited\n  case  read  title  own && !(record.title == 'x')\n"
    );
}
