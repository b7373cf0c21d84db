//! What pages read, all through the gate: rows with every readable field, the names of the records they point at,
//! choices for lookups, the lines and history of a record.

use std::collections::{BTreeMap, BTreeSet};

use trellis_engine::records::{
    Authority, Image, Kept, Page, RESTORED, Reader, RecordFacts, Related, Transaction, Version, versions,
};
use trellis_engine::request::{MAX_LIMIT, Nulls, OrderKey, SelectColumn, SelectRequest, Trash};
use trellis_engine::{Error, Session};
use trellis_forms::{
    ChildRows, FormInput, Happened, HistoryEntry, Labels, LookupOptions, Lookups, RowView, file_place,
};
use trellis_metadata::expression::{Expression, is_true};
use trellis_metadata::field_type;
use trellis_metadata::predicate::{CompareOp, FieldPath, Operand, Predicate};
use trellis_metadata::snapshot::{FieldIndex, Object, ObjectIndex, SortKey, Verb, platform_object, system_field};
use trellis_metadata::value::Value;
use uuid::Uuid;

use super::Visitor;

/// Choices offered as a plain list; more are found by typing.
const PLAIN_CHOICES: u32 = 50;
/// Children shown below a record.
const CHILDREN: u32 = 200;
const HISTORY: usize = 50;

/// The condition that a field has this value.
pub fn equals(object: ObjectIndex, field: FieldIndex, value: Value) -> Predicate {
    let left = Operand::Field(FieldPath { object, steps: vec![field] });
    Predicate::Compare { left, op: CompareOp::Eq, right: Operand::Value(value) }
}

pub struct Desk<'v, 's> {
    pub visitor: &'v Visitor,
    pub session: &'s mut dyn Session,
}

impl Desk<'_, '_> {
    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.visitor.pinned, &self.visitor.caller)
    }

    /// Everything readable of an object.
    pub fn request(
        &self,
        object: &Object,
        filter: Predicate,
        order: Vec<SortKey>,
        limit: u32,
    ) -> Result<SelectRequest, Error> {
        let grant = self.visitor.caller.profile.grant(object.index, Verb::Read).ok_or(Error::NotFound)?;
        let columns =
            grant.fields().iter().map(|field| SelectColumn { field, name: object.field(field).name.to_string() });
        let key = |key: SortKey| OrderKey {
            field: key.field,
            descending: key.descending,
            nulls: if key.descending { Nulls::First } else { Nulls::Last },
        };
        Ok(SelectRequest {
            object: object.index,
            columns: columns.collect(),
            embeds: Vec::new(),
            filter,
            order: order.into_iter().map(key).collect(),
            limit,
            offset: 0,
            after: None,
            trash: Trash::Exclude,
        })
    }

    pub fn page(&mut self, request: &SelectRequest) -> Result<Page, Error> {
        let reader = Reader::new(&self.visitor.pinned, &self.visitor.caller);
        reader.list(self.session, request)
    }

    pub fn rows(&mut self, request: &SelectRequest) -> Result<Vec<RowView>, Error> {
        Ok(views(&self.page(request)?))
    }

    /// One record as the visitor may see it, and its version.
    pub fn record(&mut self, object: &Object, id: Uuid) -> Result<(RowView, i64), Error> {
        let request = self.request(object, equals(object.index, system_field::ID, Value::Id(id)), Vec::new(), 1)?;
        let row = self.rows(&request)?.into_iter().next().ok_or(Error::NotFound)?;
        let version = row.value(system_field::VERSION).as_integer().unwrap_or_default();
        Ok((row, version))
    }

    /// Names of the records that these rows point at, as far as the visitor may read them.
    pub fn labels<'r>(&mut self, rows: impl IntoIterator<Item = (&'r Object, &'r RowView)>) -> Result<Labels, Error> {
        let mut wanted: BTreeMap<ObjectIndex, BTreeSet<Uuid>> = BTreeMap::new();
        let mut files = Vec::new();
        for (object, row) in rows {
            for field in &object.fields {
                if let (Some(relation), Some(id)) = (field.kind.relation(), row.value(field.index).as_id()) {
                    wanted.entry(relation.target).or_default().insert(id);
                }
                if let (Some(_), Some(id)) = (field.kind.file(), row.value(field.index).as_id()) {
                    files.push(id);
                }
            }
        }
        let mut labels = trellis_engine::files::names(self.session, &files)?;
        for (target, ids) in wanted {
            self.name(target, ids, &mut labels)?;
        }
        Ok(labels)
    }

    fn name(&mut self, target: ObjectIndex, ids: BTreeSet<Uuid>, labels: &mut Labels) -> Result<(), Error> {
        let snapshot = self.visitor.pinned.snapshot.clone();
        let object = snapshot.object(target);
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for chunk in ids.chunks(200) {
            let left = Operand::Field(FieldPath { object: target, steps: vec![system_field::ID] });
            let items = chunk.iter().map(|id| Operand::Value(Value::Id(*id))).collect();
            match self.request(object, Predicate::In { left, items }, Vec::new(), MAX_LIMIT) {
                Ok(request) => labels.extend(
                    self.rows(&request)?.into_iter().map(|row| (row.id, row.value(object.record_name).to_string())),
                ),
                // Hidden objects leave their records without a name.
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Names of the files a form was sent with, as far as they are the visitor's to see.
    pub fn name_sent(&mut self, object: &Object, input: &FormInput, labels: &mut Labels) -> Result<(), Error> {
        let visitor = self.visitor;
        let snapshot = visitor.pinned.snapshot.clone();
        let sent: BTreeSet<Uuid> = input
            .names()
            .filter(|name| file_place(&snapshot, object, name).is_some())
            .filter_map(|name| input.get(name)?.parse().ok())
            .collect();
        for id in sent {
            match trellis_engine::files::find(self.session, &visitor.pinned, &visitor.caller, id) {
                Ok(attachment) => drop(labels.insert(id, attachment.name)),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Records to choose from for every lookup of these objects.
    pub fn lookups(&mut self, objects: &[&Object]) -> Result<Lookups, Error> {
        let relations = objects
            .iter()
            .flat_map(|object| &object.fields)
            .filter(|field| field.writable())
            .filter_map(|field| field.kind.relation());
        let targets: BTreeSet<ObjectIndex> = relations.map(|relation| relation.target).collect();
        let snapshot = self.visitor.pinned.snapshot.clone();
        let mut lookups = Lookups::new();
        for target in targets {
            let object = snapshot.object(target);
            let order = vec![SortKey { field: object.record_name, descending: false }];
            let Ok(request) = self.request(object, Predicate::Always(true), order, PLAIN_CHOICES + 1) else { continue };
            let rows = self.rows(&request)?;
            let complete = rows.len() <= PLAIN_CHOICES as usize;
            let options = rows
                .into_iter()
                .take(PLAIN_CHOICES as usize)
                .map(|row| (row.id, row.value(object.record_name).to_string()))
                .collect();
            lookups.insert(target, LookupOptions { options, complete });
        }
        Ok(lookups)
    }

    /// The one record of this name that the visitor may read.
    pub fn find_by_name(&mut self, target: ObjectIndex, name: &str) -> Result<Option<Uuid>, Error> {
        let snapshot = self.visitor.pinned.snapshot.clone();
        let object = snapshot.object(target);
        let request = self.request(object, equals(target, object.record_name, Value::text(name)), Vec::new(), 2)?;
        let rows = self.rows(&request)?;
        Ok(if let [only] = rows.as_slice() { Some(only.id) } else { None })
    }

    /// Children of a record in every collection the visitor may read; of a new one, what he could add.
    pub fn children(&mut self, object: &Object, id: Option<Uuid>) -> Result<Vec<ChildRows>, Error> {
        let snapshot = self.visitor.pinned.snapshot.clone();
        let mut all = Vec::new();
        for (position, collection) in object.collections.iter().enumerate() {
            let profile = self.visitor.caller.profile.clone();
            let Some(read) = profile.grant(collection.object, Verb::Read) else { continue };
            let child = snapshot.object(collection.object);
            let mut rows = Vec::new();
            if let Some(id) = id {
                let order = vec![SortKey { field: system_field::CREATED_AT, descending: false }];
                let order = if read.covers(system_field::CREATED_AT) { order } else { Vec::new() };
                let request =
                    self.request(child, equals(child.index, collection.via, Value::Id(id)), order, CHILDREN + 1)?;
                rows = self.rows(&request)?;
            }
            let more = rows.len() > CHILDREN as usize;
            rows.truncate(CHILDREN as usize);
            let mut writable =
                profile.grant(child.index, Verb::Create).map(|grant| grant.fields().clone()).unwrap_or_default();
            if let Some(update) = profile.grant(child.index, Verb::Update) {
                writable.union(update.fields());
            }
            all.push(ChildRows {
                collection: position,
                rows,
                more,
                readable: read.fields().clone(),
                writable,
                can_create: profile.may(child.index, Verb::Create),
                can_delete: profile.may(child.index, Verb::Delete),
            });
        }
        Ok(all)
    }

    /// What happened to a record, as far as the visitor may know.
    pub fn history(&mut self, object: &Object, id: Uuid) -> Result<Vec<HistoryEntry>, Error> {
        if !object.history {
            return Ok(Vec::new());
        }
        let tx = Transaction::new(self.session, &self.visitor.pinned, &self.visitor.caller, Authority::Caller);
        let past = versions(&tx, object, id, None, HISTORY)?;
        tx.raise_failure()?;
        Ok(past.versions.into_iter().map(entry).collect())
    }

    /// Names for everything a history mentions.
    pub fn history_labels(
        &mut self,
        object: &Object,
        history: &[HistoryEntry],
        labels: &mut Labels,
    ) -> Result<(), Error> {
        let who: BTreeSet<Uuid> = history.iter().filter_map(|entry| entry.who).collect();
        self.name(platform_object::USER, who, labels)?;
        let mut mentioned = RowView::default();
        for (field, before, after) in history.iter().flat_map(|entry| &entry.changes) {
            for value in [before, after] {
                mentioned.values.insert(*field, value.clone());
                labels.extend(self.labels([(object, &mentioned)])?);
            }
            mentioned.values.clear();
        }
        Ok(())
    }

    /// Runs `ask` with an evaluator of the form's conditions for this record.
    pub fn with_conditions<T>(
        &mut self,
        object: &Object,
        row: &RowView,
        before: Option<&RowView>,
        ask: impl FnOnce(&dyn Fn(&Expression) -> bool) -> T,
    ) -> Result<T, Error> {
        let tx = Transaction::new(self.session, &self.visitor.pinned, &self.visitor.caller, Authority::Caller);
        let (after, before) = (image(object, row), before.map(|row| image(object, row)));
        let facts = RecordFacts {
            transaction: &tx,
            object: object.index,
            before: before.as_ref(),
            after: &after,
            related: Related::Current,
        };
        let answer = ask(&|condition| is_true(condition, &facts));
        tx.raise_failure()?;
        Ok(answer)
    }

    pub fn unread(&mut self) -> Result<u64, Error> {
        Ok(trellis_engine::unread(self.session, self.visitor.caller.actor.user)?)
    }

    /// The gate this desk reads through.
    pub fn gate(&self) -> Reader<'_> {
        self.reader()
    }
}

pub fn image(object: &Object, row: &RowView) -> Image {
    let mut image = Image::empty(object);
    for (field, value) in &row.values {
        image.set(*field, field_type::from_stored(object.field(*field), value.clone()));
    }
    image
}

/// Rows of a page as the page builders take them.
pub fn views(page: &Page) -> Vec<RowView> {
    let view = |row: &std::sync::Arc<trellis_engine::records::OwnedRow>| RowView {
        id: row.value(page.plan.id).as_id().unwrap_or_default(),
        values: page.plan.columns.iter().map(|column| (column.field, row.value(column.index))).collect(),
        color: None,
    };
    page.rows.iter().map(view).collect()
}

fn entry(version: Version) -> HistoryEntry {
    let shown = |kept| if let Kept::Shown(value) = kept { value } else { Value::Null };
    let own = version.changes.into_iter().filter(|change| change.field.0 >= system_field::COUNT);
    HistoryEntry {
        at: version.at,
        who: version.actor.filter(|actor| !actor.is_nil()),
        kind: match version.kind.as_str() {
            "create" => Happened::Created,
            "delete" => Happened::Deleted,
            RESTORED => Happened::Restored,
            _ => Happened::Updated,
        },
        version: version.version,
        changes: own.map(|change| (change.field, shown(change.before), shown(change.after))).collect(),
    }
}
