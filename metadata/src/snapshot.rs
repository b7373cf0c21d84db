//! Everything resolved for one tenant at one revision: immutable, shared by `Arc`, swapped by publish.
//!
//! All references are positions ([`ObjectIndex`], [`FieldIndex`]) so that the request path never looks a name up
//! twice. A snapshot knows no SQL, no actor and no I/O. Only `resolve` builds one.

mod plain;

use std::collections::HashMap;
use std::sync::Arc;

use crate::column::ColumnKind;
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::label::{Label, Locale};
use crate::predicate::Predicate;
use crate::value::Value;

/// Position of an object in [`Snapshot::objects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectIndex(pub usize);

/// Position of a field in [`Object::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldIndex(pub usize);

/// Number of a published state of a tenant's documents; 0 before the first publish.
pub type Revision = u64;

#[derive(Debug, Default)]
pub struct Snapshot {
    pub revision: Revision,
    /// Platform objects (`user`, `org_unit`) first, then documents in name order.
    pub objects: Vec<Object>,
    pub sequences: Vec<Sequence>,
    pub forms: Vec<Form>,
    pub views: Vec<View>,
    pub workflows: Vec<Arc<Workflow>>,
    pub roles: Vec<Role>,
    pub seeds: Vec<Seed>,
    pub packages: Vec<PackageRef>,
    pub(crate) object_names: HashMap<Identifier, ObjectIndex>,
    /// Evaluation order of all stored formulas and rollups of all objects, inputs before users.
    pub computed_order: Vec<(ObjectIndex, FieldIndex)>,
}

#[derive(Clone, Debug)]
pub struct PackageRef {
    pub name: Identifier,
    pub version: String,
    pub label: Label,
}

/// One object: a table, an API collection, a set of pages.
#[derive(Debug)]
pub struct Object {
    pub index: ObjectIndex,
    /// Immutable identity; also the table name.
    pub id: Identifier,
    pub name: Identifier,
    pub label: Label,
    pub layer: Layer,
    /// System fields first (see [`system_field`]), then by `order`.
    pub fields: Vec<Field>,
    pub(crate) field_names: HashMap<Identifier, FieldIndex>,
    /// The field a person knows a record by.
    pub record_name: FieldIndex,
    /// The master_detail field of a child object.
    pub master: Option<FieldIndex>,
    /// Child collections, by the name this object sees them under.
    pub collections: Vec<Collection>,
    pub unique_keys: Vec<UniqueKey>,
    pub indexes: Vec<Index>,
    pub validation_rules: Vec<ValidationRule>,
    pub state_machine: Option<StateMachine>,
    pub admin_access: AdminAccess,
    /// Field history is kept.
    pub history: bool,
    pub search: Vec<FieldIndex>,
    /// Computed fields of this object in evaluation order.
    pub computed: Vec<FieldIndex>,
    /// Computed fields (here or elsewhere) that must be recomputed when a field of this object changes.
    pub dependents: Vec<Dependent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Platform,
    Package,
    Tenant,
}

/// May the built-in `tenant_admin` role read the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdminAccess {
    #[default]
    All,
    None,
}

#[derive(Debug)]
pub struct Field {
    pub index: FieldIndex,
    /// Immutable identity; also the column name.
    pub id: Identifier,
    pub name: Identifier,
    pub aliases: Vec<Identifier>,
    pub label: Label,
    pub help: Label,
    pub kind: FieldKind,
    pub column: ColumnKind,
    pub required: bool,
    pub default: Option<DefaultValue>,
    pub unique: bool,
    pub external_id: bool,
    pub indexed: bool,
    /// May not change after create.
    pub immutable: bool,
    pub origin: Origin,
}

/// Who writes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// id, created_at …: the runtime.
    System,
    /// The formula or rollup engine, or a sequence.
    Computed,
    User,
}

impl Field {
    /// May a caller set it in a create or update body at all.
    pub fn writable(&self) -> bool {
        self.origin == Origin::User
    }
}

#[derive(Clone, Debug)]
pub enum DefaultValue {
    Value(Value),
    /// Evaluated at create with `actor`, `today()`, `now()`.
    Expression(Expression),
}

/// The resolved form of a field type. Limits are checked by `field_type`.
#[derive(Clone, Debug)]
pub enum FieldKind {
    Text(TextRule),
    LongText(TextRule),
    /// HTML, cleaned when it was written.
    RichText(TextRule),
    Markdown(TextRule),
    Email,
    Phone,
    Url,
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Decimal(DecimalRule),
    Money(DecimalRule),
    /// A fraction: 0.05 is 5 %.
    Percent(DecimalRule),
    Boolean,
    Date,
    DateTime,
    Time,
    Duration,
    Choice(Arc<OptionSet>),
    MultiChoice(Arc<OptionSet>),
    Tags(TagsRule),
    AutoNumber {
        sequence: usize,
    },
    Lookup(Relation),
    MasterDetail(Relation),
    /// A lookup to the platform object `user`.
    User(Relation),
    /// A lookup to the platform object `org_unit`.
    OrgUnit(Relation),
    Json,
    Geolocation,
    Address,
    /// The code of an administrative division.
    Region(TextRule),
    Barcode(Symbology),
    Color,
    /// From 0 to `max`.
    Rating {
        max: u8,
    },
    Formula(Box<Formula>),
    Rollup(Box<Rollup>),
    /// The record id itself.
    Id,
}

#[derive(Clone, Debug, Default)]
pub struct TextRule {
    /// In Unicode scalar values.
    pub max_length: Option<u32>,
    pub pattern: Option<Pattern>,
}

#[derive(Clone, Copy, Debug)]
pub struct TagsRule {
    pub max_count: u32,
    /// Of one tag, in Unicode scalar values.
    pub max_length: u32,
}

/// How a barcode is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbology {
    Any,
    Ean13,
    Ean8,
    UpcA,
    Code128,
    Qr,
}

/// A linear-time regular expression, anchored to the whole value.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub source: String,
    pub regex: regex_lite::Regex,
}

#[derive(Clone, Debug)]
pub struct DecimalRule {
    pub scale: u8,
    pub min: Option<rust_decimal::Decimal>,
    pub max: Option<rust_decimal::Decimal>,
}

#[derive(Clone, Debug)]
pub struct OptionSet {
    pub options: Vec<ChoiceOption>,
}

#[derive(Clone, Debug)]
pub struct ChoiceOption {
    pub code: Arc<str>,
    pub label: Label,
    pub color: Option<String>,
    pub active: bool,
}

impl OptionSet {
    pub fn get(&self, code: &str) -> Option<&ChoiceOption> {
        self.options.iter().find(|option| &*option.code == code)
    }
}

/// The near side of a lookup or master-detail.
#[derive(Clone, Debug)]
pub struct Relation {
    pub target: ObjectIndex,
    /// Name under which the target sees its children.
    pub collection: Identifier,
    pub on_delete: OnDelete,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    #[default]
    Restrict,
    Cascade,
    SetNull,
}

/// The far side of a relation: children of this object.
#[derive(Clone, Debug)]
pub struct Collection {
    pub name: Identifier,
    pub object: ObjectIndex,
    /// The field of `object` that points here.
    pub via: FieldIndex,
    pub on_delete: OnDelete,
    pub master_detail: bool,
}

/// A value computed on write from the record and the records its lookups point at, and stored.
#[derive(Clone, Debug)]
pub struct Formula {
    pub expression: Expression,
    /// Digits after the point for decimal results; rounded half away from zero.
    pub scale: u8,
}

#[derive(Clone, Debug)]
pub struct Rollup {
    /// The child object and its field that points here.
    pub object: ObjectIndex,
    pub via: FieldIndex,
    pub function: RollupFunction,
    /// The summed field; `None` for count.
    pub field: Option<FieldIndex>,
    /// Which children count, on the child as `record`.
    pub filter: Option<Expression>,
    pub scale: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollupFunction {
    Sum,
    Count,
}

/// `field` of `object` must be recomputed when `on` (a field of the object that holds this entry) changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dependent {
    pub on: FieldIndex,
    pub object: ObjectIndex,
    pub field: FieldIndex,
    pub route: Route,
}

/// How to get from a changed record to the records whose computed field it feeds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// The same record.
    Same,
    /// Records of the dependent object whose lookup `via` points at the changed record (formula up a lookup).
    Referrers { via: FieldIndex },
    /// The record that the changed record's field `via` points at, before and after the change (rollup).
    Target { via: FieldIndex },
    /// The records that the changed record's referrers point at: records of `object` whose `lookup` points at the changed
    /// record, followed along their `via` (a rollup whose filter looks one lookup up from the child).
    ReferrersTarget { object: ObjectIndex, lookup: FieldIndex, via: FieldIndex },
}

#[derive(Clone, Debug)]
pub struct UniqueKey {
    pub name: Identifier,
    pub fields: Vec<FieldIndex>,
    /// Also usable for upsert.
    pub external_id: bool,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub fields: Vec<FieldIndex>,
}

#[derive(Clone, Debug)]
pub struct ValidationRule {
    pub name: Identifier,
    pub invalid_when: Expression,
    /// Where the message is shown; the record when absent.
    pub field: Option<FieldIndex>,
    pub message: Label,
}

#[derive(Clone, Debug)]
pub struct StateMachine {
    pub field: FieldIndex,
    pub transitions: Vec<Transition>,
}

#[derive(Clone, Debug)]
pub struct Transition {
    pub name: Identifier,
    pub from: Vec<Arc<str>>,
    pub to: Arc<str>,
    pub label: Label,
    pub when: Option<Expression>,
    /// Role names, any of which may take it; empty = everyone who may update the field.
    pub roles: Vec<Identifier>,
}

#[derive(Clone, Debug)]
pub struct Sequence {
    pub name: Identifier,
    pub pattern: Vec<SequencePart>,
    pub reset: SequenceReset,
    /// No number is skipped: taken inside the record's transaction.
    pub gapless: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SequencePart {
    Text(String),
    Year,
    Month,
    Day,
    /// The number, zero-padded to this width.
    Number {
        width: usize,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SequenceReset {
    #[default]
    Never,
    Year,
    Month,
    Day,
}

#[derive(Clone, Debug)]
pub struct Form {
    pub name: Identifier,
    pub object: ObjectIndex,
    pub label: Label,
    pub audience: Vec<Audience>,
    pub sections: Vec<FormSection>,
    pub actions: Vec<FormAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Desktop,
    Phone,
    Create,
    Edit,
}

#[derive(Clone, Debug)]
pub struct FormSection {
    pub label: Label,
    /// 1 to 4; phones always show one.
    pub columns: u8,
    pub visible_when: Option<Expression>,
    pub content: SectionContent,
}

#[derive(Clone, Debug)]
pub enum SectionContent {
    Fields(Vec<FormField>),
    LineItems(LineItems),
}

#[derive(Clone, Debug)]
pub struct FormField {
    pub field: FieldIndex,
    pub visible_when: Option<Expression>,
    pub required_when: Option<Expression>,
    pub readonly_when: Option<Expression>,
}

#[derive(Clone, Debug)]
pub struct LineItems {
    /// Position in [`Object::collections`].
    pub collection: usize,
    pub fields: Vec<FieldIndex>,
    /// Child fields whose sum is shown below the grid.
    pub totals: Vec<FieldIndex>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormAction {
    /// Every transition the actor may take now.
    AllTransitions,
    Transition(Identifier),
    Print,
    Edit,
    Delete,
}

#[derive(Clone, Debug)]
pub struct View {
    pub name: Identifier,
    pub object: ObjectIndex,
    pub label: Label,
    pub columns: Vec<FieldIndex>,
    pub filter: Option<Predicate>,
    pub sort: Vec<SortKey>,
    pub color_rules: Vec<ColorRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    pub field: FieldIndex,
    pub descending: bool,
}

#[derive(Clone, Debug)]
pub struct ColorRule {
    pub when: Expression,
    pub color: String,
}

#[derive(Debug)]
pub struct Workflow {
    pub id: Identifier,
    pub name: Identifier,
    pub label: Label,
    pub object: ObjectIndex,
    pub timing: Timing,
    pub events: Vec<ChangeKind>,
    pub when: Option<Expression>,
    pub run_as: RunAs,
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// In the transaction, before the row is written.
    BeforeSave,
    /// From the outbox, after the commit.
    AfterCommit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunAs {
    Starter,
    /// A named service role.
    Role(Identifier),
}

/// A workflow is a structured program: steps nest, so no dangling graph can be written.
#[derive(Clone, Debug)]
pub enum Step {
    /// Before save: set fields of the record.
    Set(Vec<(FieldIndex, Expression)>),
    Create {
        object: ObjectIndex,
        values: Vec<(FieldIndex, Expression)>,
    },
    /// Update the trigger record, or the record its lookup points at.
    Update {
        target: UpdateTarget,
        values: Vec<(FieldIndex, Expression)>,
    },
    Switch(Vec<SwitchCase>),
    Notify(Box<Notify>),
    Approve(Box<Approve>),
}

#[derive(Clone, Debug)]
pub enum UpdateTarget {
    Record,
    Lookup(FieldIndex),
}

#[derive(Clone, Debug)]
pub struct SwitchCase {
    /// `None` is the otherwise branch.
    pub when: Option<Expression>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Notify {
    pub to: Recipients,
    /// Templates: `Loan {{record.loan_no}}`.
    pub title: String,
    pub body: String,
    pub link_to_record: bool,
}

#[derive(Clone, Debug)]
pub enum Recipients {
    Role(Identifier),
    Owner,
    /// A user field of the record.
    User(FieldIndex),
    Starter,
}

/// An approval task; the first build of the machine carries `any` mode.
#[derive(Clone, Debug)]
pub struct Approve {
    pub name: Identifier,
    pub approvers: Recipients,
    pub due: Option<String>,
    pub on_approve: Vec<Step>,
    pub on_reject: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Role {
    pub name: Identifier,
    pub label: Label,
    pub inherits: Vec<usize>,
    pub grants: Vec<GrantRule>,
}

/// One row predicate tied to one field set, for some verbs of one object.
#[derive(Clone, Debug)]
pub struct GrantRule {
    pub object: ObjectIndex,
    pub verbs: Vec<Verb>,
    pub rows: RowRule,
    /// For writes: the record as it will be; the same as `rows` when absent.
    pub rows_after: Option<RowRule>,
    pub fields: FieldSet,
    /// `allow` adds rows and fields; `deny` takes away.
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Effect {
    #[default]
    Allow,
    Deny,
}

#[derive(Clone, Debug)]
pub enum RowRule {
    Predicate(Predicate),
    /// A master_detail child follows the actor's right on its parent: read for read, update for every write.
    Parent,
}

#[derive(Clone, Debug)]
pub enum FieldSet {
    All,
    Only(Vec<FieldIndex>),
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Read,
    Query,
    Create,
    Update,
    Delete,
    Share,
    Transfer,
    Export,
    Run,
    Administer,
}

impl Verb {
    pub const ALL: [Verb; 10] = [
        Verb::Read,
        Verb::Query,
        Verb::Create,
        Verb::Update,
        Verb::Delete,
        Verb::Share,
        Verb::Transfer,
        Verb::Export,
        Verb::Run,
        Verb::Administer,
    ];

    /// The word documents use.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Query => "query",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Delete => "delete",
            Verb::Share => "share",
            Verb::Transfer => "transfer",
            Verb::Export => "export",
            Verb::Run => "run",
            Verb::Administer => "administer",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Seed {
    pub name: Identifier,
    pub object: ObjectIndex,
    /// The unique field rows are matched by, so that seeding twice changes nothing.
    pub key: FieldIndex,
    /// Field values as written; lookups by the target's external id or record name.
    pub rows: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Positions of the system fields: the same in every object.
pub mod system_field {
    use super::FieldIndex;
    pub const ID: FieldIndex = FieldIndex(0);
    pub const CREATED_AT: FieldIndex = FieldIndex(1);
    pub const CREATED_BY: FieldIndex = FieldIndex(2);
    pub const UPDATED_AT: FieldIndex = FieldIndex(3);
    pub const UPDATED_BY: FieldIndex = FieldIndex(4);
    pub const OWNER_ID: FieldIndex = FieldIndex(5);
    pub const ORG_UNIT_ID: FieldIndex = FieldIndex(6);
    pub const VERSION: FieldIndex = FieldIndex(7);
    pub const DELETED_AT: FieldIndex = FieldIndex(8);
    pub const COUNT: usize = 9;
}

/// Positions of the platform objects: the same in every snapshot.
pub mod platform_object {
    use super::ObjectIndex;
    pub const USER: ObjectIndex = ObjectIndex(0);
    pub const ORG_UNIT: ObjectIndex = ObjectIndex(1);
    pub const COUNT: usize = 2;
}

impl Snapshot {
    pub fn object(&self, index: ObjectIndex) -> &Object {
        &self.objects[index.0]
    }

    pub fn object_by_name(&self, name: &str) -> Option<&Object> {
        self.object_names.get(name).map(|index| self.object(*index))
    }

    pub fn field(&self, object: ObjectIndex, field: FieldIndex) -> &Field {
        &self.objects[object.0].fields[field.0]
    }

    pub fn role_by_name(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name.as_str() == name)
    }

    pub fn forms_of(&self, object: ObjectIndex) -> impl Iterator<Item = &Form> {
        self.forms.iter().filter(move |form| form.object == object)
    }

    pub fn views_of(&self, object: ObjectIndex) -> impl Iterator<Item = &View> {
        self.views.iter().filter(move |view| view.object == object)
    }

    /// The last field of a path.
    pub fn path_field(&self, path: &crate::expression::FieldPath) -> &Field {
        let mut object = path.object;
        for step in &path.steps[..path.steps.len() - 1] {
            if let Some(relation) = self.field(object, *step).kind.relation() {
                object = relation.target;
            }
        }
        self.field(object, path.steps[path.steps.len() - 1])
    }
}

impl Object {
    pub fn field(&self, index: FieldIndex) -> &Field {
        &self.fields[index.0]
    }

    /// By current name, former name or id.
    pub fn field_by_name(&self, name: &str) -> Option<&Field> {
        self.field_names.get(name).map(|index| self.field(*index))
    }

    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|collection| collection.name.as_str() == name)
    }

    pub fn label(&self, locale: Locale) -> String {
        self.label.or_name(locale, self.name.as_str())
    }
}

impl Field {
    pub fn label(&self, locale: Locale) -> String {
        self.label.or_name(locale, self.name.as_str())
    }
}

impl FieldKind {
    pub fn relation(&self) -> Option<&Relation> {
        match self {
            FieldKind::Lookup(r) | FieldKind::MasterDetail(r) | FieldKind::User(r) | FieldKind::OrgUnit(r) => Some(r),
            _ => None,
        }
    }

    pub fn options(&self) -> Option<&OptionSet> {
        match self {
            FieldKind::Choice(set) | FieldKind::MultiChoice(set) => Some(set),
            _ => None,
        }
    }

    /// Its values are lists of texts.
    pub fn is_list(&self) -> bool {
        matches!(self, FieldKind::MultiChoice(_) | FieldKind::Tags(_))
    }

    pub fn is_computed(&self) -> bool {
        matches!(self, FieldKind::Formula(_) | FieldKind::Rollup(_))
    }
}
