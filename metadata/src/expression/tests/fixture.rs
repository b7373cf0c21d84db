//! The objects the tests speak of, and facts out of maps.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::column::ColumnKind;
use crate::expression::{ActorAttribute, Expression, ExpressionError, Facts, FieldPath, Root, Scope, compile};
use crate::identifier::Identifier;
use crate::label::Label;
use crate::predicate::{self, Predicate};
use crate::snapshot::{
    AdminAccess, ChoiceOption, DecimalRule, Field, FieldIndex, FieldKind, Layer, Object, ObjectIndex, OnDelete,
    OptionSet, Origin, Relation, Retention, TextRule,
};
use crate::value::Value;

pub const USER: ObjectIndex = ObjectIndex(0);
pub const LOAN: ObjectIndex = ObjectIndex(1);

pub fn objects() -> Vec<Object> {
    let text = || FieldKind::Text(TextRule::default());
    let decimal = || FieldKind::Decimal(DecimalRule { scale: 2, min: None, max: None });
    let integer = || FieldKind::Integer { min: None, max: None };
    let user = vec![
        field("id", FieldKind::Id, ColumnKind::Id),
        field("name", text(), ColumnKind::Text),
        field("manager", FieldKind::User(relation()), ColumnKind::Id),
        field("limit_amount", decimal(), ColumnKind::Decimal { scale: 2 }),
    ];
    let loan = vec![
        field("id", FieldKind::Id, ColumnKind::Id),
        field("name", text(), ColumnKind::Text),
        field("code", text(), ColumnKind::Text),
        field("quantity", integer(), ColumnKind::Integer),
        field("count", integer(), ColumnKind::Integer),
        field("amount", decimal(), ColumnKind::Decimal { scale: 2 }),
        field("price", decimal(), ColumnKind::Decimal { scale: 2 }),
        field("flag", FieldKind::Boolean, ColumnKind::Boolean),
        field("from_on", FieldKind::Date, ColumnKind::Date),
        field("to_on", FieldKind::Date, ColumnKind::Date),
        field("seen_at", FieldKind::DateTime, ColumnKind::DateTime),
        field("opens", FieldKind::Time, ColumnKind::Time),
        field("status", FieldKind::Choice(options(&["draft", "submitted", "lent"])), ColumnKind::Text),
        field("tags", FieldKind::MultiChoice(options(&["new", "hot"])), ColumnKind::Json),
        field("borrower", FieldKind::User(relation()), ColumnKind::Id),
        field("place", FieldKind::Geolocation, ColumnKind::Json),
        field("depot", FieldKind::Geolocation, ColumnKind::Json),
    ];
    vec![object(USER, "user", user), object(LOAN, "loan", loan)]
}

fn object(index: ObjectIndex, name: &str, mut fields: Vec<Field>) -> Object {
    for (at, field) in fields.iter_mut().enumerate() {
        field.index = FieldIndex(at);
    }
    Object {
        index,
        id: identifier(name),
        name: identifier(name),
        label: Label::default(),
        layer: Layer::Tenant,
        field_names: fields.iter().map(|field| (field.name.clone(), field.index)).collect(),
        fields,
        record_name: FieldIndex(1),
        master: None,
        collections: Vec::new(),
        unique_keys: Vec::new(),
        indexes: Vec::new(),
        validation_rules: Vec::new(),
        state_machine: None,
        admin_access: AdminAccess::All,
        history: false,
        retention: Retention::default(),
        search: Vec::new(),
        computed: Vec::new(),
        dependents: Vec::new(),
    }
}

fn field(name: &str, kind: FieldKind, column: ColumnKind) -> Field {
    Field {
        index: FieldIndex(0),
        id: identifier(name),
        name: identifier(name),
        aliases: Vec::new(),
        label: Label::default(),
        help: Label::default(),
        kind,
        column,
        required: false,
        default: None,
        unique: false,
        external_id: false,
        indexed: false,
        immutable: false,
        history: true,
        origin: Origin::User,
    }
}

fn relation() -> Relation {
    Relation { target: USER, collection: identifier("loans"), on_delete: OnDelete::Restrict }
}

fn options(codes: &[&str]) -> Arc<OptionSet> {
    let option =
        |code: &&str| ChoiceOption { code: (*code).into(), label: Label::default(), color: None, active: true };
    Arc::new(OptionSet { options: codes.iter().map(option).collect() })
}

fn identifier(name: &str) -> Identifier {
    Identifier::new(name).unwrap()
}

/// Everything allowed.
pub fn scope(objects: &[Object]) -> Scope<'_> {
    Scope { objects, record: LOAN, previous: true, max_hops: 2, volatile: true }
}

pub fn compiled(source: &str) -> Result<Expression, Vec<ExpressionError>> {
    compile(source, &scope(&objects()), None)
}

/// One loan; other records by the dotted path that leads to their fields.
#[derive(Debug, Default)]
pub struct Record {
    pub fields: HashMap<Vec<FieldIndex>, Value>,
    pub previous: Option<HashMap<Vec<FieldIndex>, Value>>,
    pub roles: Vec<String>,
}

impl Record {
    pub fn id(number: u128) -> Value {
        Value::Id(Uuid::from_u128(number))
    }
}

impl Facts for Record {
    fn field(&self, root: Root, path: &FieldPath) -> Value {
        let fields = if root == Root::Record { Some(&self.fields) } else { self.previous.as_ref() };
        fields.and_then(|fields| fields.get(&path.steps)).cloned().unwrap_or_default()
    }
    fn present(&self, root: Root) -> bool {
        root == Root::Record || self.previous.is_some()
    }
    fn actor(&self, attribute: ActorAttribute) -> Value {
        match attribute {
            ActorAttribute::Id => Record::id(1),
            ActorAttribute::OrgUnitId => Value::Null,
            ActorAttribute::Name => "Ann".into(),
            ActorAttribute::Email => "ann@example.org".into(),
        }
    }
    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|one| one == role)
    }
    fn today(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()
    }
    fn now(&self) -> DateTime<Utc> {
        "2026-02-28T12:00:00Z".parse().unwrap()
    }
    fn in_scope(&self, scope: predicate::Scope) -> bool {
        scope == predicate::Scope::Own
    }
    fn has_child(&self, _: ObjectIndex, _: FieldIndex, where_: &Predicate) -> bool {
        predicate::holds(where_, self) == Some(true)
    }
    fn below(&self, via: FieldIndex, object: ObjectIndex, _: FieldIndex, where_: &Predicate) -> bool {
        self.parent(via, object, where_)
    }

    fn parent(&self, _: FieldIndex, _: ObjectIndex, where_: &Predicate) -> bool {
        predicate::holds(where_, self) == Some(true)
    }
}
