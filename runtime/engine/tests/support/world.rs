//! A small tenant on a temporary SQLite file: documents in, callers with roles, writes and reads through the pipeline.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use trellis_engine::identity::{Login, NewMember, add_member, load_actor};
use trellis_engine::publish::{Confirmation, DocumentChanges, apply};
use trellis_engine::records::{Authority, Change, Reader, Written, save_all};
use trellis_engine::request::{ChildInput, RecordInput, SelectColumn, SelectRequest, Trash};
use trellis_engine::{Caller, Error, Finding, Pinned, Runtime, StorageOptions, Tenant};
use trellis_metadata::field_type;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::Object;
use trellis_metadata::value::Value;
use uuid::Uuid;

pub struct World {
    _folder: TempDir,
    runtime: Arc<Runtime>,
    pub tenant: Arc<Tenant>,
    pub system: Caller,
}

/// A write in names.
#[derive(Clone)]
pub enum Ask {
    Create(&'static str, Json),
    Update(&'static str, Uuid, Json),
    Delete(&'static str, Uuid),
    Stale(&'static str, Uuid),
    Restore(&'static str, Uuid),
}

impl World {
    pub fn new(documents: Vec<Json>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::open(StorageOptions::new(folder.path())).unwrap();
        let tenant = runtime.create_tenant("acme").unwrap();
        let author = Caller::system(&tenant.pin());
        let texts: Vec<String> = documents.iter().map(ToString::to_string).collect();
        let changes = DocumentChanges::from_texts(texts.iter().map(String::as_str));
        let plan = apply(&tenant, changes, &Confirmation::SafeOnly, &author, "test").unwrap();
        assert!(!plan.has_errors(), "{:#?}", plan.diagnostics);
        let system = Caller::system(&tenant.pin());
        Self { _folder: folder, runtime, tenant, system }
    }

    pub fn member(&self, name: &str, roles: &[&str]) -> Caller {
        let member = NewMember {
            name: name.into(),
            email: format!("{name}@acme.example"),
            roles: roles.iter().map(ToString::to_string).collect(),
            ..NewMember::default()
        };
        let id = add_member(&self.runtime, &self.tenant, &self.system, member, Login::None).unwrap();
        let actor = load_actor(&self.tenant, id).unwrap().unwrap();
        let profile = self.tenant.pin().profile(&actor.roles);
        Caller { actor: actor.into(), profile, now: self.system.now }
    }

    pub fn ask(&self, caller: &Caller, asks: Vec<Ask>) -> Result<Vec<Written>, Error> {
        let authority = if caller.actor.user.is_nil() { Authority::System } else { Authority::Caller };
        self.tenant.write_blocking(caller.clone(), authority, move |tx| {
            let changes = asks.iter().enumerate().map(|(at, ask)| (change(tx.pinned, ask), format!("/{at}")));
            save_all(tx, changes.collect())
        })
    }

    pub fn create(&self, caller: &Caller, object: &'static str, values: Json) -> Uuid {
        self.ask(caller, vec![Ask::Create(object, values)]).unwrap()[0].id
    }

    /// The record as the system sees it; null when it is deleted.
    pub fn read(&self, object: &str, id: Uuid) -> Json {
        let pinned = self.tenant.pin();
        let object = pinned.snapshot.object_by_name(object).unwrap();
        let columns =
            object.fields.iter().map(|field| SelectColumn { field: field.index, name: field.name.to_string() });
        let request = SelectRequest {
            object: object.index,
            columns: columns.collect(),
            embeds: Vec::new(),
            filter: Predicate::Always(true),
            order: Vec::new(),
            limit: 1,
            offset: 0,
            after: None,
            trash: Trash::Exclude,
        };
        let reader = Reader::new(&pinned, &self.system);
        match self.tenant.handle.read(|session| reader.one(session, &request, id)) {
            Err(Error::NotFound) => Json::Null,
            page => {
                let page = page.unwrap();
                let row = &page.rows[0];
                let cells =
                    page.plan.columns.iter().map(|column| (column.name.clone(), row.value(column.index).to_json()));
                Json::Object(cells.collect())
            }
        }
    }
}

fn change(pinned: &Pinned, ask: &Ask) -> Change {
    let object = |name: &str| pinned.snapshot.object_by_name(name).unwrap();
    match ask {
        Ask::Create(name, values) => Change::Create(input(pinned, object(name), values)),
        Ask::Update(name, id, values) => {
            Change::Update { id: *id, expected: None, input: input(pinned, object(name), values) }
        }
        Ask::Delete(name, id) => Change::Delete { object: object(name).index, id: *id, expected: None },
        Ask::Restore(name, id) => Change::Restore { object: object(name).index, id: *id, expected: None },
        Ask::Stale(name, id) => {
            Change::Update { id: *id, expected: Some(99), input: input(pinned, object(name), &json!({})) }
        }
    }
}

fn input(pinned: &Pinned, object: &Object, values: &Json) -> RecordInput {
    let mut input = RecordInput {
        object: object.index,
        id: None,
        values: std::collections::BTreeMap::default(),
        children: Vec::new(),
    };
    for (name, value) in values.as_object().unwrap() {
        if name == "id" {
            input.id = Some(value.as_str().unwrap().parse().unwrap());
        } else if let Some(at) = object.collections.iter().position(|collection| collection.name.as_str() == name) {
            let child = pinned.snapshot.object(object.collections[at].object);
            let rows = value.as_array().unwrap().iter().map(|row| {
                let mut row = row.clone();
                let delete = row.as_object_mut().unwrap().remove("_delete").is_some();
                ChildInput { record: self::input(pinned, child, &row), delete }
            });
            input.children.push((at, rows.collect()));
        } else {
            let field = object.field_by_name(name).unwrap();
            let value = match value {
                Json::Null => Value::Null,
                value if field.name.as_str() == "owner_id" => Value::Id(value.as_str().unwrap().parse().unwrap()),
                value => field_type::check(field, value).unwrap(),
            };
            input.values.insert(field.index, value);
        }
    }
    input
}

/// What a refusal tells, in one line.
pub fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(_) => "done".into(),
        Err(Error::Invalid(findings)) => {
            let line = |finding: &Finding| format!("{} {:?}", finding.pointer, finding.code);
            findings.iter().map(line).collect::<Vec<_>>().join("; ")
        }
        Err(Error::Stale { .. }) => "stale".into(),
        Err(error) => error.to_string(),
    }
}
