//! Statements of the write pipeline, planned once per publish and kept.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use trellis_access::Grant;
use trellis_metadata::expression::{STORED_HOPS, Scope, lower};
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, FieldKind, Hop, ObjectIndex, Rollup, Snapshot, Verb};
use trellis_plan::records::{self, Closure, IdSlots, Lock, closure};
use trellis_plan::request::Trash;
use trellis_plan::{Dialect, Statement};

use crate::Error;

/// What a kept statement does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Load(ObjectIndex, Lock, Trash),
    Find(ObjectIndex, Vec<FieldIndex>),
    Insert(ObjectIndex),
    Update(ObjectIndex, Vec<FieldIndex>),
    Delete(ObjectIndex),
    Restore(ObjectIndex, Vec<FieldIndex>),
    Purge(ObjectIndex),
    ForgetHistory,
    ForgetHistoryBefore,
    Referrers(ObjectIndex, FieldIndex, Trash),
    LoadAll(ObjectIndex, Lock, IdSlots),
    Reach(ObjectIndex, FieldIndex, FieldIndex, IdSlots),
    Rollup(ObjectIndex, FieldIndex, IdSlots),
    SetAll(ObjectIndex, FieldIndex, IdSlots),
    History,
    Outbox,
    Sequence,
    Above(Closure),
    AddNode(Closure),
    Detach(Closure),
    Attach(Closure),
}

/// A store of statements for one snapshot.
pub struct Statements {
    dialect: Dialect,
    kept: RwLock<HashMap<Key, Arc<Statement>>>,
}

type Kept = Result<Arc<Statement>, Error>;

impl Statements {
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, kept: RwLock::default() }
    }

    fn keep(&self, key: Key, plan: impl FnOnce(Dialect) -> Result<Statement, trellis_plan::Error>) -> Kept {
        if let Some(statement) = self.kept.read().get(&key) {
            return Ok(statement.clone());
        }
        let statement = Arc::new(plan(self.dialect)?);
        Ok(self.kept.write().entry(key).or_insert(statement).clone())
    }

    pub fn load(&self, snapshot: &Snapshot, object: ObjectIndex, lock: Lock, trash: Trash) -> Kept {
        self.keep(Key::Load(object, lock, trash), |dialect| {
            records::load(snapshot, dialect, &system(snapshot, object, Verb::Read), lock, trash)
        })
    }

    pub fn find(&self, snapshot: &Snapshot, object: ObjectIndex, key: &[FieldIndex]) -> Kept {
        self.keep(Key::Find(object, key.to_vec()), |dialect| {
            records::find(snapshot, dialect, &system(snapshot, object, Verb::Read), key)
        })
    }

    pub fn insert(&self, snapshot: &Snapshot, object: ObjectIndex) -> Kept {
        self.keep(Key::Insert(object), |dialect| {
            records::insert(snapshot, dialect, &system(snapshot, object, Verb::Create), 1)
        })
    }

    pub fn update(&self, snapshot: &Snapshot, object: ObjectIndex, fields: &[FieldIndex]) -> Kept {
        self.keep(Key::Update(object, fields.to_vec()), |dialect| {
            records::update(snapshot, dialect, &system(snapshot, object, Verb::Update), fields)
        })
    }

    pub fn delete(&self, snapshot: &Snapshot, object: ObjectIndex) -> Kept {
        self.keep(Key::Delete(object), |dialect| {
            records::delete(snapshot, dialect, &system(snapshot, object, Verb::Delete))
        })
    }

    pub fn restore(&self, snapshot: &Snapshot, object: ObjectIndex, fields: &[FieldIndex]) -> Kept {
        self.keep(Key::Restore(object, fields.to_vec()), |dialect| {
            records::restore(snapshot, dialect, &system(snapshot, object, Verb::Delete), fields)
        })
    }

    pub fn purge(&self, snapshot: &Snapshot, object: ObjectIndex) -> Kept {
        self.keep(Key::Purge(object), |dialect| {
            records::purge(snapshot, dialect, &system(snapshot, object, Verb::Administer))
        })
    }

    pub fn forget_history(&self, snapshot: &Snapshot) -> Kept {
        self.keep(Key::ForgetHistory, |dialect| records::forget_history(snapshot, dialect))
    }

    pub fn forget_history_before(&self, snapshot: &Snapshot) -> Kept {
        self.keep(Key::ForgetHistoryBefore, |dialect| records::forget_history_before(snapshot, dialect))
    }

    pub fn referrers(&self, snapshot: &Snapshot, object: ObjectIndex, via: FieldIndex, trash: Trash) -> Kept {
        self.keep(Key::Referrers(object, via, trash), |dialect| {
            records::referrers(snapshot, dialect, &system(snapshot, object, Verb::Update), via, Lock::ForUpdate, trash)
        })
    }

    pub fn load_all(&self, snapshot: &Snapshot, object: ObjectIndex, lock: Lock, ids: IdSlots) -> Kept {
        self.keep(Key::LoadAll(object, lock, ids), |dialect| {
            records::load_all(snapshot, dialect, &system(snapshot, object, Verb::Read), lock, ids)
        })
    }

    pub fn reach(&self, snapshot: &Snapshot, hop: Hop, wanted: FieldIndex, ids: IdSlots) -> Kept {
        self.keep(Key::Reach(hop.object, hop.lookup, wanted, ids), |dialect| {
            records::reach(snapshot, dialect, hop.object, hop.lookup, wanted, ids)
        })
    }

    pub fn rollup(&self, snapshot: &Snapshot, object: ObjectIndex, field: FieldIndex, ids: IdSlots) -> Kept {
        let FieldKind::Rollup(rollup) = &snapshot.field(object, field).kind else {
            return Err(Error::Internal("a roll-up was expected".into()));
        };
        self.keep(Key::Rollup(object, field, ids), |dialect| {
            records::rollup(snapshot, dialect, rollup, &counted(snapshot, rollup)?, ids)
        })
    }

    pub fn set_all(&self, snapshot: &Snapshot, object: ObjectIndex, field: FieldIndex, pairs: IdSlots) -> Kept {
        self.keep(Key::SetAll(object, field, pairs), |dialect| {
            records::set_all(snapshot, dialect, &system(snapshot, object, Verb::Update), field, pairs)
        })
    }

    pub fn history(&self, snapshot: &Snapshot) -> Kept {
        self.keep(Key::History, |dialect| records::history(snapshot, dialect))
    }

    pub fn outbox(&self, snapshot: &Snapshot) -> Kept {
        self.keep(Key::Outbox, |dialect| records::outbox(snapshot, dialect))
    }

    pub fn sequence(&self, snapshot: &Snapshot) -> Kept {
        self.keep(Key::Sequence, |dialect| records::sequence(snapshot, dialect))
    }

    pub fn is_above(&self, snapshot: &Snapshot, tree: Closure) -> Kept {
        self.keep(Key::Above(tree), |dialect| closure::is_above(tree, snapshot, dialect))
    }

    pub fn add_node(&self, snapshot: &Snapshot, tree: Closure) -> Kept {
        self.keep(Key::AddNode(tree), |dialect| closure::add_node(tree, snapshot, dialect))
    }

    pub fn detach(&self, snapshot: &Snapshot, tree: Closure) -> Kept {
        self.keep(Key::Detach(tree), |dialect| closure::detach(tree, snapshot, dialect))
    }

    pub fn attach(&self, snapshot: &Snapshot, tree: Closure) -> Kept {
        self.keep(Key::Attach(tree), |dialect| closure::attach(tree, snapshot, dialect))
    }
}

/// Which children count. The resolver has refused what cannot be lowered.
fn counted(snapshot: &Snapshot, rollup: &Rollup) -> Result<Predicate, trellis_plan::Error> {
    let Some(filter) = &rollup.filter else { return Ok(Predicate::Always(true)) };
    let (objects, max_hops) = (snapshot.objects.as_slice(), STORED_HOPS);
    let scope = Scope { objects, record: rollup.object, previous: false, max_hops, volatile: false };
    lower(filter, &scope).map_err(|_| trellis_plan::Error::TooComplex)
}

fn system(snapshot: &Snapshot, object: ObjectIndex, verb: Verb) -> Grant {
    Grant::system(object, verb, snapshot.object(object).fields.len())
}
